"""Installation on a phone: manifest, service worker, and the page shown without a connection."""

from __future__ import annotations

from hashlib import sha256

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadlight.accounts.organization import organization

GROUND = "#f5f6f8"  # colour of the page behind its content, in light mode: --ground in app.css
CACHED = ("leadlight/app.css", "leadlight/icon.svg")


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """Return the manifest (W3C Web Application Manifest), in the language of the visitor."""
    company = organization().name
    content = {
        "id": "/",
        "name": f"Leadlight · {company}" if company else "Leadlight",
        "short_name": "Leadlight",
        "start_url": reverse("today"),
        "scope": "/",
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": GROUND,
        "icons": [
            _icon("leadlight/icon.svg", "any", "image/svg+xml"),
            _icon("leadlight/icon-192.png", "192x192"),
            _icon("leadlight/icon-512.png", "512x512"),
            _icon("leadlight/icon-512.png", "512x512") | {"purpose": "maskable"},
        ],
        "shortcuts": [
            {"name": name, "url": reverse(page)}
            for name, page in (
                (_("New lead"), "new_lead"),
                (_("Today"), "today"),
                (_("Search"), "search"),
            )
        ],
        "share_target": {
            "action": reverse("share"),
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {
                "title": "title",
                "text": "text",
                "url": "url",
                "files": [{"name": "contact", "accept": ["text/vcard", "text/x-vcard", ".vcf"]}],
            },
        },
    }
    return JsonResponse(content, content_type="application/manifest+json")


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """Return the service worker. Its text changes with the files that it keeps, and so it updates.

    It stands at the root, because a worker controls only the pages below its own address.
    """
    kept = [reverse("offline"), *map(static, CACHED)]
    version = sha256(render_to_string("web_app/offline.html").encode()).hexdigest()[:12]
    context = {"kept": kept, "offline": reverse("offline"), "version": version}
    return render(request, "web_app/worker.js", context, content_type="text/javascript")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Show that there is no connection, in both languages: the worker keeps one copy for all."""
    return render(request, "web_app/offline.html")


def _icon(path: str, sizes: str, kind: str = "image/png") -> dict[str, str]:
    return {"src": static(path), "sizes": sizes, "type": kind}

"""Root URL configuration."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path

from leadlight.web.settings import organization


def not_here(request: HttpRequest) -> HttpResponse:
    """Return 404 for allauth's email page: only an admin changes the addresses of accounts."""
    raise Http404


def icon(request: HttpRequest) -> HttpResponse:
    """Redirect to the icon; browsers ask for this address by themselves.

    The page of a 404 would set a new CSRF cookie, and the form on the page that loads at the same
    time would be refused.
    """
    return redirect(static("leadlight/icon.svg"))


handler500 = "leadlight.web.shell.busy.broken"

urlpatterns: list[URLPattern | URLResolver] = [
    path("favicon.ico", icon),
    path("logo/<slug:digest>.webp", organization.logo, name="logo"),
    path("accounts/email/", not_here),
    path("accounts/", include("allauth.urls")),
    path("", include("leadlight.web.urls")),
]

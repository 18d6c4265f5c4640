"""Root URL configuration."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path


def not_here(request: HttpRequest) -> HttpResponse:
    """Return 404 for allauth's email page: only an admin changes the addresses of accounts."""
    raise Http404


handler500 = "leadlight.web.shell.busy.broken"

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/email/", not_here),
    path("accounts/", include("allauth.urls")),
    path("", include("leadlight.web.urls")),
]

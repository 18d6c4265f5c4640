"""Every address of the site."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path


def not_here(request: HttpRequest) -> HttpResponse:
    """What allauth offers and we do not: an admin writes the addresses people sign in with."""
    raise Http404


handler500 = "leadlight.web.shell.busy.broken"

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/email/", not_here),
    path("accounts/", include("allauth.urls")),
    path("", include("leadlight.web.urls")),
]

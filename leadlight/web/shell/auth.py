"""Guards of views: sign-in, and admins only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from leadlight.accounts.models import User
from leadlight.web.shell.errors import refused

View = Callable[..., HttpResponseBase]


class ReaderRequest(HttpRequest):
    """Request of a view decorated with `signed_in`: the user is authenticated."""

    user: User
    htmx: HtmxDetails


def signed_in(view: View) -> View:
    """Redirect anonymous users to the sign-in page, and from there back to the requested page.

    For an htmx request, a redirect would put the sign-in page into a part of the current page.
    Instead, the response reloads the current page, which then redirects.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if getattr(request, "htmx", False):
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return redirect_to_login(request.get_full_path())

    return guarded


def for_admins(view: View) -> View:
    """Refuse users who are not admins, with status 403. Must be applied inside `signed_in`."""

    @wraps(view)
    def guarded(request: ReaderRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_admin:
            return refused(request, _("Only admins can change this setting."), status=403)
        return view(request, *args, **kwargs)

    return guarded

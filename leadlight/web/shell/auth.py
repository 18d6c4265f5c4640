"""The doors of pages: of every page that is not for strangers, and of those for admins."""

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
    """What a view behind this door is asked with: somebody has signed in."""

    user: User
    htmx: HtmxDetails


def signed_in(view: View) -> View:
    """Sends strangers to the sign-in page, and from there back to the page they wanted.

    Where only a part of a page was asked for, the sign-in would land in that part: then the
    browser is told to load its page anew, which brings it here again.
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
    """Refuses everybody but admins; within `signed_in`."""

    @wraps(view)
    def guarded(request: ReaderRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_admin:
            return refused(request, _("This is set by admins."), status=403)
        return view(request, *args, **kwargs)

    return guarded

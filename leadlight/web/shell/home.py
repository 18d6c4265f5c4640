"""Landing page after sign-in."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect

from leadlight.accounts.models import User
from leadlight.sales.models import Lead
from leadlight.web.shell.auth import ReaderRequest, signed_in


@signed_in
def home(request: ReaderRequest) -> HttpResponse:
    """Redirect sellers to their work of today, and other users to the overview.

    While there is no lead, admins are redirected to the first steps.
    """
    if request.user.is_admin and not Lead.objects.exists():
        return redirect("first_steps")
    return redirect("today" if request.user.role == User.Role.USER else "overview")

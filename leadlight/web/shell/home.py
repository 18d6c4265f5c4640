"""Landing page after sign-in."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect

from leadlight.web.shell.auth import ReaderRequest, signed_in


@signed_in
def home(request: ReaderRequest) -> HttpResponse:
    return redirect("overview")

"""Settings page of the organisation, for admins, and its logo."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from leadlight.accounts.models import Organization
from leadlight.accounts.organization import organization as current
from leadlight.presentation import formats
from leadlight.sales import organization_settings
from leadlight.sales.logos import path_of_logo
from leadlight.web.settings.organization_form import OrganizationForm, currencies, time_zones
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in
from leadlight.web.shell.changes import act
from leadlight.web.shell.uploads import dropped_files

FOR_A_YEAR = "public, max-age=31536000, immutable"


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def organization(request: ReaderRequest) -> HttpResponse:
    """Show the settings; a POST saves those that the user changed, and offers an undo."""
    company = Organization.current()
    if request.method == "POST":
        form = OrganizationForm(
            company, request.POST, request.FILES, dropped=bool(dropped_files(request))
        )
        if form.is_valid():
            try:
                act(request, lambda: _saved(request, form))
            except ValidationError as wrong:
                form.add_errors(wrong)
            else:
                return redirect("organization")
    else:
        form = OrganizationForm(company)
    context = {
        "form": form,
        "company": company,
        "time_zones": time_zones(),
        "currencies": currencies(formats.language()),
    }
    status = 400 if form.is_bound else 200
    return render(request, "settings/organization.html", context, status=status)


def _saved(request: ReaderRequest, form: OrganizationForm) -> str:
    if not form.changes:
        return str(_("Nothing has changed."))
    organization_settings.change(form.changes, by=request.user)
    return str(_("Organisation saved."))


@require_safe
def logo(request: HttpRequest, digest: str) -> HttpResponseBase:
    """Send the logo, also without a sign-in. A changed logo has another address."""
    path = path_of_logo(current())
    if path is None or current().logo != digest:
        raise Http404
    response = FileResponse(path.open("rb"), content_type="image/webp")
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = FOR_A_YEAR
    return response

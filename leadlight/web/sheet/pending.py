"""Progress of the rows that are being added to a prospecting list, and its cancellation."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from leadlight.sales.models import PendingRows
from leadlight.sales.prospecting import pending_rows
from leadlight.web.sheet.query import Sheet
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.errors import refused


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def pending(request: ReaderRequest, key: str) -> HttpResponse:
    """Show the progress; a POST cancels the rows that are not added yet."""
    sheet = Sheet.of(request.user, key)
    if request.method != "POST":
        found = PendingRows.objects.filter(prospecting_list=sheet.prospecting_list).first()
        context = {"list": sheet.prospecting_list, "sheet": sheet, "pending": found}
        return render(request, "sheet/pending.html", context)
    if not sheet.is_editable:
        return refused(request, _("You cannot change this list."), status=403)
    pending_rows.stop(sheet.prospecting_list)
    return redirect("sheet", key)

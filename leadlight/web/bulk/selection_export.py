"""Export of selected leads, with the columns and in the order of their list."""

from __future__ import annotations

from django.http import Http404, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from leadlight.analytics.query.phrases import BadFilter
from leadlight.sales.lead_order import ordered
from leadlight.sales.refusals import Refused
from leadlight.web.bulk.selection import LEADS, LONGEST_QUERY, Selection
from leadlight.web.leads.list_export import address_of, file_name, filter_texts, sheet_of
from leadlight.web.leads.list_query import ListQuery
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.downloads import download, record_export, refuse_unknown_kind
from leadlight.web.shell.errors import refused, refused_query
from leadlight.web.shell.query_string import params_in

# Field of the form with the query string of the list: its filters, sort and columns.
SHOWN = "shown"


@signed_in
@require_POST
def selection_export(request: ReaderRequest, kind: str) -> HttpResponseBase:
    """Download the selected leads that the user may see, or all that the list finds."""
    refuse_unknown_kind(kind)
    selection = Selection.from_post(request)
    if selection.scope != LEADS:
        raise Http404
    shown = QueryDict(request.POST.get(SHOWN, "")[:LONGEST_QUERY])
    try:
        query = ListQuery.from_params(params_in(shown)).read_by(request.user)
    except (BadFilter, Refused) as bad:
        return refused_query(request, bad, _("Leads"), "leads")
    if selection.is_all:
        order, filters = query.order(request.user), filter_texts(request.user, query)
    else:
        order = ordered(selection.leads(request), query.sort)
        filters = [_("Selected leads")]
    if order.count == 0:
        return refused(request, _("Select leads first."), back=(_("Leads"), reverse("leads")))
    address = address_of(request, query)
    record_export(request, "list", "Selected leads" if not selection.is_all else "Leads", address)
    sheet = sheet_of(order, query.built_in, query.columns, filters, address)
    return download(sheet, file_name(), kind)

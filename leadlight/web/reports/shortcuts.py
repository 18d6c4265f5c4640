"""Pages of shortcuts: save a report with its filters, open, pin, share and delete it."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadlight.analytics.query.dimensions import DIMENSIONS, LEAD_FILTERS, REPORT_FILTERS
from leadlight.analytics.query.lead_filter import UNKNOWN, LeadFilter
from leadlight.analytics.query.phrases import BadFilter, Phrase, gettext_noop
from leadlight.analytics.reports import CATALOGUE
from leadlight.analytics.reports.contract import Report
from leadlight.presentation import labels
from leadlight.presentation.links import path_of, report_address, shortcut_address
from leadlight.presentation.refusals import refusal
from leadlight.reporting import shortcuts as rules
from leadlight.reporting.choice_fields import unknown_choices
from leadlight.reporting.reader import report_reader
from leadlight.sales import access
from leadlight.sales.models import Shortcut
from leadlight.sales.models.shortcuts import LEADS
from leadlight.web.reports.page import PAGE_PARAMS, known_report
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.errors import refused
from leadlight.web.shell.shortcut_form import SaveForm, ShortcutForm, sharing_in_words

# In characters; servers and browsers accept addresses of this length.
LONGEST_ADDRESS = 8_000

Pair = tuple[str, str]


@dataclass(frozen=True)
class ShortcutLine:
    """A shortcut in the list."""

    shortcut: Shortcut
    report: str
    sharing: str
    is_own: bool
    may_change: bool
    may_be_mailed: bool


@signed_in
@require_safe
def shortcuts(request: ReaderRequest) -> HttpResponse:
    """List the shortcuts visible to the user, the pinned ones first in their order."""
    seen = rules.visible(request.user).select_related("owner", "team")
    lines = [
        ShortcutLine(
            shortcut,
            _title(shortcut),
            sharing_in_words(shortcut),
            shortcut.owner_id == request.user.pk,
            rules.may_change(request.user, shortcut),
            may_be_mailed=shortcut.report in CATALOGUE,
        )
        for shortcut in seen
    ]
    lines.sort(key=lambda line: (_place(line.shortcut), line.shortcut.name.casefold()))
    return render(request, "shortcuts/list.html", {"lines": lines})


def _title(shortcut: Shortcut) -> str:
    if shortcut.report == LEADS:
        return _("Leads")
    return _(CATALOGUE[shortcut.report].title) if shortcut.report in CATALOGUE else "–"


def _place(shortcut: Shortcut) -> tuple[bool, int]:
    place = getattr(shortcut, "place", None)
    return place is None, place or 0


@signed_in
@require_POST
def save(request: ReaderRequest) -> HttpResponse:
    """Save the query of a report's page as a shortcut; render the form again if it is invalid."""
    report = known_report(request.POST.get("report", ""))
    try:
        address, query = _canonical(request, report)
    except BadFilter as bad:
        return refused(request, refusal(bad), back=(_(report.title), path_of("report", report.key)))
    form = SaveForm(request.user, request.POST)
    shortcut = Shortcut(owner=request.user, report=report.key, query=query)
    if not (form.is_valid() and form.save_to(shortcut)):
        context = {"form": form, "report": report, "query": query, "back": address}
        context |= {"back_title": _(report.title)}
        return render(request, "shortcuts/new.html", context, status=400)
    if form.cleaned_data["is_pinned"]:
        rules.pin(request.user, shortcut)
    if form.cleaned_data["is_default"]:
        rules.make_default(request.user, shortcut)
    messages.success(request, _("Saved as the shortcut “%(name)s”.") % {"name": shortcut.name})
    return redirect(address)


def _canonical(request: ReaderRequest, report: Report) -> tuple[str, str]:
    """Return the canonical address of the submitted query, and its query string.

    Raises BadFilter for an invalid, missing or too long query.
    """
    if "query" not in request.POST:
        raise BadFilter(gettext_noop("There is no report to save. Open a report first."))
    params = parse_qs(request.POST["query"].replace("\0", "\N{REPLACEMENT CHARACTER}"))
    shown, filters = report_reader(request.user).read(report, params, PAGE_PARAMS)
    page_params = {name: list(params[name]) for name in PAGE_PARAMS if name in params}
    address = report_address(shown, filters, **page_params)
    if len(address) > LONGEST_ADDRESS:
        raise BadFilter(
            gettext_noop("This report has too many filters for a shortcut. Remove some of them.")
        )
    return address, address.partition("?")[2]


@signed_in
@require_safe
def open_shortcut(request: ReaderRequest, key: str) -> HttpResponseBase:
    """Redirect to the report, or list the filter values that do not exist for the reader.

    Values out of the reader's scope have the same message as values that do not exist.
    """
    shortcut = _visible(request, key)
    title = _("Leads") if shortcut.report == LEADS else _(known_report(shortcut.report).title)
    rules.note_opening(request.user, shortcut)
    unknown = _unknown(request, shortcut)
    if not unknown:
        return redirect(shortcut_address(shortcut))
    context = {
        "shortcut": shortcut,
        "report": title,
        "sentences": list(dict.fromkeys(labels.say(phrase) for phrase in unknown.values())),
        "without": _without(shortcut, unknown),
    }
    return render(request, "shortcuts/unknown.html", context, status=400)


def _unknown(request: ReaderRequest, shortcut: Shortcut) -> dict[Pair, Phrase]:
    """Return the parameters whose values do not exist for the reader, each with its sentence."""
    params = parse_qs(shortcut.query)
    if shortcut.report == LEADS:
        chosen = LeadFilter.from_params(params, LEAD_FILTERS)
    else:
        chosen = LeadFilter.from_params(params, REPORT_FILTERS, with_fields=True)
    chosen = chosen.for_reader(request.user.key)
    unknown = {
        (name, key): Phrase(UNKNOWN, {"dimension": Phrase(DIMENSIONS[name].word), "key": key})
        for name, _keys in chosen.chosen
        if name != "status"
        for key in access.unknown_keys(request.user, name, chosen.resolved_keys(name))
    }
    group_by = next(iter(params.get("group_by", ())), None)
    return unknown | {
        (name, value): phrase for name, value, phrase in unknown_choices(chosen, group_by)
    }


def _without(shortcut: Shortcut, unknown: Container[Pair]) -> str:
    """Return the address of the shortcut's report without these parameters."""
    params = parse_qs(shortcut.query)
    pairs = [(name, value) for name, values in params.items() for value in values]
    left = urlencode([pair for pair in pairs if pair not in unknown])
    is_list = shortcut.report == LEADS
    path = reverse("leads") if is_list else reverse("report", args=[shortcut.report])
    return path + (f"?{left}" if left else "")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ReaderRequest, key: str) -> HttpResponse:
    """Change the name and sharing of a shortcut."""
    shortcut = _changeable(request, key)
    sent = request.POST if request.method == "POST" else None
    form = ShortcutForm(request.user, sent, shortcut=shortcut)
    if form.is_valid() and form.save_to(shortcut):
        return redirect("shortcuts")
    status = 400 if form.is_bound else 200
    context = {"form": form, "shortcut": shortcut}
    return render(request, "shortcuts/edit.html", context, status=status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ReaderRequest, key: str) -> HttpResponse:
    """Delete a shortcut, after a confirmation that warns if it is shared."""
    shortcut = _changeable(request, key)
    if request.method != "POST":
        is_shared = shortcut.sharing != Shortcut.Sharing.PRIVATE
        context = {"shortcut": shortcut, "is_shared": is_shared}
        return render(request, "shortcuts/delete.html", context)
    shortcut.delete()
    messages.success(request, _("“%(name)s” deleted.") % {"name": shortcut.name})
    return redirect("shortcuts")


@signed_in
@require_POST
def pin(request: ReaderRequest, key: str) -> HttpResponse:
    return _done(request, key, {"pin": rules.pin, "unpin": rules.unpin, "up": rules.move_up})


@signed_in
@require_POST
def default(request: ReaderRequest, key: str) -> HttpResponse:
    return _done(request, key, {"on": rules.make_default, "off": rules.unmake_default})


def _done(request: ReaderRequest, key: str, verbs: dict[str, rules.Verb]) -> HttpResponse:
    """Run the action of the submitted button `do`."""
    shortcut, do = _visible(request, key), request.POST.get("do", "")
    if do not in verbs:
        return refused(
            request,
            _("The action “%(value)s” does not exist. Reload the page and try again.")
            % {"value": do},
        )
    verbs[do](request.user, shortcut)
    return redirect("shortcuts")


def _visible(request: ReaderRequest, key: str) -> Shortcut:
    """Return a shortcut visible to the reader. Raises Http404 for any other."""
    return get_object_or_404(rules.visible(request.user).select_related("owner", "team"), key=key)


def _changeable(request: ReaderRequest, key: str) -> Shortcut:
    shortcut = _visible(request, key)
    if not rules.may_change(request.user, shortcut):
        raise Http404
    return shortcut

"""Page of a report, the same for all reports. The address holds the whole state of the page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadlight.accounts.origin import at_origin
from leadlight.analytics.insight.attribution_bridge import has_bridge
from leadlight.analytics.query.dimensions import REPORT_FILTERS
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.lead_filter import EVERY_LEAD
from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.analytics.query.query_params import QueryParams
from leadlight.analytics.reports import CATALOGUE
from leadlight.analytics.reports.contract import Note, Report, Result
from leadlight.presentation import formats, labels
from leadlight.presentation.announcement import announcement
from leadlight.presentation.cards import cards
from leadlight.presentation.charts.report_charts import charts_of
from leadlight.presentation.choices import choices_of, chosen_names, filterable, may_filter_by
from leadlight.presentation.comparisons import BEFORE, CHANGE_FORMS, DIFFERENCE, PERCENT
from leadlight.presentation.files import Export
from leadlight.presentation.goals import goal_table
from leadlight.presentation.incomplete_leads import incomplete_leads
from leadlight.presentation.layout import chosen_cells
from leadlight.presentation.links import (
    ListAddresses,
    PageParams,
    changes_address,
    credit_address,
    path_of,
    quality_address,
    report_address,
)
from leadlight.presentation.losses import losses_address
from leadlight.presentation.paper import Paper
from leadlight.presentation.refusals import refusal
from leadlight.presentation.tables import (
    change_param,
    default_sort,
    ordered,
    sort_param,
    table,
    total_title,
)
from leadlight.presentation.uncertainty import Uncertainty
from leadlight.presentation.values import size_of
from leadlight.reporting.reader import report_reader
from leadlight.web.reports.adoptable_probabilities import adoptable
from leadlight.web.reports.as_of import as_of_controls, control_of, with_one_instant
from leadlight.web.reports.filter_bar import chips, filter_bar
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.errors import refused
from leadlight.web.shell.query_string import params_of
from leadlight.web.shell.shortcut_form import SaveForm

# Parameters of the page in addition to the filters.
PAGE_PARAMS = ("sort", "rows", "columns", "change")
WHOLE = "all"
RESULTS = "results"
LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Answer:
    """Sorted result of a report, with the canonical address of its page."""

    result: Result
    sort: str
    is_whole: bool
    columns: tuple[str, ...] = ()
    change_form: str = PERCENT

    @property
    def page_params(self) -> PageParams:
        return {
            "sort": sort_param(self.result, self.sort),
            "rows": WHOLE if self.is_whole else None,
            "columns": list(self.columns),
            "change": change_param(self.change_form),
        }

    @property
    def address(self) -> str:
        return report_address(self.result.report, self.result.filters, **self.page_params)


@signed_in
@require_safe
def report(request: ReaderRequest, key: str) -> HttpResponseBase:
    """Render the page; redirect an address that is not canonical.

    An address is not canonical if, for example, parameters are empty or in another order. Without
    parameters, some reports redirect to the comparison with the previous period.
    """
    report = known_report(key)
    if report.compares_at_first and not request.GET and not is_partial(request):
        return redirect(f"{path_of('report', key)}?compare=previous")
    try:
        report = report.selected_view(query_of(request))
        answer = answered(request, report)
    except BadFilter as bad:
        return _refused(request, report, bad)
    if not is_partial(request) and not is_at(request, answer.address):
        return redirect(answer.address)
    response = _page(request, report, _shown(request, answer))
    if is_partial(request):
        response.headers["HX-Push-Url"] = answer.address
    return response


def answered(request: ReaderRequest, report: Report, extra_params: Collection[str] = ()) -> Answer:
    """Run the report for the query of a request. Raises BadFilter."""
    params = query_of(request)
    known = (*PAGE_PARAMS, *extra_params)
    result = report_reader(request.user).run(report, params, extra_params=known)
    sort = one_value(params, "sort") or default_sort(result)
    rows = one_value(params, "rows")
    if rows not in ("", WHOLE):
        raise BadFilter(
            gettext_noop("“%(value)s” is not a valid number of rows. Use “all”."), value=rows
        )
    columns = chosen_cells(result, [key for key in params.get("columns", ()) if key])
    change_form = one_value(params, "change") or PERCENT
    if change_form not in CHANGE_FORMS:
        raise BadFilter(
            gettext_noop(
                "“%(value)s” is not a form of changes. Use “percent”, “difference” or “before”."
            ),
            value=change_form,
        )
    return Answer(ordered(result, sort), sort, rows == WHOLE, columns, change_form)


def known_report(key: str) -> Report:
    if key not in CATALOGUE:
        raise Http404
    return CATALOGUE[key]


def query_of(request: ReaderRequest) -> QueryParams:
    """Return the query parameters of a request, with the as-of controls as one parameter."""
    return with_one_instant(params_of(request), lambda: formats.company().zone)


def one_value(params: QueryParams, name: str) -> str:
    values = [value for value in params.get(name, ()) if value]
    if len(values) > 1:
        raise BadFilter(gettext_noop("Choose only one value for “%(name)s”."), name=name)
    return values[0] if values else ""


def is_at(request: ReaderRequest, address: str) -> bool:
    here = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)
    return here == parse_qsl(urlsplit(address).query)


def is_partial(request: ReaderRequest) -> bool:
    """Return whether htmx requested only a part of the page."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def _page(
    request: ReaderRequest, report: Report, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render the page or, for an htmx request, the part to replace."""
    context["control"] = control_of(query_of(request), formats.company().zone)
    context |= {"report": report, "title": _(report.title), "organization": formats.company()}
    if is_partial(request) and request.htmx.target == RESULTS:
        template = "reports/results.html"
        context["is_partial"] = True
    else:
        context["save_form"] = SaveForm(request.user)
        context["bar"] = filter_bar(request.user, report, query_of(request))
        template = "reports/report_part.html" if is_partial(request) else "reports/report.html"
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _refused(request: ReaderRequest, report: Report, bad: BadFilter) -> HttpResponse:
    context = {"refusal": refusal(bad), "cleared": _without_filters(request, report)}
    return _page(request, report, context, 400)


def _without_filters(request: ReaderRequest, report: Report) -> str:
    """Return the address of a refused query with only its view and its period.

    If the period itself is invalid, the address has only the view.
    """
    view = {"view": [report.view]} if report.view else {}
    params = query_of(request)
    period = {name: params[name] for name in ("period", "from", "to") if params.get(name)}
    if not (view or period):
        return path_of("report", report.key)
    try:
        kept = report_reader(request.user).read(report, view | period)
    except BadFilter:
        return path_of("report", report.key) + (f"?{urlencode(view, doseq=True)}" if view else "")
    return cleared_address(*kept)


def refused_page(
    request: ReaderRequest, key: str, page_params: Collection[str], bad: BadFilter
) -> HttpResponse:
    """Return the error page of a page about a report, with a link back to the report.

    The link keeps the parameters of the request, except `page_params`.
    """
    kept = {name: values for name, values in query_of(request).items() if name not in page_params}
    address = reverse("report", args=[key]) + (f"?{urlencode(kept, doseq=True)}" if kept else "")
    back = (_(known_report(key).title), address)
    return refused(request, refusal(bad), back=back)


def _shown(request: ReaderRequest, answer: Answer) -> dict[str, Any]:
    result, user = answer.result, request.user
    filters = result.filters
    names = chosen_names(user, filters)
    may_filter = partial(filterable, user)
    address = at_origin(request.build_absolute_uri(answer.address))
    goals = goal_table(result, is_whole=answer.is_whole) if result.report.is_of_goals else None
    shown = table(
        result,
        answer.sort,
        by=may_filter,
        chosen=answer.columns,
        change_form=answer.change_form,
        is_whole=answer.is_whole,
    )
    charts = charts_of(result)
    active = chips(result.report, filters, names, **answer.page_params)
    export = Export(result, user, address, answer.columns, answer.change_form, names)
    paper = Paper(export, shown, goals)
    return {
        "result": result,
        "period": formats.span(result.period.first, result.period.last),
        "compared_period": _compared_period(result),
        "chips": active,
        "can_clear": any(chip.address for chip in active),
        "sentences": labels.filter_sentences(filters, names),
        "scope": labels.whose(result.scope),
        "earlier": _stepped(answer, -1),
        "later": _stepped(answer, 1),
        "cleared": cleared_address(result.report, filters),
        "kept_pairs": [
            (name, value)
            for name, value in parse_qsl(urlsplit(answer.address).query)
            if name != "columns"
        ],
        "usual_columns": report_address(
            result.report, filters, **answer.page_params | {"columns": None}
        ),
        "total_title": total_title(result),
        "explanation": explanation(result.report),
        "cards": cards(result),
        "charts": charts,
        "paper_width": paper.page_layout.chart_width(len(charts.charts)),
        "goals": goals,
        "table": shown,
        "paper": paper,
        "announced": announcement(shown),
        "to_mend": list(incomplete_leads(result)),
        "columns": answer.columns,
        "change": change_param(answer.change_form),
        "change_forms": change_forms(answer) if shown.change_form else (),
        "sort": sort_param(result, answer.sort),
        "notes": [
            (labels.say(note.phrase), _list_of(note, result), method_of(note))
            for note in result.notes
        ],
        "losses": losses_address(result),
        "is_empty": is_empty(result),
        "query": urlsplit(answer.address).query,
        "here": answer.address,
        "tabs": tabs(answer),
        "adoptable": adoptable(user, result),
        "changes": changes_address(result.report, filters),
        "as_of_controls": as_of_controls(
            user, result.report, filters, answer.address, answer.page_params
        ),
        "quality": quality_address(result.report, filters),
        "bridge": credit_address(result.report, filters) if has_bridge(result.report) else "",
    }


def _stepped(answer: Answer, by: int) -> str:
    """Return the address of the previous (-1) or next (1) period; empty if there is none."""
    result = answer.result
    filters = result.filters.moved_by(by, result.report.presets)
    if result.report.is_about_now or filters is None:
        return ""
    return report_address(result.report, filters, **answer.page_params)


def cleared_address(report: Report, filters: Filters) -> str:
    """Return the address with the same view, period and rows, as of now and unfiltered."""
    left = replace(filters, lead_filter=EVERY_LEAD, chosen_switches=(), as_of=None)
    return report_address(report, left)


@dataclass(frozen=True)
class Tab:
    """Link to another form of the page; its address keeps the filters."""

    title: str
    address: str
    is_here: bool


def change_forms(answer: Answer) -> tuple[Tab, ...]:
    """Return a link for each form of the changes beside the figures."""
    titles = {PERCENT: _("Change in %"), DIFFERENCE: _("Difference"), BEFORE: _("Value before")}
    return tuple(
        Tab(titles[form], replace(answer, change_form=form).address, form == answer.change_form)
        for form in CHANGE_FORMS
    )


def tabs(answer: Answer) -> tuple[Tab, ...]:
    """Return a tab for each view of a report; empty if it has only one."""
    result, change = answer.result, change_param(answer.change_form)
    report = CATALOGUE[result.report.key]
    every = sorted(report.all_views, key=lambda table: table.view != report.first_view)
    if len(every) == 1:
        return ()
    return tuple(
        Tab(
            _(table.title),
            report_address(table, result.filters.for_view(table.view, table.preset), change=change),
            table.view == result.report.view,
        )
        for table in every
    )


def explanation(report: Report) -> list[str]:
    """Return the paragraphs of a report's help text."""
    return [_(paragraph) for paragraph in report.help_text]


def _compared_period(result: Result) -> str:
    if result.compared is None:
        return ""
    return formats.span(result.compared.period.first, result.compared.period.last)


def _list_of(note: Note, result: Result) -> str | None:
    """Return the address of the leads that a note is about; None if it is not about leads."""
    if note.column is None:
        return None
    return ListAddresses(result.report, result.filters).address(note.column)


def method_of(note: Note) -> Uncertainty | None:
    """Return a note with its statistical method; None if it has no method."""
    return Uncertainty(labels.say(note.phrase), labels.say(note.method)) if note.method else None


def is_empty(result: Result) -> bool:
    """Return whether all counts are 0, in the totals and in the rows outside the totals.

    If the report has no counts, all its figures must be 0.
    """
    counts = [column.key for column in result.columns if column.kind == "count"]
    keys = counts or [column.key for column in result.columns]
    further = [row.cells for row in result.rows if row.further]
    return not any(size_of(cells[key]) for cells in (result.totals, *further) for key in keys)


@signed_in
@require_safe
def report_choices(request: ReaderRequest, key: str, dimension: str) -> HttpResponse:
    """Render the choices of a filter whose names contain the searched words."""
    if dimension not in REPORT_FILTERS or not may_filter_by(request.user, dimension):
        raise Http404
    known_report(key)
    params = query_of(request)
    searched = "".join(params.get("search", ()))[:LONGEST_SEARCH]
    choices = choices_of(request.user, dimension, params.get(dimension, ()), searched)
    return render(request, "filters/choices.html", {"choices": choices})

"""Explanation of a figure, as a page or as a panel over the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadlight.accounts.models import User
from leadlight.analytics.insight.explain import Explanation, is_goal
from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.presentation import formats, labels, values
from leadlight.presentation.choices import chosen_names
from leadlight.presentation.files import list_title, part_named
from leadlight.presentation.headings import adding_up
from leadlight.presentation.links import explain_address, leads_address, report_address
from leadlight.presentation.uncertainty import (
    change_test,
    estimate_uncertainty,
    uncertainty_of,
)
from leadlight.reporting.reader import report_reader
from leadlight.web.reports.page import (
    is_at,
    is_partial,
    known_report,
    one_value,
    query_of,
    refused_page,
)
from leadlight.web.shell.auth import ReaderRequest, signed_in

PAGE_PARAMS = ("column", "row")


@signed_in
@require_safe
def report_explain(request: ReaderRequest, key: str) -> HttpResponseBase:
    """Render the explanation: an htmx request gets the panel, other requests the page."""
    report, params = known_report(key), query_of(request)
    try:
        column, row = one_value(params, "column"), one_value(params, "row") or None
        if not column:
            raise BadFilter(gettext_noop("Choose a figure to see how it is calculated."))
        explained = report_reader(request.user).explain(
            report, params, column_key=column, row_key=row, extra_params=PAGE_PARAMS
        )
    except BadFilter as bad:
        return refused_page(request, key, PAGE_PARAMS, bad)
    here = explain_address(
        explained.result.report, explained.result.filters, column=column, row=row
    )
    if not is_partial(request) and not is_at(request, here):
        return redirect(here)
    return _page(request, _shown(request.user, explained) | {"here": here})


def _page(request: ReaderRequest, context: dict[str, Any]) -> HttpResponse:
    template = "reports/explain_panel.html" if is_partial(request) else "reports/explain.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@dataclass(frozen=True)
class Linked:
    """A sentence, or a figure with its name, with the address of its drill-down."""

    text: str
    address: str


def _shown(user: User, explained: Explanation) -> dict[str, Any]:
    result, column = explained.result, explained.column
    report, filters = result.report, result.filters

    def list_of(key: str, row_key: str | None) -> str:
        return leads_address(report, filters, column=key, row=row_key)

    return {
        "title": list_title(user, explained.drilldown),
        "report": report,
        "organization": formats.company(),
        "value": values.text(column.kind, explained.value),
        "definition": labels.say(column.definition_phrase),
        "parts": [
            Linked(
                part_named(part),
                reverse("goals") if part.is_goal else list_of(part.key, part.row_key),
            )
            for part in explained.parts
        ],
        "paragraphs": [
            labels.say(result.scope.phrase),
            *labels.filter_sentences(explained.drilldown.own_filters, chosen_names(user, filters)),
        ],
        "days": [labels.say(phrase) for phrase in explained.date_rules],
        "left_out": [
            Linked(labels.say(one.phrase), list_of(one.key, explained.row_key))
            for one in explained.exclusions
        ],
        "adding_up": "" if explained.row else adding_up(report, column),
        "row_definition": labels.say(explained.row_definition) if explained.row_definition else "",
        "is_unfinished": explained.is_unfinished,
        "uncertainty": uncertainty_of(explained.drilldown.interval)
        or estimate_uncertainty(explained.value),
        "change_test": change_test(report, column, filters),
        "behind": (
            Linked(_("Goals"), reverse("goals"))
            if is_goal(column)
            else Linked(
                labels.counted(explained.drilldown.subject, explained.drilldown.count),
                list_of(column.key, explained.row_key),
            )
        ),
        "sql": explained.sql,
        "as_of": result.as_of,
        "is_past": bool(result.filters.as_of),
        "time_zone": result.time_zone,
        "back": report_address(report, filters),
        "back_title": _(report.title),
    }

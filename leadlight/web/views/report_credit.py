"""How a figure of a report leads from one credit to another: a page of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadlight.analytics import bridge as credit
from leadlight.analytics.filters import WITHOUT, Filters
from leadlight.analytics.grouping import without_label
from leadlight.analytics.phrases import BadFilter, gettext_noop
from leadlight.replication import asking
from leadlight.web import formats, wording
from leadlight.web.addresses import ListAddresses, credit_address, report_address
from leadlight.web.cards import written
from leadlight.web.choices import chosen_names
from leadlight.web.entrance import ReaderRequest, signed_in
from leadlight.web.views.errors import refused
from leadlight.web.views.reports import known_report, one_value, query_of

BESIDE = ("column", "row", "side")
SIDES: tuple[credit.Side, ...] = ("taken", "given")


@dataclass(frozen=True)
class Cell:
    """A figure of a user, and what it opens."""

    text: str
    address: str = ""


@signed_in
@require_safe
def report_credit(request: ReaderRequest, key: str) -> HttpResponseBase:
    """The bridge of a chosen figure; with a row and a side, the leads that moved there too."""
    asked = known_report(key)
    if not credit.is_bridged(asked):
        raise Http404
    query = query_of(request)
    try:
        asker = asking.asker(request.user)
        report, filters = asker.question(asked, query, BESIDE)
        found = credit.bridge(
            report, filters, asker.scope, asker.engine, one_value(query, "column")
        )
        moved = _moved(asker, found, one_value(query, "row"), one_value(query, "side"))
    except BadFilter as bad:
        return refused(request, wording.say(bad.phrase))
    _title, words = wording.SWITCHES["credit"]
    context = {
        "organization": formats.company(),
        "title": _("From one credit to the other"),
        "back": report_address(report, filters),
        "back_title": _(report.title),
        "sentences": wording.described(found.after, chosen_names(request.user, found.after)),
        "as_of": filters.asked_at,
        "time_zone": str(filters.zone),
        "before": words["event"],
        "after": words[found.after.switch("credit")],
        "figure": wording.say(found.column.title_phrase),
        "figures": [
            (
                wording.say(column.title_phrase),
                credit_address(report, filters, column=column.key),
                column is found.column,
            )
            for column in found.columns
        ],
        "credits": [
            (words[other], _to(found, filters, other), found.after.switch("credit") == other)
            for other in ("owner", "creator")
        ],
        "lines": [(_name(step), _cells(found, filters, step)) for step in found.steps],
        "total": [
            (sign if getattr(found.total, part) else "")
            + written(found.column, getattr(found.total, part))
            for part, sign in (("before", ""), ("taken", "+"), ("given", "−"), ("after", ""))
        ],
        "is_left_out": any(filters.keys(name) for name in ("user", "team")),
        "moved": moved,
    }
    response = render(request, "reports/credit.html", context)
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _to(found: credit.Bridge, filters: Filters, other: str) -> str:
    switched = dict(filters.switched) | {"credit": other}
    asked = replace(filters, switched=tuple(switched.items()))
    return credit_address(found.report, asked, column=found.column.key)


def _name(step: credit.Step) -> str:
    return _(without_label("user")) if step.name is None else step.name


def _cells(found: credit.Bridge, filters: Filters, step: credit.Step) -> list[Cell]:
    """At the event, taken, given, and under the other credit: each opens what it is made of."""
    column, key = found.column, step.key or WITHOUT

    def end(asked: Filters, amount: credit.Amount) -> Cell:
        lists = ListAddresses(found.report, asked.choosing("user", (key,)))
        return Cell(written(column, amount), lists.behind(column.key) if amount else "")

    def way(side: credit.Side, sign: str, amount: credit.Amount) -> Cell:
        if not amount:
            return Cell(written(column, amount))
        address = credit_address(found.report, filters, column=column.key, row=key, side=side)
        return Cell(sign + written(column, amount), f"{address}#moved")

    return [
        end(found.before, step.before),
        way("taken", "+", step.taken),
        way("given", "−", step.given),
        end(found.after, step.after),
    ]


def _moved(
    asker: asking.Asker, found: credit.Bridge, row: str, side: str
) -> dict[str, object] | None:
    if not row and not side:
        return None
    chosen = next((step for step in found.steps if (step.key or WITHOUT) == row), None)
    if chosen is None:
        raise BadFilter(gettext_noop("The report has no row “%(key)s”."), key=row)
    way = next((known for known in SIDES if known == side), None)
    if way is None:
        raise BadFilter(
            gettext_noop("“%(value)s” is no choice for “%(name)s”: it takes %(choices)s."),
            value=side,
            name="side",
            choices=list(SIDES),
        )
    count, leads = credit.moved(found, asker.scope, asker.engine, row, way)
    words = {
        "taken": _("Taken from others: %(user)s"),
        "given": _("Given to others: %(user)s"),
    }
    return {
        "title": words[way] % {"user": _name(chosen)},
        "count": count,
        "shown": len(leads),
        "leads": [(lead.lead, lead.title, written(found.column, lead.amount)) for lead in leads],
    }

"""Export of an attribution bridge and of its moved leads, as a dict and as a sheet."""

from __future__ import annotations

from typing import Any

from leadlight.analytics.export.results import filters_to_dict
from leadlight.analytics.export.sheets import KEY, TOTAL, About, Heading, Sheet, Translate
from leadlight.analytics.insight.attribution_bridge import Bridge, BridgeRow, MovedLeads
from leadlight.analytics.query.grouping import without_label
from leadlight.analytics.query.phrases import Phrase, gettext_noop

PARTS = {
    "before": gettext_noop("Owner at the time"),
    "taken": gettext_noop("Received"),
    "given": gettext_noop("Handed over"),
}
AFTER = {
    "owner": gettext_noop("Current owner"),
    "creator": gettext_noop("Creator"),
}


def bridge_to_dict(bridge: Bridge, translate: Translate = str) -> dict[str, Any]:
    """Return the bridge as a dict: by user the figures before, received, handed over and after.

    Amounts are exact, as text; the `key` of the unassigned row is null.
    """
    return {
        **_shared(bridge),
        "rows": [
            {"key": row.key, "label": name_of(row, translate), **_amounts(row)}
            for row in bridge.rows
        ],
        "totals": _amounts(bridge.total),
    }


def moved_to_dict(moved: MovedLeads) -> dict[str, Any]:
    """Return the leads that a user received or handed over, as a dict."""
    return {
        **_shared(moved.bridge),
        "row": moved.row.key,
        "side": moved.side,
        "count": moved.count,
        "leads": [
            {"lead": lead.lead, "title": lead.title, "moved": _plain(lead.amount)}
            for lead in moved.leads
        ],
    }


def bridge_sheet(bridge: Bridge, translate: Translate = str, about: About = ()) -> Sheet:
    """Return a bridge as a sheet."""
    column = bridge.column
    titles = {**PARTS, "after": AFTER[bridge.after.switch("credit")]}
    return Sheet(
        title=translate(column.title_phrase),
        headings=(
            Heading("key", translate(Phrase(KEY)), "text"),
            Heading("label", translate(Phrase(USER)), "text"),
            *(
                Heading(part, translate(Phrase(title)), column.kind)
                for part, title in titles.items()
            ),
        ),
        rows=((row.key, name_of(row, translate), *_values(row)) for row in bridge.rows),
        totals=(None, translate(Phrase(TOTAL)), *_values(bridge.total)),
        about=about,
        definitions=((translate(column.title_phrase), translate(column.definition_phrase)),),
    )


def moved_sheet(moved: MovedLeads, translate: Translate = str, about: About = ()) -> Sheet:
    """Return the moved leads as a sheet."""
    column = moved.bridge.column
    return Sheet(
        title=translate(column.title_phrase),
        headings=(
            Heading("lead", translate(Phrase(KEY)), "text"),
            Heading("title", translate(Phrase(LEAD)), "text"),
            Heading("moved", translate(Phrase(PARTS[moved.side])), column.kind),
        ),
        rows=((lead.lead, lead.title, lead.amount) for lead in moved.leads),
        about=about,
        definitions=((translate(column.title_phrase), translate(column.definition_phrase)),),
    )


def name_of(row: BridgeRow, translate: Translate = str) -> str:
    """Return the name of the row's user, or the label of unassigned leads."""
    return translate(Phrase(without_label("user"))) if row.name is None else row.name


def _shared(bridge: Bridge) -> dict[str, Any]:
    return {
        "report": bridge.report.key,
        "column": {
            "key": bridge.column.key,
            "kind": bridge.column.kind,
            "unit": bridge.column.unit,
        },
        "before": bridge.before.switch("credit"),
        "after": bridge.after.switch("credit"),
        "filters": filters_to_dict(bridge.after, "user"),
        "time_zone": str(bridge.after.zone),
    }


def _values(row: BridgeRow) -> tuple[Any, ...]:
    return row.before, row.received, row.handed_over, row.after


def _amounts(row: BridgeRow) -> dict[str, Any]:
    names = ("before", "taken", "given", "after")
    return {name: _plain(value) for name, value in zip(names, _values(row), strict=True)}


def _plain(amount: Any) -> Any:
    return amount if isinstance(amount, int) else str(amount)


USER = gettext_noop("User")
LEAD = gettext_noop("Lead")

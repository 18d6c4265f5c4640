"""What changed since an earlier instant, as a plain dict and as tables of typed cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from leadlight.analytics.export.results import asked, plain, sentences
from leadlight.analytics.export.sheets import About, Heading, Said, Sheet
from leadlight.analytics.insight.changes.changes import Changes, Difference
from leadlight.analytics.insight.changes.reasons import REASONS
from leadlight.analytics.insight.list_columns import LIST_SPECS
from leadlight.analytics.query.phrases import BadFilter, Phrase, gettext_noop

FIGURE = gettext_noop("Figure")
REASON = gettext_noop("Reason")
THEN = gettext_noop("Then")
NOW = gettext_noop("Now")
DIFFERENCE = gettext_noop("Difference")


def changes_to_dict(found: Changes, said: Said = str) -> dict[str, Any]:
    """Every figure then and now; of sums, how many of what explain how much, by reason.

    `changed` are those behind the figure of `column`.
    """
    filters, report = found.filters, found.report
    return {
        "report": report.key,
        **({"view": report.view} if report.view else {}),
        "title": said(Phrase(report.title)),
        "filters": asked(filters, report.grouping(filters)),
        "scope": said(found.scope.phrase),
        "sentences": sentences(filters, said),
        "since": found.since.astimezone(filters.zone).isoformat(),
        "as_of": filters.asked_at.astimezone(filters.zone).isoformat(),
        "time_zone": str(filters.zone),
        "differences": [_difference_dict(one) for one in found.differences],
        "column": found.column and found.column.key,
        "reason": found.reason,
        "count": found.count,
        "changed": [
            {"reason": one.reason, "then": plain(one.then), "now": plain(one.now)}
            | {key: plain(value) for key, value in one.row.items()}
            for one in found.changed
        ],
    }


def _difference_dict(one: Difference) -> dict[str, Any]:
    figure = {"key": one.column.key, "then": plain(one.then), "now": plain(one.now)}
    if not one.is_sum:
        return figure
    reasons = {name: {"count": count, "by": plain(by)} for name, (count, by) in one.reasons.items()}
    return figure | {"difference": plain(one.by), "reasons": reasons}


def differences_sheet(found: Changes, said: Said = str, about: About = ()) -> Sheet:
    """The sums that changed: then, what each reason explains, the whole difference, now."""
    sums = [one for one in found.differences if one.is_sum and one.is_changed]
    return Sheet(
        title=said(Phrase(found.report.title)),
        headings=(
            Heading("key", said(Phrase(FIGURE)), "text"),
            Heading("then", said(Phrase(THEN)), "money"),
            *(Heading(name, said(Phrase(REASONS[name])), "money") for name in found.reasons),
            Heading("difference", said(Phrase(DIFFERENCE)), "money"),
            Heading("now", said(Phrase(NOW)), "money"),
        ),
        rows=[
            (
                one.column.key,
                one.then,
                *(one.reasons[name][1] if name in one.reasons else None for name in found.reasons),
                one.by,
                one.now,
            )
            for one in sums
        ],
        about=about,
    )


def changed_sheet(
    found: Changes, said: Said = str, about: About = (), status_of: Callable[[str], str] = str
) -> Sheet:
    """Those behind the difference of a figure, whole. Raises BadFilter where nothing changed."""
    if found.column is None:
        raise BadFilter(gettext_noop("Nothing changed between the two instants."))
    column, fields = found.column, LIST_SPECS[found.subject].fields
    kind = "money" if column.kind == "money" else "count"
    title = said(column.title_phrase)
    return Sheet(
        title=title,
        headings=(
            Heading("reason", said(Phrase(REASON)), "text"),
            *(
                Heading(key, said(Phrase(word)), kind)
                for key, word in (("then", THEN), ("now", NOW), ("difference", DIFFERENCE))
            ),
            *(Heading(field.key, said(Phrase(field.title)), field.kind) for field in fields),
        ),
        rows=_rows(found, said, status_of),
        about=about,
        definitions=((title, said(column.definition_phrase)),),
    )


def _rows(found: Changes, said: Said, status_of: Callable[[str], str]) -> Iterator[tuple[Any, ...]]:
    for one in found.changed:
        fields = (
            status_of(value) if key == "status" and value else value
            for key, value in one.row.items()
        )
        why = said(Phrase(REASONS[one.reason]))
        yield (why, one.then, one.now, one.now - one.then, *fields)

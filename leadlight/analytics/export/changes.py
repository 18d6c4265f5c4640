"""Export of a report's changes between two instants, as a dict and as sheets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from leadlight.analytics.export.results import filters_to_dict, plain, sentences
from leadlight.analytics.export.sheets import About, Heading, Sheet, Translate
from leadlight.analytics.insight.changes.changes import Changes, Difference
from leadlight.analytics.insight.changes.reasons import REASONS
from leadlight.analytics.insight.list_columns import LIST_SPECS
from leadlight.analytics.query.phrases import BadFilter, Phrase, gettext_noop

FIGURE = gettext_noop("Figure")
REASON = gettext_noop("Reason")
THEN = gettext_noop("Before")
NOW = gettext_noop("Now")
DIFFERENCE = gettext_noop("Difference")


def changes_to_dict(changes: Changes, translate: Translate = str) -> dict[str, Any]:
    """Return every figure then and now; for sums, also count and difference by reason.

    `changed` are the leads, activities, prospects or costs behind the difference of `column`.
    """
    filters, report = changes.filters, changes.report
    return {
        "report": report.key,
        **({"view": report.view} if report.view else {}),
        "title": translate(Phrase(report.title)),
        "filters": filters_to_dict(filters, report.grouping(filters)),
        "scope": translate(changes.scope.phrase),
        "sentences": sentences(filters, translate),
        "since": changes.since.astimezone(filters.zone).isoformat(),
        "as_of": filters.instant.astimezone(filters.zone).isoformat(),
        "time_zone": str(filters.zone),
        "differences": [_difference_dict(one) for one in changes.differences],
        "column": changes.column and changes.column.key,
        "reason": changes.reason,
        "count": changes.count,
        "changed": [
            {"reason": one.reason, "then": plain(one.then), "now": plain(one.now)}
            | {key: plain(value) for key, value in one.row.items()}
            for one in changes.changed
        ],
    }


def _difference_dict(one: Difference) -> dict[str, Any]:
    figure = {"key": one.column.key, "then": plain(one.then), "now": plain(one.now)}
    if not one.is_sum:
        return figure
    reasons = {name: {"count": count, "by": plain(by)} for name, (count, by) in one.reasons.items()}
    return figure | {"difference": plain(one.by), "reasons": reasons}


def differences_sheet(changes: Changes, translate: Translate = str, about: About = ()) -> Sheet:
    """Return a sheet of the sums that changed, with the difference by reason."""
    sums = [one for one in changes.differences if one.is_sum and one.is_changed]
    return Sheet(
        title=translate(Phrase(changes.report.title)),
        headings=(
            Heading("key", translate(Phrase(FIGURE)), "text"),
            Heading("then", translate(Phrase(THEN)), "money"),
            *(Heading(name, translate(Phrase(REASONS[name])), "money") for name in changes.reasons),
            Heading("difference", translate(Phrase(DIFFERENCE)), "money"),
            Heading("now", translate(Phrase(NOW)), "money"),
        ),
        rows=[
            (
                one.column.key,
                one.then,
                *(
                    one.reasons[name][1] if name in one.reasons else None
                    for name in changes.reasons
                ),
                one.by,
                one.now,
            )
            for one in sums
        ],
        about=about,
    )


def changed_sheet(
    changes: Changes,
    translate: Translate = str,
    about: About = (),
    status_of: Callable[[str], str] = str,
) -> Sheet:
    """Return a sheet of the rows behind a difference. Raises BadFilter if nothing changed."""
    if changes.column is None:
        raise BadFilter(gettext_noop("Nothing changed between the two dates."))
    column, fields = changes.column, LIST_SPECS[changes.subject].fields
    kind = "money" if column.kind == "money" else "count"
    title = translate(column.title_phrase)
    return Sheet(
        title=title,
        headings=(
            Heading("reason", translate(Phrase(REASON)), "text"),
            *(
                Heading(key, translate(Phrase(word)), kind)
                for key, word in (("then", THEN), ("now", NOW), ("difference", DIFFERENCE))
            ),
            *(Heading(field.key, translate(Phrase(field.title)), field.kind) for field in fields),
        ),
        rows=_rows(changes, translate, status_of),
        about=about,
        definitions=((title, translate(column.definition_phrase)),),
    )


def _rows(
    changes: Changes, translate: Translate, status_of: Callable[[str], str]
) -> Iterator[tuple[Any, ...]]:
    for one in changes.changed:
        fields = (
            status_of(value) if key == "status" and value else value
            for key, value in one.row.items()
        )
        why = translate(Phrase(REASONS[one.reason]))
        yield (why, one.then, one.now, one.now - one.then, *fields)

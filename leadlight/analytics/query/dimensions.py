"""Dimensions: the attributes by which leads are filtered and reports are grouped.

Each dimension is declared here once, with its words; `leadlight.sales.dimensions` maps it to the
operational database. The tags of one category and time buckets are further groupings (see the
module `grouping`). A reason is a tag of a category whose tags are reasons for losing or cancelling.

A custom field of leads whose values are choices is a dimension too. Its name is `field:` followed
by the key of the field, its keys are the choices, and its words are those of the dimension `field`.
"""

from __future__ import annotations

from dataclasses import dataclass

from leadlight.analytics.query.phrases import gettext_noop


@dataclass(frozen=True)
class Dimension:
    """Attribute by which leads are filtered or rows are grouped.

    `table` is the table of the star with its rows, in columns `<key>_id`, `<key>_key` and
    `<key>_name`; None if facts and leads have the text itself in the column `<key>`. `title` is
    used in headings, `word` in sentences; `without_title` and `without` are the same for facts
    without a value. `any_of` is the sentence of a filter by this dimension. With `is_credited`, the
    value is the user or team to whom a fact is credited, otherwise a value of the lead. With
    `is_required`, the value is never missing.
    """

    key: str
    table: str | None
    title: str
    word: str
    without_title: str = ""
    without: str = ""
    any_of: str = ""
    is_credited: bool = False
    is_required: bool = False


DIMENSIONS: dict[str, Dimension] = {
    dimension.key: dimension
    for dimension in (
        Dimension(
            "user",
            "users",
            gettext_noop("User"),
            gettext_noop("user"),
            gettext_noop("Unassigned"),
            gettext_noop("nobody"),
            gettext_noop("Credited to %(names)s."),
            is_credited=True,
        ),
        Dimension(
            "team",
            "teams",
            gettext_noop("Team"),
            gettext_noop("team"),
            gettext_noop("No team"),
            gettext_noop("no team"),
            gettext_noop("Credited to the team %(names)s."),
            is_credited=True,
        ),
        Dimension(
            "pipeline",
            "pipelines",
            gettext_noop("Pipeline"),
            gettext_noop("pipeline"),
            gettext_noop("No pipeline"),
            gettext_noop("no pipeline"),
            gettext_noop("Pipeline: %(names)s."),
            is_required=True,
        ),
        Dimension(
            "tag",
            "tags",
            gettext_noop("Tag"),
            gettext_noop("tag"),
            gettext_noop("No tag"),
            gettext_noop("no tag"),
            gettext_noop("Tags: %(names)s (any of them)."),
        ),
        Dimension(
            "source",
            None,
            gettext_noop("Source"),
            gettext_noop("source"),
            gettext_noop("No source"),
            gettext_noop("no source"),
            gettext_noop("Source: %(names)s."),
        ),
        Dimension(
            "prospecting_list",
            "prospecting_lists",
            gettext_noop("Prospecting list"),
            gettext_noop("prospecting list"),
            gettext_noop("No prospecting list"),
            gettext_noop("no prospecting list"),
            gettext_noop("Prospecting list: %(names)s."),
        ),
        Dimension(
            "client",
            "clients",
            gettext_noop("Client"),
            gettext_noop("client"),
            gettext_noop("No client"),
            gettext_noop("no client"),
            gettext_noop("Client: %(names)s."),
        ),
        Dimension(
            "step",
            "steps",
            gettext_noop("Step"),
            gettext_noop("step"),
            gettext_noop("No step"),
            gettext_noop("no step"),
            gettext_noop("Step: %(names)s."),
            is_required=True,
        ),
        Dimension(
            "status",
            None,
            gettext_noop("Status"),
            gettext_noop("status"),
            gettext_noop("No status"),
            gettext_noop("no status"),
            gettext_noop("Status: %(names)s."),
            is_required=True,
        ),
        Dimension(
            "reason",
            "tags",
            gettext_noop("Loss reason"),
            gettext_noop("loss reason"),
            gettext_noop("No reason"),
            gettext_noop("no reason"),
        ),
        Dimension(
            "activity_type",
            "activity_types",
            gettext_noop("Activity type"),
            gettext_noop("activity type"),
            gettext_noop("No type"),
            is_required=True,
        ),
        Dimension(
            "outcome",
            "outcomes",
            gettext_noop("Outcome"),
            gettext_noop("outcome"),
            gettext_noop("No outcome"),
        ),
        Dimension(
            "field",
            "fields",
            gettext_noop("Field"),
            gettext_noop("field"),
            gettext_noop("Without a value"),
            gettext_noop("without a value"),
            gettext_noop("%(field)s: %(names)s."),
        ),
    )
}
FIELD_PREFIX = "field:"
# Dimensions of the filters of reports, and of lists of leads.
REPORT_FILTERS = ("user", "team", "pipeline", "tag", "source", "prospecting_list", "client")
LEAD_FILTERS = (*REPORT_FILTERS, "step", "status")
CREDITED = tuple(key for key, dimension in DIMENSIONS.items() if dimension.is_credited)


def field_of(name: str) -> str | None:
    """Return the key of the field if the dimension is a custom field, else None."""
    return name.removeprefix(FIELD_PREFIX) if name.startswith(FIELD_PREFIX) else None


def is_of_field(name: str) -> bool:
    """Return whether a dimension is a custom field."""
    return field_of(name) is not None


def dimension_of(name: str) -> Dimension:
    """Return the declaration of a dimension; custom fields share one."""
    return DIMENSIONS["field" if is_of_field(name) else name]


def is_report_filter(name: str) -> bool:
    """Return whether reports can be filtered by a dimension."""
    return name in REPORT_FILTERS or is_of_field(name)

"""Descriptions of rows of settings as one line of text, for the audit log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from leadlight.sales.models import ActivityType, Category, CustomField, Outcome, Pipeline, Tag
from leadlight.sales.models.listed_rows import ListedRow


def pipeline_in_words(pipeline: Pipeline) -> str:
    return _joined(
        pipeline.name,
        _("default pipeline") if pipeline.is_default else "",
        _("archived") if pipeline.is_archived else "",
    )


def steps_in_words(pipeline: Pipeline) -> str:
    """Return the steps of a pipeline in their order."""
    return "; ".join(
        _joined(
            step.name,
            "" if step.probability is None else f"{step.probability} %",
            _("closed") if step.is_closed else "",
        )
        for step in pipeline.steps.order_by("position", "pk")
    )


def rows_in_words(rows: Iterable[ListedRow]) -> str:
    """Return rows in their order, the inactive ones last."""
    return "; ".join(map(row_in_words, sorted(rows, key=lambda row: not row.is_active)))


def row_in_words(row: ListedRow) -> str:
    return _joined(row.name, note_on(row), "" if row.is_active else _("inactive"))


def note_on(row: ListedRow) -> str:
    """Return the property of a row that is shown beside its name, "" for none."""
    match row:
        case ActivityType():
            return str(row.get_kind_display())
        case Outcome():
            return _("reached") if row.is_reached else ""
        case Category():
            return _("required") if row.is_required else ""
        case Tag():
            return str(row.category or _("Without a category"))
    return ""


def field_in_words(field: CustomField) -> str:
    return _joined(
        f"{field.position}. {field.name}",
        field.get_subject_display(),
        field.get_kind_display(),
        ", ".join(field.choices),
        _("key for duplicates") if field.is_key else "",
        _("archived") if field.is_archived else "",
    )


def _joined(*parts: Any) -> str:
    return " · ".join(str(part) for part in parts if part)

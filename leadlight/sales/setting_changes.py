"""Changes of rows of settings: their entry in the audit log, and their undo.

The undo gives a row its old values if it still has the new values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from leadlight.accounts import audit, teams
from leadlight.accounts.models import Organization, Team, User
from leadlight.accounts.models.audit_entries import Kind
from leadlight.sales import pipeline_settings
from leadlight.sales.models import (
    Action,
    ActivityType,
    Category,
    CustomField,
    Outcome,
    Pipeline,
    SettingChange,
    Step,
    Tag,
)
from leadlight.sales.models.actions import current_action
from leadlight.sales.models.listed_rows import ListedRow
from leadlight.sales.refusals import Refused
from leadlight.sales.settings_in_words import (
    field_in_words,
    pipeline_in_words,
    row_in_words,
    rows_in_words,
    steps_in_words,
)

Values = Mapping[str, Any]
Restored = Sequence[tuple[Any, Values]]


@dataclass(frozen=True)
class RowKind:
    """Kind of rows of settings that pages rename, order and change.

    `attributes` are the attributes that an undo restores. `rows_with` returns the rows of the list
    of a row, which a new order renumbers. `lock` locks the same rows as the verbs. `restore` gives
    rows back their old values. `in_words` describes a row, or its list, for the audit log; None if
    the verbs themselves record their changes. `subject` returns the subject of the entry.
    """

    model: type[Model]
    attributes: tuple[str, ...]
    rows_with: Callable[[Any], QuerySet[Any]]
    lock: Callable[[Any], Any]
    restore: Callable[[Restored, User], None]
    in_words: Callable[[Any], str] | None
    subject: Callable[[Any], object] = lambda _row: ""


@contextmanager
def logged(kind: str, row: Model, *, by: User) -> Iterator[None]:
    """Record how the block changes a row and its list, in the audit log and for undo.

    The undo of the current action restores the old values; without an action, the change is only in
    the audit log.
    """
    with transaction.atomic():
        old = _values(KINDS[kind], row)
        with _audited(kind, row, by):
            yield
        new = _values(KINDS[kind], row)
        action = current_action()
        for pk in sorted(old.keys() & new.keys(), key=lambda pk: (pk != row.pk, pk)):
            changed = [name for name in old[pk] if old[pk][name] != new[pk][name]]
            if action is not None and changed:
                SettingChange.objects.create(
                    action=action,
                    kind=kind,
                    row_id=pk,
                    old={name: old[pk][name] for name in changed},
                    new={name: new[pk][name] for name in changed},
                )


def undo_changes(action: Action, by: User) -> None:
    """Restore the rows that an action changed. Raises `Refused` if one has changed since."""
    changes = list(action.setting_changes.all())
    for kind in dict.fromkeys(change.kind for change in changes):
        _undo(kind, [change for change in changes if change.kind == kind], by)


def _undo(name: str, changes: Sequence[SettingChange], by: User) -> None:
    kind = KINDS[name]
    ids = [change.row_id for change in changes]
    row = kind.model._default_manager.filter(pk__in=ids).first()
    if row is not None:
        kind.lock(row)
    rows = kind.model._default_manager.in_bulk(ids)
    for change in changes:
        here = rows.get(change.row_id)
        if here is None or any(getattr(here, name) != new for name, new in change.new.items()):
            raise Refused(_("This setting has changed since. Nothing was undone."))
    with _audited(name, rows[ids[0]], by):
        kind.restore([(rows[change.row_id], change.old) for change in changes], by)


@contextmanager
def _audited(name: str, row: Any, by: User) -> Iterator[None]:
    """Record in the audit log how the block changes a row, or else the order of its list."""
    kind = KINDS[name]
    if kind.in_words is None:
        yield
        return
    subject, before = kind.subject(row), _described(kind, row)
    yield
    for old, new in zip(before, _described(kind, row), strict=True):
        if old != new:
            audit.record(Kind.SETTINGS, name, by=by, subject=subject, old=old, new=new)
            return


def _described(kind: RowKind, row: Any) -> tuple[str, str]:
    """Return the description of a row, and the names of the rows of its list in their order."""
    stored = kind.model._default_manager.get(pk=row.pk)
    words = kind.in_words(stored) if kind.in_words else ""
    return words, "; ".join(map(str, kind.rows_with(stored)))


def _values(kind: RowKind, row: Any) -> dict[int, dict[str, Any]]:
    """Return the values that an undo restores, for a row and the rows of its list, by id."""
    stored = kind.model._default_manager.get(pk=row.pk)
    return {
        one.pk: {name: getattr(one, name) for name in kind.attributes}
        for one in (stored, *kind.rows_with(stored))
    }


# Kinds of rows


def _restore_pipelines(restored: Restored, by: User) -> None:
    for pipeline, old in restored:
        pipeline_settings.rename(pipeline, old["name"], by=by)


def _restore_teams(restored: Restored, by: User) -> None:
    for team, old in restored:
        teams.rename(team, old["name"], by=by)


def _restore_listed(restored: Restored, _by: User) -> None:
    verbs = ("kind", "is_reached", "name")
    for row, old in restored:
        _set(row, {name: value for name, value in old.items() if name not in verbs})
        if "kind" in old:
            row.set_kind(old["kind"])
        if "is_reached" in old:
            row.set_reached(old["is_reached"])
        if "name" in old:
            row.rename(old["name"])


def _restore_fields(restored: Restored, _by: User) -> None:
    for field, old in restored:
        _set(field, {name: old[name] for name in old if name not in ("name", "choices")})
        if "name" in old:
            field.rename(old["name"])
        if "choices" in old:
            field.set_choices(old["choices"])


def _set(row: Model, values: Values) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


def _locked(rows: QuerySet[Any]) -> list[Any]:
    return list(rows.select_for_update(of=("self",)))


def _siblings(row: ListedRow) -> QuerySet[Any]:
    return row.siblings


def _same_subject(field: CustomField) -> QuerySet[CustomField]:
    return CustomField.objects.filter(subject=field.subject)


def _listed(
    model: type[ListedRow],
    *attributes: str,
    in_words: Callable[[Any], str] = lambda row: rows_in_words(row.siblings),
    subject: Callable[[Any], object] = lambda _row: "",
) -> RowKind:
    return RowKind(
        model,
        ("name", "position", "is_active", *attributes),
        _siblings,
        lambda row: _locked(row.siblings),
        _restore_listed,
        in_words,
        subject,
    )


# Name of a kind, which is its action in the audit log → the kind.
KINDS: dict[str, RowKind] = {
    "pipeline": RowKind(
        Pipeline,
        ("name",),
        lambda row: Pipeline.objects.filter(pk=row.pk),
        lambda _row: _locked(Pipeline.objects.all()),
        _restore_pipelines,
        pipeline_in_words,
    ),
    "step": RowKind(
        Step,
        ("name", "position", "probability"),
        lambda row: row.pipeline.steps.all(),
        lambda row: _locked(Pipeline.objects.filter(pk=row.pipeline_id)),
        pipeline_settings.restore_steps,
        lambda row: steps_in_words(row.pipeline),
        lambda row: row.pipeline,
    ),
    "activity_type": _listed(ActivityType, "kind"),
    "outcome": _listed(Outcome, "is_reached", subject=lambda row: row.activity_type),
    "category": _listed(Category, "is_required"),
    "tag": _listed(Tag, "category_id", in_words=row_in_words, subject=lambda row: row.name),
    "field": RowKind(
        CustomField,
        ("name", "position", "choices", "is_key", "is_archived"),
        _same_subject,
        lambda row: _locked(_same_subject(row)),
        _restore_fields,
        field_in_words,
    ),
    "team": RowKind(
        Team,
        ("name",),
        lambda row: Team.objects.filter(pk=row.pk),
        lambda _row: Organization.objects.select_for_update().first(),
        _restore_teams,
        None,
    ),
}

"""Import of activities: the plan of each row, and its writing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.sales import access, activity_batches
from leadlight.sales.models import Activity, ActivityType, BulkItem, Outcome, Prospect
from leadlight.sales.models.valid_values import valid_minutes, valid_past_instant, valid_text
from leadlight.sales.refusals import Refused
from leadlight.table_import.keys import valid_key
from leadlight.table_import.lead_keys import Name, NamedLeads
from leadlight.table_import.lookups import LANGUAGES, Names
from leadlight.table_import.moments import moment_of, person_of
from leadlight.table_import.planning import (
    Cells,
    ColumnMapping,
    Plan,
    RowByRow,
    SourceRow,
    empty_key,
    refusing,
)
from leadlight.tables import values

SECOND = timedelta(seconds=1)  # precision of the instants in exports


class ActivityRows(RowByRow):
    """Planner of activities; those that exist are never changed."""

    def __init__(self, mapping: ColumnMapping, user: User, *, locks: bool = False) -> None:
        self.mapping, self.user, self.locks = mapping, user, locks
        self.has_key = mapping.given.key_target == "key"
        self.options: Mapping[str, Any] = mapping.given.options
        self.zone, self.now = organization().zone, timezone.now()
        self.leads = NamedLeads(mapping, user, locks=locks)
        self.people: Names[User] = Names(
            (name, one) for one in access.visible_users(user) for name in (one.email, str(one))
        )
        types = list(ActivityType.objects.all())
        self.types = {one.pk: one for one in types}
        self.types_by_name = Names((one.name, one) for one in types)
        self.types_by_kind = Names((name, one) for one in types for name in _names_of_kind(one))
        outcomes: dict[int, list[Outcome]] = defaultdict(list)
        for outcome in Outcome.objects.all():
            outcomes[outcome.activity_type_id].append(outcome)
        self.outcomes = {
            pk: Names((one.name, one) for one in of_type) for pk, of_type in outcomes.items()
        }

    def plan(self, rows: Sequence[SourceRow]) -> list[Plan]:
        """Return the plans of rows, in their order."""
        cells = [self.mapping.cells(row) for row in rows]
        plans = [Plan(row.number) for row in rows]
        names: list[Name | None] = [None for _row in rows]
        for place, (plan, each) in enumerate(zip(plans, cells, strict=True)):
            with refusing(plan):
                self._set_key(plan, each)
                names[place] = self.leads.name(each)
        self.leads.read(filter(None, names))
        prospects = self._prospects(cells)
        existing = Activity.objects.filter(key__in={plan.key for plan in plans if plan.key})
        activities = {one.key: one for one in existing}
        for plan, each, name in zip(plans, cells, names, strict=True):
            if not plan.reason:
                with refusing(plan):
                    given = self._values(each, name, prospects)
                    self._compare(plan, given, activities.get(plan.key))
        return plans

    def create(self, rows: Sequence[tuple[Plan, BulkItem]]) -> None:
        """Create the activities of plans in few statements, and store them in their items."""
        made = activity_batches.create_all(plan.values for plan, _item in rows)
        for (_plan, item), activity in zip(rows, made, strict=True):
            item.activity = activity

    def change(self, plan: Plan, item: BulkItem) -> None:
        raise RuntimeError("an import changes no activity")

    def _set_key(self, plan: Plan, cells: Cells) -> None:
        if not self.has_key:
            return
        if "key" not in cells.texts:
            raise empty_key(self.mapping.columns["key"])
        plan.key = self._key(cells)

    def _key(self, cells: Cells) -> str:
        return cells.read(self.mapping.targets["key"], lambda text, _column: valid_key(text))

    def _prospects(self, cells: Sequence[Cells]) -> dict[str, Prospect]:
        """Return the prospects that rows name, by key: those that the user may change."""
        keys = {each.texts["prospect"] for each in cells if "prospect" in each.texts}
        if not keys:
            return {}
        editable = access.editable_prospects(self.user).filter(key__in=keys)
        return {one.key: one for one in editable}

    def _values(
        self, cells: Cells, name: Name | None, prospects: Mapping[str, Prospect]
    ) -> dict[str, Any]:
        given: dict[str, Any] = {}
        if name is not None:
            given["lead"] = self.leads.one(name)
        if "prospect" in cells.texts:
            key = cells.texts["prospect"]
            if key not in prospects:
                raise Refused(_("No prospect has “%(name)s”.") % {"name": key[:100]})
            given["prospect"] = prospects[key]
        if not given:
            raise Refused(_("The row does not name a lead."))
        given["occurred_at"] = valid_past_instant(
            moment_of(cells, self.mapping, self.zone).at, self.now
        )
        given["activity_type"] = self._type(cells)
        if "outcome" in cells.texts:
            given["outcome"] = self._outcome(cells, given["activity_type"])
        person = person_of(cells, self.mapping, self.people)
        if person is not None:
            given["user"] = person
        content = self._content(cells)
        if content:
            given["content"] = content
        if "key" in cells.texts and not self.has_key:
            given["key"] = self._unused_key(cells)
        return given

    def _type(self, cells: Cells) -> ActivityType:
        for target in ("activity_type", "kind"):
            if target in cells.texts:
                return cells.read(self.mapping.targets[target], lambda text, _c: self._named(text))
        chosen = self.types.get(self.options.get("activity_type") or 0)
        if chosen is None:
            raise Refused(_("The row has no activity type."))
        return chosen

    def _named(self, text: str) -> ActivityType:
        """Return the type with a name, or the only one of a kind with this name."""
        if not self.types_by_name.all(text) and len(self.types_by_kind.all(text)) == 1:
            return self.types_by_kind.one(text)
        return self.types_by_name.one(text)

    def _outcome(self, cells: Cells, activity_type: ActivityType) -> Outcome:
        def parse(text: str, _column: object) -> Outcome:
            of_type = self.outcomes.get(activity_type.pk)
            if of_type is None or not of_type.all(text):
                raise Refused(
                    _("“%(outcome)s” is not an outcome of “%(activity)s”.")
                    % {"outcome": text[:100], "activity": activity_type}
                )
            return of_type.one(text)

        return cells.read(self.mapping.targets["outcome"], parse)

    def _content(self, cells: Cells) -> str:
        """Return the note, below a line with the duration if the row has one."""
        lines = []
        if "minutes" in cells.texts:
            minutes = cells.read(
                self.mapping.targets["minutes"],
                lambda text, column: valid_minutes(int(values.number(text, column.decimal_mark))),
            )
            lines.append(_("Duration: %(number)d min") % {"number": minutes})
        if "content" in cells.texts:
            lines.append(
                cells.read(self.mapping.targets["content"], lambda text, _column: valid_text(text))
            )
        return "\n".join(lines)

    def _unused_key(self, cells: Cells) -> str:
        key = self._key(cells)
        if Activity.objects.filter(key=key).exists():
            raise Refused(_("Another activity has the key “%(key)s”.") % {"key": key})
        return key

    def _compare(self, plan: Plan, given: Mapping[str, Any], existing: Activity | None) -> None:
        """Plan a new activity, or nothing if it exists. Raises `Refused` if its values differ."""
        if existing is None:
            plan.values = {**given, "key": plan.key} if plan.key else given
            return
        for name, value in given.items():
            here = getattr(existing, name if name in ("occurred_at", "content") else f"{name}_id")
            is_same = (
                abs(here - value) < SECOND
                if name == "occurred_at"
                else here == (value if name == "content" else value.pk)
            )
            if not is_same:
                raise Refused(
                    _("The activity with this key differs, and activities are not changed.")
                )
        plan.row = existing


def _names_of_kind(activity_type: ActivityType) -> list[str]:
    names = [activity_type.kind]
    for language in LANGUAGES:
        with override(language):
            names.append(str(ActivityType.Kind(activity_type.kind).label))
    return names

"""Import of the steps of leads: the plan of each row, and its writing.

The rows of one lead are written together or not at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.sales import past_steps
from leadlight.sales.lead_values import Moment
from leadlight.sales.models import BulkItem, Lead, LeadEvent, Step
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.valid_values import valid_past_instant
from leadlight.sales.past_steps import PastStep
from leadlight.sales.refusals import Refused
from leadlight.table_import.lead_keys import NAMING, Name, NamedLeads
from leadlight.table_import.lookups import Lookups
from leadlight.table_import.moments import moment_of, person_of
from leadlight.table_import.planning import Cells, ColumnMapping, Plan, SourceRow, refusing


@dataclass(frozen=True)
class Move:
    """Row of a file: a lead entered a step at a moment, or was in it at that moment."""

    plan: Plan
    moment: Moment
    step: Step
    by: User | None
    status: str

    @property
    def at(self) -> datetime:
        return self.moment.at


@dataclass(frozen=True)
class Known:
    """Instants and values of the events of one kind of a lead, in order of time."""

    events: Sequence[tuple[datetime, str]]

    def at(self, moment: Moment) -> str:
        """Return the value at a moment, "" before the first one."""
        return next((value for at, value in reversed(self.events) if at <= moment.at), "")

    def holds(self, value: str, moment: Moment, zone: ZoneInfo) -> bool:
        """Return whether a value was in force at a moment, or was set on the day of the moment."""
        on_day = (at for at, set_to in self.events if set_to == value)
        return self.at(moment) == value or any(moment.is_at(at, zone) for at in on_day)


class StepRows:
    """Planner of the steps of leads."""

    def __init__(self, mapping: ColumnMapping, user: User, *, locks: bool = False) -> None:
        self.mapping, self.user = mapping, user
        self.leads = NamedLeads(mapping, user, locks=locks)
        self.names = Lookups(user)
        self.zone, self.now = organization().zone, timezone.now()

    def batches(self, rows: Iterable[SourceRow], size: int) -> Iterator[list[SourceRow]]:
        """Yield rows in batches, those of one lead together."""
        by_name: dict[tuple[str, str], list[SourceRow]] = defaultdict(list)
        for row in rows:
            texts = self.mapping.cells(row).texts
            named = (one for one in ("lead", *self.leads.fields, *NAMING) if one in texts)
            target = next(named, "")
            by_name[target, texts.get(target, "")].append(row)
        batch: list[SourceRow] = []
        for of_lead in by_name.values():
            batch += of_lead
            if len(batch) >= size:
                yield batch
                batch = []
        if batch:
            yield batch

    def writing(self) -> AbstractContextManager[object]:
        """Return the context in which rows are planned and written."""
        return nullcontext()

    def plan(self, rows: Sequence[SourceRow]) -> list[Plan]:
        """Return the plans of rows, in their order."""
        cells = [self.mapping.cells(row) for row in rows]
        plans = [Plan(row.number, reason=row.problem) for row in rows]
        names: list[Name | None] = [None for _row in rows]
        for place, (plan, each) in enumerate(zip(plans, cells, strict=True)):
            with refusing(plan):
                names[place] = self.leads.name(each)
        self.leads.read(filter(None, names))
        moves: dict[Lead, list[Move]] = defaultdict(list)
        for plan, each, name in zip(plans, cells, names, strict=True):
            if plan.reason and name is None:
                continue
            with refusing(plan):
                lead = plan.lead = self._lead(name)
                if not plan.reason:
                    move = self._move(plan, each, lead)
                    moves[lead].append(move)
        _refuse_whole_leads(plans)
        self._plan_leads(moves)
        _refuse_whole_leads(plans)
        return plans

    def create(self, rows: Sequence[tuple[Plan, BulkItem]]) -> None:
        """Write the steps of leads without a history."""
        steps: dict[Lead, list[PastStep]] = defaultdict(list)
        for plan, item in sorted(rows, key=lambda row: (row[0].values["at"], row[0].number)):
            given = plan.values
            steps[given["lead"]].append(PastStep(given["at"], given["step"], given["by"]))
            item.lead, item.before = given["lead"], given["lead"].step_id
        past_steps.write_all(steps)

    def change(self, plan: Plan, item: BulkItem) -> None:
        """Move the lead of a plan by its verb. Raises `Refused`."""
        item.lead = plan.row
        plan.row.move_to(plan.values["step"], by=plan.values["by"], at=plan.values["at"])

    def _lead(self, name: Name | None) -> Lead:
        if name is None:
            raise Refused(_("The row does not name a lead."))
        return self.leads.one(name)

    def _move(self, plan: Plan, cells: Cells, lead: Lead) -> Move:
        moment = moment_of(cells, self.mapping, self.zone)
        valid_past_instant(moment.at, self.now)
        status = ""
        if "status" in cells.texts:
            status = cells.read(
                self.mapping.targets["status"], lambda text, _column: self.names.status(text)
            )
        return Move(
            plan,
            moment,
            self._step(cells, lead),
            person_of(cells, self.mapping, self.names.people),
            status,
        )

    def _step(self, cells: Cells, lead: Lead) -> Step:
        if "step" not in cells.texts:
            raise Refused(_("The row has no step."))
        pipelines: list[int | None] = [lead.pipeline_id]
        if "pipeline" in cells.texts:
            named = cells.read(
                self.mapping.targets["pipeline"],
                lambda text, _column: self.names.pipelines.one(text),
            )
            pipelines = [named.pk]
        return cells.read(
            self.mapping.targets["step"], lambda text, _column: self.names.step(text, pipelines)
        )

    def _plan_leads(self, moves: dict[Lead, list[Move]]) -> None:
        steps, statuses = self._known(Kind.STEP, moves), self._known(Kind.STATUS, moves)
        for lead, of_lead in moves.items():
            ordered = sorted(of_lead, key=lambda move: (move.at, move.plan.number))
            for move in ordered:
                with refusing(move.plan):
                    self._refuse_impossible(lead, move, statuses[lead.pk])
            if any(move.plan.reason for move in ordered):
                continue
            known = steps[lead.pk]
            if lead.has_history or len(known.events) != 1:
                self._append(lead, ordered, known)
            else:
                self._replace(lead, ordered)

    def _known(self, kind: str, leads: Iterable[Lead]) -> dict[int, Known]:
        found: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
        events = LeadEvent.objects.filter(lead__in=leads, kind=kind).order_by("occurred_at", "pk")
        for lead_id, at, value in events.values_list("lead_id", "occurred_at", "value"):
            found[lead_id].append((at, value))
        return defaultdict(lambda: Known(()), {pk: Known(each) for pk, each in found.items()})

    def _refuse_impossible(self, lead: Lead, move: Move, statuses: Known) -> None:
        if move.at < lead.created_at and not move.moment.is_at(lead.created_at, self.zone):
            raise Refused(_("“%(lead)s” did not exist on that date.") % {"lead": lead})
        if move.status and not statuses.holds(move.status, move.moment, self.zone):
            raise Refused(
                _("“%(lead)s” had another status on that day. Import statuses with the leads.")
                % {"lead": lead}
            )

    def _append(self, lead: Lead, moves: Sequence[Move], known: Known) -> None:
        """Plan the moves after the history of a lead; moves that it contains change nothing."""
        last, step_id = known.events[-1] if known.events else (lead.created_at, "")
        for move in moves:
            if move.at <= last and known.holds(str(move.step.pk), move.moment, self.zone):
                move.plan.row = lead
            elif move.at < last:
                move.plan.reason = _(
                    "“%(lead)s” has a history until %(day)s, which is not changed. Only later "
                    "steps are added."
                ) % {"lead": lead, "day": last.astimezone(self.zone).date()}
            else:
                move.plan.row = lead
                if str(move.step.pk) != step_id:
                    move.plan.values = {"step": move.step, "at": move.at, "by": move.by}
                last, step_id = move.at, str(move.step.pk)

    def _replace(self, lead: Lead, moves: Sequence[Move]) -> None:
        """Plan the steps of a lead that was imported without a history of steps."""
        first, last = moves[0], moves[-1]
        created_on = lead.created_at.astimezone(self.zone).date()
        if first.at.astimezone(self.zone).date() != created_on:
            reason = _("The steps of “%(lead)s” must begin on %(day)s, when it was created.") % {
                "lead": lead,
                "day": created_on,
            }
        elif last.step.pk != lead.step_id:
            reason = _("The steps end with “%(step)s”, but “%(lead)s” is in “%(now)s”.") % {
                "step": last.step,
                "lead": lead,
                "now": lead.step,
            }
        else:
            reason = ""
        is_known = len({move.step.pk for move in moves}) == 1
        for move in moves:
            move.plan.reason = reason
            if is_known and not reason:
                move.plan.row = lead
            else:
                at = max(move.at, lead.created_at)
                move.plan.values = {"lead": lead, "at": at, "step": move.step, "by": move.by}


def _refuse_whole_leads(plans: Iterable[Plan]) -> None:
    """Refuse all rows of a lead if one of them is refused."""
    refused: dict[Lead, int] = {}
    for plan in plans:
        if plan.reason and plan.lead is not None:
            refused.setdefault(plan.lead, plan.number)
    for plan in plans:
        if plan.lead in refused and not plan.reason:
            plan.reason = _("Row %(number)d of the same lead is refused.") % {
                "number": refused[plan.lead]
            }

"""Leads, and the verbs of selling. Each verb writes the history of what it did with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import Team, User
from leadlight.bounds import FIRST_DAY, LAST_DAY, holds_day, holds_instant
from leadlight.sales.models.clients import Client
from leadlight.sales.models.history import CLOSED, FIELDS, OPEN, Kind, LeadEvent
from leadlight.sales.models.pipelines import Pipeline, Step
from leadlight.sales.models.prospecting import Prospect
from leadlight.sales.models.tags import Tag
from leadlight.sales.refusals import Refused

LARGEST_AMOUNT = Decimal("999999999999.99")


class Lead(Keyed):
    """A deal in the making. Change what history keeps only through the verbs below.

    Every verb takes `by`, who did it (None: nobody known), and `at`, when it happened
    (None: now; never in the future). It raises `Refused` when the business does not allow it.
    """

    class Status(models.TextChoices):
        TODO = "todo", pgettext_lazy("status of a lead", "To do")
        STANDBY = "standby", pgettext_lazy("status of a lead", "Standby")
        WON = "won", pgettext_lazy("status of a lead", "Won")
        LOST = "lost", pgettext_lazy("status of a lead", "Lost")
        CANCELLED = "cancelled", pgettext_lazy("status of a lead", "Cancelled")

    title = models.CharField(gettext_lazy("title"), max_length=300)
    description = models.TextField(gettext_lazy("description"), blank=True)
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="leads")
    step = models.ForeignKey(Step, models.PROTECT, related_name="leads")
    status = models.CharField(
        gettext_lazy("status"), max_length=10, choices=Status.choices, default=Status.TODO
    )
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="leads")
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="leads")
    client = models.ForeignKey(Client, models.PROTECT, null=True, blank=True, related_name="leads")
    amount = models.DecimalField(
        gettext_lazy("amount"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    probability = models.PositiveSmallIntegerField(
        gettext_lazy("probability (%)"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(100)],
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="created_leads"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    estimated_closing_on = models.DateField(gettext_lazy("expected day"), null=True, blank=True)
    reminder_at = models.DateTimeField(gettext_lazy("reminder"), null=True, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="leads")
    source = models.CharField(gettext_lazy("source"), max_length=200, blank=True)
    prospect = models.OneToOneField(
        Prospect, models.PROTECT, null=True, blank=True, related_name="lead"
    )
    is_starred = models.BooleanField(gettext_lazy("starred"), default=False)
    is_deleted = models.BooleanField(default=False)
    has_history = models.BooleanField(
        default=True,
        help_text="False when the lead came in without events: its steps in between are unknown.",
    )

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-created_at", "-id"], name="newest_first")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status__in=CLOSED, closed_at__isnull=False)
                | models.Q(status__in=OPEN, closed_at__isnull=True),
                name="closed_leads_have_an_instant",
            )
        ]

    def __str__(self) -> str:
        return self.title

    # Predicates

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_closed(self) -> bool:
        return self.status in CLOSED

    # Verbs

    @classmethod
    def create(
        cls,
        *,
        title: str,
        by: User | None,
        step: Step | None = None,
        owner: User | None = None,
        team: Team | None = None,
        amount: Decimal | int | None = None,
        probability: int | None = None,
        estimated_closing_on: date | None = None,
        at: datetime | None = None,
        **details: Any,
    ) -> Lead:
        """A new lead, to do, in the given step or the first one of the default pipeline.

        `details` are the fields that history does not keep: description, client, source, ….
        """
        step = step or Pipeline.default().first_step
        lead = cls(title=title, created_by=by, **details)
        with transaction.atomic():
            now = timezone.now()
            lead.created_at = _valid_instant(at, now)
            opening: dict[str, Any] = {
                Kind.PIPELINE: step.pipeline_id,
                Kind.STEP: step.pk,
                Kind.STATUS: cls.Status.TODO,
                Kind.OWNER: owner and owner.pk,
                Kind.TEAM: _pk(team or (owner and _first_team(owner))),
                Kind.AMOUNT: _valid_amount(amount),
                Kind.PROBABILITY: _valid_probability(probability),
                Kind.ESTIMATED_CLOSING: _valid_day(estimated_closing_on),
            }
            for kind, value in opening.items():
                setattr(lead, FIELDS[kind].attribute, value)
            lead.save()
            facts = {Kind.CREATED: ""} | {
                kind: FIELDS[kind].write(value)
                for kind, value in opening.items()
                if value is not None
            }
            lead._record(facts, by, lead.created_at, now)
        return lead

    def move_to(self, step: Step, *, by: User | None, at: datetime | None = None) -> None:
        """Put the lead in a step, of its own pipeline or of another one."""
        with self._changing(by, at) as changes:
            changes[Kind.PIPELINE] = step.pipeline_id
            changes[Kind.STEP] = step.pk

    def win(self, *, by: User | None, at: datetime | None = None) -> None:
        self._close(self.Status.WON, by, at)

    def lose(self, *, by: User | None, at: datetime | None = None) -> None:
        self._close(self.Status.LOST, by, at)

    def cancel(self, *, by: User | None, at: datetime | None = None) -> None:
        self._close(self.Status.CANCELLED, by, at)

    def stand_by(self, *, by: User | None, at: datetime | None = None) -> None:
        """Rest the lead; it stays open."""
        with self._changing(by, at) as changes:
            self._must_be_open()
            changes[Kind.STATUS] = self.Status.STANDBY

    def resume(self, *, by: User | None, at: datetime | None = None) -> None:
        """Take up a resting lead again."""
        with self._changing(by, at) as changes:
            self._must_be_open()
            changes[Kind.STATUS] = self.Status.TODO

    def reopen(self, *, by: User | None, at: datetime | None = None) -> None:
        """Undo a closing: the lead is to do again, and the closing counts in no period."""
        with self._changing(by, at) as changes:
            if self.is_open:
                raise Refused(_("“%(lead)s” is open already.") % {"lead": self})
            changes[Kind.STATUS] = self.Status.TODO

    def assign_to(
        self,
        owner: User | None,
        *,
        by: User | None,
        team: Team | None = None,
        at: datetime | None = None,
    ) -> None:
        """Give the lead to a seller and his team (his first one unless told), or to nobody.

        A lead keeps its team when the new owner is in it, and when it is given to nobody.
        """
        with self._changing(by, at) as changes:
            if owner is not None and not owner.is_active:
                raise Refused(_("%(user)s is no longer active.") % {"user": owner})
            changes[Kind.OWNER] = owner and owner.pk
            if team is None and owner is not None:
                stays = owner.memberships.filter(team=self.team).exists()
                changes[Kind.TEAM] = self.team_id if stays else _pk(_first_team(owner))
            elif team is not None:
                changes[Kind.TEAM] = team.pk

    def set_amount(
        self, amount: Decimal | int | None, *, by: User | None, at: datetime | None = None
    ) -> None:
        with self._changing(by, at) as changes:
            changes[Kind.AMOUNT] = _valid_amount(amount)

    def set_probability(
        self, probability: int | None, *, by: User | None, at: datetime | None = None
    ) -> None:
        """The lead's own chance in per cent; None leaves it to the step."""
        with self._changing(by, at) as changes:
            changes[Kind.PROBABILITY] = _valid_probability(probability)

    def set_estimated_closing(
        self, day: date | None, *, by: User | None, at: datetime | None = None
    ) -> None:
        with self._changing(by, at) as changes:
            changes[Kind.ESTIMATED_CLOSING] = _valid_day(day)

    def bin(self, *, by: User | None, at: datetime | None = None) -> None:
        """Delete the lead: it leaves every report and list, and can be restored."""
        with self._changing(by, at) as changes:
            changes[Kind.DELETED] = True

    def restore(self, *, by: User | None, at: datetime | None = None) -> None:
        """Take the lead back out of the bin."""
        with self._changing(by, at) as changes:
            changes[Kind.DELETED] = False

    # How verbs write

    def _close(self, status: str, by: User | None, at: datetime | None) -> None:
        with self._changing(by, at) as changes:
            if self.status == status:
                raise Refused(
                    _("“%(lead)s” is %(status)s already.")
                    % {"lead": self, "status": self.get_status_display().lower()}
                )
            changes[Kind.STATUS] = status

    def _must_be_open(self) -> None:
        if self.is_closed:
            raise Refused(_("“%(lead)s” is closed: re-open it first.") % {"lead": self})

    @contextmanager
    def _changing(self, by: User | None, at: datetime | None) -> Iterator[dict[str, Any]]:
        """Lock and reread the row, let the verb say what changes, then write row and history."""
        with transaction.atomic():
            self.refresh_from_db(from_queryset=Lead.objects.select_for_update(of=("self",)))
            changes: dict[str, Any] = {}
            yield changes
            self._write(changes, by, at)

    def _write(self, changes: dict[str, Any], by: User | None, at: datetime | None) -> None:
        changes = {
            kind: value
            for kind, value in changes.items()
            if getattr(self, FIELDS[kind].attribute) != value
        }
        if not changes:
            return
        now = timezone.now()
        occurred_at = _valid_instant(at, now)
        self._must_not_be_overtaken(changes, occurred_at)
        for kind, value in changes.items():
            setattr(self, FIELDS[kind].attribute, value)
        if Kind.STATUS in changes:
            self.closed_at = occurred_at if self.is_closed else None
        self.save(update_fields=[*(FIELDS[kind].attribute for kind in changes), "closed_at"])
        facts = {kind: FIELDS[kind].write(value) for kind, value in changes.items()}
        self._record(facts, by, occurred_at, now)

    def _must_not_be_overtaken(self, changes: dict[str, Any], occurred_at: datetime) -> None:
        """Refuse a fact about a time before the lead, or before a later fact of its kind."""
        if occurred_at < self.created_at:
            raise Refused(_("“%(lead)s” did not exist at that time.") % {"lead": self})
        if self.events.filter(kind__in=changes, occurred_at__gt=occurred_at).exists():
            raise Refused(_("“%(lead)s” has changed since that time.") % {"lead": self})

    def _record(
        self, facts: dict[str, str], by: User | None, occurred_at: datetime, now: datetime
    ) -> None:
        LeadEvent.objects.bulk_create(
            LeadEvent(
                lead=self,
                occurred_at=occurred_at,
                recorded_at=now,
                actor=by,
                kind=kind,
                value=value,
            )
            for kind, value in facts.items()
        )


def _pk(row: models.Model | None) -> int | None:
    return None if row is None else row.pk


def _first_team(user: User) -> Team | None:
    return Team.objects.filter(memberships__user=user).order_by("memberships__pk").first()


def _valid_instant(at: datetime | None, now: datetime) -> datetime:
    if at is not None and at > now:
        raise Refused(_("That moment has not come yet."))
    if at is not None and not holds_instant(at):
        raise Refused(_("That moment is too long ago for a report."))
    return at or now


def _valid_day(day: date | None) -> date | None:
    if day is not None and not holds_day(day):
        raise Refused(
            _("A day from %(first)s to %(last)s is needed.")
            % {"first": FIRST_DAY, "last": LAST_DAY}
        )
    return day


def _valid_amount(amount: Decimal | int | None) -> Decimal | None:
    if amount is None:
        return None
    exact = Decimal(amount).quantize(Decimal("0.01"))
    if exact != Decimal(amount) or abs(exact) > LARGEST_AMOUNT:
        raise Refused(_("An amount has at most two decimals and twelve digits before them."))
    return exact


def _valid_probability(probability: int | None) -> int | None:
    if probability is not None and not 0 <= probability <= 100:
        raise Refused(_("A probability is between 0 and 100 per cent."))
    return probability

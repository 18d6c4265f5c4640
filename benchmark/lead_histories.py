"""Random histories of the leads of a generated company."""

from __future__ import annotations

import random
from typing import Any

from benchmark.rows import DAY, DAY_TEXTS, DAYS, Batch, Company, text_of

SOURCES = ("", "Web", "Fair", "Call", "Partner", "Campaign")


class Writer:
    """Generator of leads that collects their rows in batches."""

    def __init__(self, company: Company, chance: random.Random, leads: int) -> None:
        self.company = company
        self.chance = chance
        self.spacing = DAYS * DAY * 0.97 / leads
        self.batch = Batch()
        self.events = self.activities = self.prospects = 0

    def flush(self) -> None:
        self.batch.write()
        self.batch = Batch()

    def lead(self, number: int) -> None:
        chance = self.chance
        history = LeadHistory(self, number, int(number * self.spacing))
        prospect = self._prospect(history) if chance.random() < 1 / 3 else None
        history.generate()
        self.batch.leads.append(history.row(prospect))
        for category in chance.sample(self.company.tags, chance.choice((1, 2))):
            self.batch.tags.append((number, chance.choice(category)))
        for _ in range(chance.choice((2, 3, 4, 5, 6))):
            self._activity(history, prospect)

    def _prospect(self, history: LeadHistory) -> int:
        self.prospects += 1
        made = max(0, history.created - self.chance.randrange(30 * DAY))
        self.batch.prospects.append(
            (
                self.prospects,
                f"p{self.prospects:09}",
                self.chance.choice(self.company.lists),
                text_of(made),
                history.owner,
                text_of(history.created),
                "{}",
            )
        )
        return self.prospects

    def _activity(self, history: LeadHistory, prospect: int | None) -> None:
        self.activities += 1
        when = text_of(self.chance.randint(history.created, history.now))
        kind, outcomes = self.chance.choice(list(self.company.outcomes.items()))
        self.batch.activities.append(
            (
                self.activities,
                f"a{self.activities:09}",
                when,
                when,
                history.owner,
                kind,
                self.chance.choice(outcomes),
                history.number,
                prospect,
                "",
            )
        )


class LeadHistory:
    """History of one lead; each event is added to the batch as it happens."""

    def __init__(self, writer: Writer, number: int, created: int) -> None:
        self.writer = writer
        self.chance = writer.chance
        self.number = number
        self.created = self.now = created
        self.owner = self.creator = self.chance.choice(writer.company.users)
        self.team = writer.company.team_of[self.owner]
        self.pipeline, self.steps = self.chance.choice(list(writer.company.steps.items()))
        self.place = 0
        self.status = "todo"
        self.closed: int | None = None
        self.amount = self.chance.randrange(2, 400) * 50
        self.probability = self.chance.choice((None, None, 20, 50, 80))
        self.expected = self._day(self.chance.randrange(20, 120))

    def generate(self) -> None:
        self._open()
        while self.place < 4 and self.chance.random() < 0.73:
            self._advance(20)
            self._take_a_step()
            if self.chance.random() < 0.45:
                self._advance(5)
                self._postpone_close()
        if self.chance.random() < 0.12:
            self._advance(5)
            self._hand_over()
        if self.chance.random() < 0.82:
            self._advance(25)
            self._close()
            if self.chance.random() < 0.03:
                self._advance(10)
                self._reopen()
        if self.chance.random() < 0.3:
            self._add_events(("comment", "Called back"))

    def row(self, prospect: int | None) -> tuple[Any, ...]:
        return (
            self.number,
            f"l{self.number:09}",
            f"Lead {self.number}",
            "",
            self.pipeline,
            self.steps[self.place],
            self.status,
            self.owner,
            self.team,
            self.amount,
            self.probability,
            text_of(self.created),
            self.creator,
            None if self.closed is None else text_of(self.closed),
            self.expected,
            self.chance.choice(SOURCES),
            prospect,
            self.chance.random() < 0.02,
            False,
            True,
        )

    def _advance(self, days: int) -> None:
        """Advance the time by 10 minutes to `days` days, at most to the end of the data."""
        self.now = min(self.now + self.chance.randrange(600, days * DAY), DAYS * DAY)

    def _day(self, days: int) -> str:
        return DAY_TEXTS[min(self.now // DAY + days, DAYS)].strip()

    def _add_events(self, *facts: tuple[str, object]) -> None:
        """Add events that occur now; one time in twenty they are recorded up to 3 days late."""
        writer, occurred_at = self.writer, text_of(self.now)
        recorded_at = occurred_at
        if self.chance.random() < 0.05:
            recorded_at = text_of(min(self.now + self.chance.randrange(3 * DAY), DAYS * DAY))
        for kind, value in facts:
            writer.events += 1
            key = f"e{writer.events:09}"
            written = "" if value is None else str(value)
            writer.batch.events.append(
                (
                    writer.events,
                    key,
                    self.number,
                    occurred_at,
                    recorded_at,
                    self.owner,
                    kind,
                    written,
                )
            )

    def _open(self) -> None:
        opening: list[tuple[str, object]] = [
            ("created", ""),
            ("pipeline", self.pipeline),
            ("step", self.steps[0]),
            ("status", "todo"),
            ("owner", self.owner),
            ("team", self.team),
            ("amount", self.amount),
            ("estimated_closing", self.expected),
        ]
        if self.probability is not None:
            opening.append(("probability", self.probability))
        self._add_events(*opening)

    def _take_a_step(self) -> None:
        self.place = min(4, self.place + self.chance.choice((1, 1, 1, 2)))
        self._add_events(("step", self.steps[self.place]))

    def _postpone_close(self) -> None:
        self.expected = self._day(self.chance.randrange(10, 60))
        self.amount += 50
        self._add_events(("estimated_closing", self.expected), ("amount", self.amount))

    def _hand_over(self) -> None:
        self.owner = self.chance.choice(self.writer.company.users)
        self.team = self.writer.company.team_of[self.owner]
        self._add_events(("owner", self.owner), ("team", self.team))

    def _close(self) -> None:
        odds = (15 + 10 * self.place, 60, 15)
        self.status = self.chance.choices(("won", "lost", "cancelled"), odds)[0]
        self.closed = self.now
        self._add_events(("status", self.status))

    def _reopen(self) -> None:
        self.status, self.closed = "todo", None
        self._add_events(("status", "todo"))

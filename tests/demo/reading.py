"""Minimal reader of company folders, independent of the code that generates the demo."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

Row = dict[str, str]
CLOSED = {"won", "lost", "cancelled"}
OPEN = {"todo", "standby"}

COLUMNS = {
    "users": "user,first_name,last_name,email,role,is_active",
    "teams": "team,name",
    "memberships": "team,user,is_manager",
    "pipelines": "pipeline,name,is_default",
    "steps": "step,pipeline,name,position,probability",
    "holidays": "holiday,day,name",
    "categories": "category,name,is_required,reason_for",
    "tags": "tag,name,category",
    "activity_types": "activity_type,name,kind",
    "outcomes": "outcome,activity_type,name,is_reached",
    "fields": "field,subject,name,kind,choices,is_key,position,is_archived",
    "follow_up_templates": "follow_up_template,name,position,is_archived",
    "follow_up_steps": "follow_up_step,follow_up_template,position,title,days,is_in_working_days,"
    "owner_rule,person,note",
    "clients": "client,name,description,is_active",
    "prospecting_lists": "prospecting_list,name,user,created_at,source,cost,tags,is_archived",
    "costs": "cost,name,amount,first_on,last_on,prospecting_list,source,tag,created_at",
    "prospects": "prospect,prospecting_list,created_at,user,lead,converted_at,"
    "cell:Société,cell:Téléphone,cell:E-mail,cell:Ville",
    "leads": "lead,title,description,pipeline,step,status,user,team,client,amount,probability,"
    "created_at,created_by,closed_at,estimated_closing_on,reminder_at,tags,source,prospect,"
    "is_starred,reminder_is_all_day,reminder_minutes,reminder_activity,reminder_note,"
    "follows,follows_as,field:batiment,field:surface,field:visite,field:plans",
    "lead_events": "lead_event,lead,occurred_at,recorded_at,actor,kind,value,about",
    "follow_ups": "follow_up,lead,follow_up_template,name,started_at,started_by",
    "tasks": "task,lead,follow_up,position,title,note,status,due_on,user,done_at,done_by,"
    "created_at,created_by,is_removed",
    "activities": "activity,occurred_at,recorded_at,user,activity_type,outcome,lead,prospect,"
    "content",
    "attachments": "attachment,lead,name,size,digest,added_at,added_by",
    "goals": "goal,user,team,measure,activity_type,period,starts_on,target",
}
FIELD_OF_KIND = {
    "pipeline": "pipeline",
    "step": "step",
    "status": "status",
    "owner": "user",
    "team": "team",
    "amount": "amount",
    "probability": "probability",
    "estimated_closing": "estimated_closing_on",
}


@dataclass
class Company:
    folder: Path
    today: date

    def rows(self, name: str) -> list[Row]:
        if name not in self._read:
            with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                self._read[name] = list(csv.DictReader(file))
        return self._read[name]

    @cached_property
    def _read(self) -> dict[str, list[Row]]:
        return {}

    def keys(self, name: str) -> set[str]:
        first = COLUMNS[name].split(",")[0]
        return {row[first] for row in self.rows(name)}

    def by_key(self, name: str) -> dict[str, Row]:
        first = COLUMNS[name].split(",")[0]
        return {row[first]: row for row in self.rows(name)}

    @cached_property
    def histories(self) -> dict[str, list[Row]]:
        """The events of each lead, in the order of the file."""
        histories: dict[str, list[Row]] = defaultdict(list)
        for event in self.rows("lead_events"):
            histories[event["lead"]].append(event)
        return histories

    @cached_property
    def team_of(self) -> dict[str, str]:
        return {row["user"]: row["team"] for row in self.rows("memberships")}

    @cached_property
    def deleted(self) -> set[str]:
        return {row["lead"] for row in self.rows("lead_events") if row["kind"] == "deleted"}

    @cached_property
    def living(self) -> list[Row]:
        """Leads that are not deleted."""
        return [lead for lead in self.rows("leads") if lead["lead"] not in self.deleted]

    @cached_property
    def actions(self) -> list[tuple[str, datetime]]:
        """User and instant of every event and activity."""
        events = [(row["actor"], row["occurred_at"]) for row in self.rows("lead_events")]
        done = [(row["user"], row["occurred_at"]) for row in self.rows("activities")]
        return [(user, datetime.fromisoformat(at)) for user, at in events + done if user]


def win_rate(leads: list[Row]) -> float:
    """Return won leads divided by closed leads."""
    closed = [lead for lead in leads if lead["status"] in CLOSED]
    return sum(lead["status"] == "won" for lead in closed) / len(closed)


def days_to_close(lead: Row) -> float:
    took = datetime.fromisoformat(lead["closed_at"]) - datetime.fromisoformat(lead["created_at"])
    return took.total_seconds() / 86_400

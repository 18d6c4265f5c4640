"""Write the simulated company as the files of a company folder."""

import csv
import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from django.utils import translation
from django.utils.translation import gettext

from leadlight.accounts.public_holidays import french_holidays
from leadlight.demo import after_sale, catalogue, custom_fields, parameters
from leadlight.demo.costs import costs
from leadlight.demo.goals import goals
from leadlight.demo.sources import LISTS
from leadlight.demo.world import Activity, AttachedFile, Event, Lead, Prospect, Reminder, World

Row = Sequence[object]


def write(world: World, folder: Path) -> None:
    """Write every file of the company folder, and overwrite existing ones."""
    (folder / "company.toml").write_text(_company(), encoding="utf-8", newline="\n")
    _write_people(folder)
    _write_holidays(world, folder)
    _write_catalogue(folder)
    _write_prospecting(world, folder)
    _write_leads(world, folder)
    _write_after_sale(world, folder)
    _write_files(world, folder)
    _write_goals(world, folder)


def _company() -> str:
    return (
        f'name = "{parameters.COMPANY_NAME}"\n'
        f'time_zone = "{parameters.TIME_ZONE}"\n'
        f'currency = "{parameters.CURRENCY}"\n'
        f'locale = "{parameters.LOCALE}"\n'
        f"first_weekday = {parameters.FIRST_WEEKDAY}\n"
        f"fiscal_year_start_month = {parameters.FISCAL_YEAR_START_MONTH}\n"
    )


def _file(folder: Path, name: str, columns: str, rows: Iterable[Row]) -> None:
    """Write one CSV file; `columns` are the headers, separated by spaces."""
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns.split())
        writer.writerows(rows)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _instant(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _recorded(occurred_at: datetime, recorded_at: datetime) -> str:
    """Format `recorded_at`; empty if it equals `occurred_at`."""
    return _instant(recorded_at) if recorded_at > occurred_at else ""


def _write_people(folder: Path) -> None:
    people = [
        (p.user, p.first_name, p.last_name, p.email, p.role, _flag(p.left is None))
        for p in parameters.PEOPLE
    ]
    members = [(p.team, p.user, _flag(p.role == "manager")) for p in parameters.PEOPLE if p.team]
    _file(folder, "users", "user first_name last_name email role is_active", people)
    _file(folder, "teams", "team name", [(team.team, team.name) for team in parameters.TEAMS])
    _file(folder, "memberships", "team user is_manager", members)


def _write_holidays(world: World, folder: Path) -> None:
    """Write the French public holidays from the first simulated year to the year after today."""
    years = range(world.first_day.year, world.today.year + 2)
    days = [pair for year in years for pair in french_holidays(year).items()]
    with translation.override(parameters.LOCALE):
        rows = [(day.isoformat(), day.isoformat(), gettext(name)) for day, name in days]
    _file(folder, "holidays", "holiday day name", rows)


def _write_catalogue(folder: Path) -> None:
    """Write the pipelines, steps, tags, activity types and custom fields."""
    pipelines = [
        (p.pipeline, p.name, _flag(p is catalogue.DEFAULT_PIPELINE)) for p in catalogue.PIPELINES
    ]
    steps = [
        (step.step, pipeline.pipeline, step.name, position, step.probability)
        for pipeline in catalogue.PIPELINES
        for position, step in enumerate(pipeline.steps, start=1)
    ]
    _file(folder, "pipelines", "pipeline name is_default", pipelines)
    _file(folder, "steps", "step pipeline name position probability", steps)
    categories = [
        (c.category, c.name, _flag(c.is_required), c.reason_for) for c in catalogue.CATEGORIES
    ]
    tags = [(tag, name, c.category) for c in catalogue.CATEGORIES for tag, name in c.tags]
    _file(folder, "categories", "category name is_required reason_for", categories)
    _file(folder, "tags", "tag name category", tags)
    types = [(t.activity_type, t.name, t.kind) for t in catalogue.ACTIVITY_TYPES]
    outcomes = [
        (each.outcome, t.activity_type, each.name, _flag(each.is_reached))
        for t in catalogue.ACTIVITY_TYPES
        for each in t.outcomes
    ]
    _file(folder, "activity_types", "activity_type name kind", types)
    _file(folder, "outcomes", "outcome activity_type name is_reached", outcomes)
    columns = "field subject name kind choices is_key position is_archived"
    _file(folder, "fields", columns, custom_fields.definitions())


def _write_prospecting(world: World, folder: Path) -> None:
    clients = [(c.key, c.name, c.description, _flag(c.is_active)) for c in world.clients]
    _file(folder, "clients", "client name description is_active", clients)
    columns = "prospecting_list name user created_at source cost tags is_archived"
    _file(folder, "prospecting_lists", columns, _lists(world))
    columns = "cost name amount first_on last_on prospecting_list source tag created_at"
    _file(folder, "costs", columns, _costs(world))
    columns = "prospect prospecting_list created_at user lead converted_at"
    cells = "cell:Société cell:Téléphone cell:E-mail cell:Ville"
    _file(folder, "prospects", f"{columns} {cells}", map(_prospect, world.prospects))


def _lists(world: World) -> Iterable[Row]:
    for each in LISTS:
        at = world.list_created_at[each.key]
        name = each.name.format(year=at.year)
        tags, archived = ";".join(sorted(each.tags)), _flag(each.is_archived)
        yield each.key, name, each.user, _instant(at), each.source, each.cost, tags, archived


def _costs(world: World) -> Iterable[Row]:
    for number, one in enumerate(costs(world), start=1):
        place = one.prospecting_list, one.source, one.tag
        days = one.first_on, one.last_on
        yield f"K{number}", one.name, one.amount, *days, *place, _instant(one.recorded_at)


def _prospect(row: Prospect) -> Row:
    lead = (row.lead.key, _instant(row.lead.created_at)) if row.lead else ("", "")
    cells = (row.company, row.phone, row.mail, row.town)
    return (row.key, row.plan.key, _instant(row.created_at), row.user, *lead, *cells)


def _write_leads(world: World, folder: Path) -> None:
    columns = (
        "lead title description pipeline step status user team client amount probability "
        "created_at created_by closed_at estimated_closing_on reminder_at tags source prospect "
        "is_starred reminder_is_all_day reminder_minutes reminder_activity reminder_note "
        "follows follows_as"
    )
    own = " ".join(f"field:{field.key}" for field in custom_fields.FIELDS)
    rows = ((*_lead(lead), *custom_fields.values(world, lead)) for lead in world.leads)
    _file(folder, "leads", f"{columns} {own}", rows)
    columns = "lead_event lead occurred_at recorded_at actor kind value about"
    events = ((lead, event) for lead in world.leads for event in lead.events)
    happened = (_event(number, *each) for number, each in enumerate(events, start=1))
    _file(folder, "lead_events", columns, happened)
    columns = "activity occurred_at recorded_at user activity_type outcome lead prospect content"
    done = (_activity(number, each) for number, each in enumerate(world.activities, start=1))
    _file(folder, "activities", columns, done)


def _lead(lead: Lead) -> Row:
    now = lead.state
    return (
        lead.key,
        f"{lead.product.name} – {lead.company}",
        lead.description,
        now["pipeline"],
        now["step"],
        now["status"],
        now["owner"],
        now.get("team", ""),
        lead.client.key if lead.client else "",
        now.get("amount", ""),
        now.get("probability", ""),
        _instant(lead.created_at),
        lead.created_by,
        _instant(lead.closed_at),
        now.get("estimated_closing", ""),
        _instant(lead.reminder.at if lead.reminder else None),
        ";".join(sorted(lead.tags)),
        lead.source,
        lead.prospect.key if lead.prospect else "",
        _flag(lead.is_starred),
        *_planned(lead.reminder),
        lead.follows.key if lead.follows else "",
        lead.follows_as,
    )


def _planned(reminder: Reminder | None) -> Row:
    if reminder is None:
        return _flag(False), "", "", ""
    minutes, activity = reminder.minutes or "", reminder.activity_type
    return _flag(reminder.is_all_day), minutes, activity, reminder.note


def _event(number: int, lead: Lead, event: Event) -> Row:
    recorded = _recorded(event.occurred_at, event.recorded_at)
    at = _instant(event.occurred_at)
    what = (event.actor, event.kind, event.value, event.about)
    return f"E{number:06}", lead.key, at, recorded, *what


def _activity(number: int, each: Activity) -> Row:
    recorded = _recorded(each.occurred_at, each.recorded_at)
    when = (f"A{number:06}", _instant(each.occurred_at), recorded)
    what = (each.user, each.activity_type, each.outcome, each.lead, each.prospect, each.content)
    return (*when, *what)


def _write_files(world: World, folder: Path) -> None:
    contents = {hashlib.sha256(file.content).hexdigest(): file.content for file in world.files}
    (folder / "files").mkdir(exist_ok=True)
    for digest, content in contents.items():
        (folder / "files" / digest).write_bytes(content)
    _file(
        folder,
        "attachments",
        "attachment lead name size digest added_at added_by",
        map(_attached, world.files),
    )


def _attached(file: AttachedFile) -> Row:
    digest = hashlib.sha256(file.content).hexdigest()
    at = _instant(file.added_at)
    return file.key, file.lead, file.name, len(file.content), digest, at, file.added_by


def _write_after_sale(world: World, folder: Path) -> None:
    columns = "follow_up_template name position is_archived"
    _file(folder, "follow_up_templates", columns, after_sale.template_rows())
    columns = "follow_up_step follow_up_template position title days is_in_working_days owner_rule"
    _file(folder, "follow_up_steps", f"{columns} person note", after_sale.step_rows())
    columns = "follow_up lead follow_up_template name started_at started_by"
    _file(folder, "follow_ups", columns, after_sale.follow_up_rows(world.follow_ups))
    columns = "task lead follow_up position title note status due_on user done_at done_by"
    rows = after_sale.task_rows(world.follow_ups)
    _file(folder, "tasks", f"{columns} created_at created_by is_removed", rows)


def _write_goals(world: World, folder: Path) -> None:
    columns = "goal user team measure activity_type period starts_on target"
    rows = (
        (f"G{n:03}", g.user, g.team, g.measure, g.activity_type, g.period, g.starts_on, g.target)
        for n, g in enumerate(goals(world), start=1)
    )
    _file(folder, "goals", columns, rows)

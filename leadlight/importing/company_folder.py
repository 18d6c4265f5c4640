"""Files of the company folder, with their columns.

Import and export share this table. Each file refers only to itself and to files before it in
`FILES`. The exception is `prospects.lead`, which is stored as `leads.prospect`.
"""

from __future__ import annotations

from leadlight.accounts.models import Holiday, Membership, Team, User
from leadlight.importing.cells import Digest, Name, Texts
from leadlight.importing.file_layout import File
from leadlight.sales.models import (
    Activity,
    ActivityType,
    Attachment,
    Category,
    Client,
    ClientDifference,
    ClientFieldValue,
    Cost,
    CustomField,
    FollowUp,
    FollowUpTemplate,
    Goal,
    Lead,
    LeadEvent,
    LeadFieldValue,
    Outcome,
    PastName,
    PastPosition,
    PastProbability,
    Pipeline,
    Prospect,
    ProspectColumn,
    ProspectingList,
    RefusedAddress,
    Step,
    Tag,
    Task,
    TemplateStep,
)
from leadlight.sales.models.attachments import LONGEST_FILE_NAME
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.sales.models.prospecting import CELL_HEADER

COMPANY = "company.toml"
ENDINGS = (".csv", ".csv.gz")

FILES: tuple[File, ...] = (
    File(
        "users",
        User,
        (
            *("user", "first_name", "last_name", "email", "role", "is_active"),
            *("created_at", "deactivated_at"),
        ),
    ),
    File("teams", Team, ("team", "name", "is_active", "created_at")),
    File("memberships", Membership, ("team", "user", "is_manager"), key=("team", "user")),
    File("pipelines", Pipeline, ("pipeline", "name", "is_default", "is_archived", "created_at")),
    File("steps", Step, ("step", "pipeline", "name", "position", "probability", "is_closed")),
    File(
        "past_probabilities",
        PastProbability,
        ("past_probability", "step", "probability", "replaced_at", "replaced_by"),
        order=("replaced_at", "pk"),
    ),
    File(
        "past_positions",
        PastPosition,
        ("past_position", "step", "position", "replaced_at", "replaced_by"),
        order=("replaced_at", "pk"),
    ),
    File(
        "past_names",
        PastName,
        ("past_name", "step", "pipeline", "name", "replaced_at", "replaced_by"),
        order=("replaced_at", "pk"),
    ),
    File("holidays", Holiday, ("holiday", "day", "name"), order=("day",)),
    File(
        "refused_addresses",
        RefusedAddress,
        ("refused_address", "address", "reason", "noted_at", "noted_by"),
    ),
    File(
        "categories",
        Category,
        ("category", "name", "is_required", "reason_for", "position", "is_active", "created_at"),
    ),
    File("tags", Tag, ("tag", "name", "category", "position", "is_active", "created_at")),
    File(
        "activity_types",
        ActivityType,
        ("activity_type", "name", "kind", "position", "is_active", "created_at"),
    ),
    File(
        "outcomes",
        Outcome,
        ("outcome", "activity_type", "name", "is_reached", "position", "is_active", "created_at"),
    ),
    File(
        "fields",
        CustomField,
        ("field", "subject", "name", "kind", "choices", "is_key", "position", "is_archived"),
        cells={"choices": Texts()},
    ),
    File(
        "follow_up_templates",
        FollowUpTemplate,
        ("follow_up_template", "name", "position", "is_archived"),
    ),
    File(
        "follow_up_steps",
        TemplateStep,
        (
            *("follow_up_step", "follow_up_template", "position", "title", "days"),
            *("is_in_working_days", "owner_rule", "person", "note"),
        ),
        attributes={"follow_up_template": "template"},
    ),
    File(
        "clients",
        Client,
        (
            *("client", "name", "description", "is_active", "created_at", "created_by"),
            *("merged_into", "merged_at", "merged_by"),
        ),
        hidden=("sort_name",),
        prefix=CUSTOM_FIELD_PREFIX,
        values=ClientFieldValue,
    ),
    File(
        "client_differences",
        ClientDifference,
        ("client", "other", "created_at", "created_by"),
        key=("client", "other"),
    ),
    File(
        "prospecting_lists",
        ProspectingList,
        ("prospecting_list", "name", "user", "created_at", "source", "cost", "tags", "is_archived"),
    ),
    File(
        "prospect_columns",
        ProspectColumn,
        ("prospecting_list", "header", "position", "notion", "field", "is_hidden"),
        key=("prospecting_list", "header"),
        order=("prospecting_list_id", "position", "pk"),
    ),
    File(
        "costs",
        Cost,
        (
            *("cost", "name", "amount", "first_on", "last_on", "prospecting_list", "source"),
            *("tag", "created_at", "created_by"),
        ),
        order=("first_on", "pk"),
    ),
    File(
        "prospects",
        Prospect,
        (
            *("prospect", "prospecting_list", "created_at", "user", "lead", "converted_at"),
            *("call_back_on", "is_declined"),
        ),
        prefix=CELL_HEADER,
        order=("prospecting_list_id", "pk"),
    ),
    File(
        "leads",
        Lead,
        (
            *("lead", "title", "description", "pipeline", "step", "status", "user", "team"),
            *("client", "amount", "probability", "created_at", "created_by", "closed_at"),
            *("estimated_closing_on", "reminder_at", "tags", "source", "prospect", "is_starred"),
            *("reminder_is_all_day", "reminder_minutes", "reminder_activity", "reminder_note"),
            *("follows", "follows_as"),
        ),
        attributes={"user": "owner"},
        hidden=("is_deleted", "has_history"),
        prefix=CUSTOM_FIELD_PREFIX,
        values=LeadFieldValue,
        order=("created_at", "pk"),
    ),
    File(
        "lead_events",
        LeadEvent,
        (
            *("lead_event", "lead", "occurred_at", "recorded_at", "actor", "kind", "value"),
            *("old_value", "channel", "about"),
        ),
    ),
    File(
        "follow_ups",
        FollowUp,
        ("follow_up", "lead", "follow_up_template", "name", "started_at", "started_by"),
        attributes={"follow_up_template": "template"},
    ),
    File(
        "tasks",
        Task,
        (
            *("task", "lead", "follow_up", "position", "title", "note", "status", "due_on"),
            *("user", "done_at", "done_by", "created_at", "created_by", "is_removed"),
        ),
        attributes={"user": "owner"},
    ),
    File(
        "activities",
        Activity,
        (
            *("activity", "occurred_at", "recorded_at", "user", "activity_type", "outcome"),
            *("lead", "prospect", "content"),
        ),
        order=("occurred_at", "pk"),
    ),
    File(
        "attachments",
        Attachment,
        ("attachment", "lead", "name", "size", "digest", "added_at", "added_by", "is_removed"),
        cells={"name": Name(LONGEST_FILE_NAME), "digest": Digest()},
    ),
    File(
        "goals",
        Goal,
        ("goal", "user", "team", "measure", "activity_type", "period", "starts_on", "target"),
    ),
)
FILE: dict[str, File] = {file.name: file for file in FILES}

from leadlight.sales.models.actions import Action
from leadlight.sales.models.activities import Activity, ActivityType, Outcome
from leadlight.sales.models.attachments import Attachment
from leadlight.sales.models.bulk import BulkItem, BulkJob
from leadlight.sales.models.calendar import CalendarEntry
from leadlight.sales.models.client_differences import ClientDifference
from leadlight.sales.models.clients import Client
from leadlight.sales.models.comments import Mention
from leadlight.sales.models.contact_points import ContactPoint
from leadlight.sales.models.costs import Cost, CostChange
from leadlight.sales.models.event_log import LeadEvent
from leadlight.sales.models.field_values import ClientFieldValue, LeadFieldValue
from leadlight.sales.models.fields import CustomField
from leadlight.sales.models.follow_up_questions import NoFollowUpQuestion
from leadlight.sales.models.follow_up_templates import FollowUpTemplate, TemplateStep
from leadlight.sales.models.goals import Goal
from leadlight.sales.models.lead_forms import FormEntry, FormRefusal, LeadForm, Partner
from leadlight.sales.models.leads import Lead
from leadlight.sales.models.merges import ClientMerge, Merge
from leadlight.sales.models.pending_rows import PendingRows
from leadlight.sales.models.pipelines import (
    PastName,
    PastPosition,
    PastProbability,
    Pipeline,
    Step,
)
from leadlight.sales.models.prospect_changes import ProspectChange
from leadlight.sales.models.prospecting import Prospect, ProspectColumn, ProspectingList
from leadlight.sales.models.refused_addresses import RefusedAddress
from leadlight.sales.models.relations import Relation
from leadlight.sales.models.reminders import Reminder
from leadlight.sales.models.search_words import ClientWords, LeadWords, ProspectWords
from leadlight.sales.models.setting_changes import SettingChange
from leadlight.sales.models.shortcuts import Default, Opening, Pin, Shortcut
from leadlight.sales.models.table_imports import ImportMapping, TableImport
from leadlight.sales.models.tags import Category, Tag
from leadlight.sales.models.tasks import FollowUp, Task

__all__ = [
    "Action",
    "Activity",
    "ActivityType",
    "Attachment",
    "BulkItem",
    "BulkJob",
    "CalendarEntry",
    "Category",
    "Client",
    "ClientDifference",
    "ClientFieldValue",
    "ClientMerge",
    "ClientWords",
    "ContactPoint",
    "Cost",
    "CostChange",
    "CustomField",
    "Default",
    "FollowUp",
    "FollowUpTemplate",
    "FormEntry",
    "FormRefusal",
    "Goal",
    "ImportMapping",
    "Lead",
    "LeadEvent",
    "LeadFieldValue",
    "LeadForm",
    "LeadWords",
    "Mention",
    "Merge",
    "NoFollowUpQuestion",
    "Opening",
    "Outcome",
    "Partner",
    "PastName",
    "PastPosition",
    "PastProbability",
    "PendingRows",
    "Pin",
    "Pipeline",
    "Prospect",
    "ProspectChange",
    "ProspectColumn",
    "ProspectWords",
    "ProspectingList",
    "RefusedAddress",
    "Relation",
    "Reminder",
    "SettingChange",
    "Shortcut",
    "Step",
    "TableImport",
    "Tag",
    "Task",
    "TemplateStep",
]

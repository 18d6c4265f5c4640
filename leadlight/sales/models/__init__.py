from leadlight.sales.models.actions import Action
from leadlight.sales.models.activities import Activity, ActivityType, Outcome
from leadlight.sales.models.clients import Client
from leadlight.sales.models.comments import Mention
from leadlight.sales.models.contact_points import ContactPoint
from leadlight.sales.models.event_log import LeadEvent
from leadlight.sales.models.field_values import ClientFieldValue, LeadFieldValue
from leadlight.sales.models.fields import CustomField
from leadlight.sales.models.goals import Goal
from leadlight.sales.models.leads import Lead
from leadlight.sales.models.pipelines import PastProbability, Pipeline, Step
from leadlight.sales.models.prospecting import Prospect, ProspectingList
from leadlight.sales.models.reminders import Reminder
from leadlight.sales.models.search_words import ClientWords, LeadWords, ProspectWords
from leadlight.sales.models.shortcuts import Default, Opening, Pin, Shortcut
from leadlight.sales.models.tags import Category, Tag

__all__ = [
    "Action",
    "Activity",
    "ActivityType",
    "Category",
    "Client",
    "ClientFieldValue",
    "ClientWords",
    "ContactPoint",
    "CustomField",
    "Default",
    "Goal",
    "Lead",
    "LeadEvent",
    "LeadFieldValue",
    "LeadWords",
    "Mention",
    "Opening",
    "Outcome",
    "PastProbability",
    "Pin",
    "Pipeline",
    "Prospect",
    "ProspectWords",
    "ProspectingList",
    "Reminder",
    "Shortcut",
    "Step",
    "Tag",
]

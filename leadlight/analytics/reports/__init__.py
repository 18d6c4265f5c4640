"""Catalogue of reports, in the order of the menu."""

from leadlight.analytics.reports import activities, categories, company, prospecting
from leadlight.analytics.reports.contract import Report
from leadlight.analytics.reports.forecast import amounts as forecast
from leadlight.analytics.reports.leads import outcomes as leads
from leadlight.analytics.reports.losses import overall as losses
from leadlight.analytics.reports.pipeline import steps as pipeline
from leadlight.analytics.reports.team import sellers as team

CATALOGUE: dict[str, Report] = {
    "company": company.REPORT,
    "team": team.REPORT,
    "activities": activities.REPORT,
    "leads": leads.REPORT,
    "pipeline": pipeline.REPORT,
    "losses": losses.REPORT,
    "prospecting": prospecting.REPORT,
    "forecast": forecast.REPORT,
    "categories": categories.REPORT,
}

EVERY_TABLE: tuple[Report, ...] = tuple(
    table for report in CATALOGUE.values() for table in report.all_views
)

"""The catalogue: every report there is, in the order of the menu."""

from leadlight.analytics.report import Report
from leadlight.analytics.reports import activities, company, pipeline, prospecting, team

CATALOGUE: dict[str, Report] = {
    "company": company.REPORT,
    "team": team.REPORT,
    "activities": activities.REPORT,
    "pipeline": pipeline.REPORT,
    "prospecting": prospecting.REPORT,
}

EVERY_TABLE: tuple[Report, ...] = tuple(
    table for report in CATALOGUE.values() for table in report.every_view
)

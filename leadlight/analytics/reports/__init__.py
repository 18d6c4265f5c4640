"""The catalogue: every report there is, in the order of the menu."""

from leadlight.analytics.report import Report
from leadlight.analytics.reports import company, team

CATALOGUE: dict[str, Report] = {
    "company": company.REPORT,
    "team": team.REPORT,
}

"""List of the reports and their views, for the help of the command line."""

from __future__ import annotations

from django.utils.translation import gettext as _

from leadlight.analytics.reports import CATALOGUE


def list_of_reports() -> str:
    """Return a line for each report and each of its views: its name and its title."""
    lines = ["Reports:"]
    for key, report in CATALOGUE.items():
        lines.append(f"  {key:<14}{_(report.title)}")
        lines += [
            f"    --view {view.view:<11}{_(view.title)}" for view in report.all_views if view.view
        ]
    return "\n".join(lines)

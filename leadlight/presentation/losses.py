"""Link to the report of losses from a report whose rows are reasons for closing leads."""

from __future__ import annotations

from dataclasses import replace

from leadlight.analytics.query.grouping import category_of
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.reports import CATALOGUE
from leadlight.analytics.reports.contract import Result
from leadlight.presentation.links import report_address
from leadlight.sales.models import Category

LOSSES = CATALOGUE["losses"]


MEANINGLESS = gettext_noop(
    "The rows are reasons for losing or cancelling. A win rate by reason is meaningless."
)


def losses_address(result: Result) -> str:
    """Return the address of the losses report for another report whose rows are reasons.

    The address keeps the filters and common switches; it includes cancelled leads if the reasons
    can be for cancelling. Empty for other rows and in the losses report itself.
    """
    key = category_of(result.grouping)
    if key is None or result.report.key == LOSSES.key:
        return ""
    category = Category.objects.filter(key=key).exclude(reason_for="").first()
    if category is None:
        return ""
    switched = [
        pair for pair in result.filters.chosen_switches if pair[0] in (*LOSSES.switches, "tags")
    ]
    if category.reason_for != Category.Closing.LOST:
        switched = [*(pair for pair in switched if pair[0] != "include_cancelled"), INCLUDED]
    filters = replace(
        result.filters, group_by=None, view=None, chosen_switches=tuple(sorted(switched))
    )
    return report_address(LOSSES, filters)


INCLUDED = ("include_cancelled", "yes")

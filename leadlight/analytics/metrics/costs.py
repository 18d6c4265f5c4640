"""Columns of costs: cost, return on it, and cost per won lead.

Their changes are not tested for significance: a cost is decided by the company.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from leadlight.analytics.metrics.columns import Column, Predicate, Rate, cents, count, money
from leadlight.analytics.metrics.evidence import Sums
from leadlight.analytics.metrics.predicates import is_any
from leadlight.analytics.query.phrases import gettext_noop

COST = Column(
    "cost",
    "money",
    gettext_noop("Cost"),
    gettext_noop("Cost as far as it is known, spread evenly over its days."),
    "costs",
    is_any,
    {"cost": ("costs", lambda costs: costs.amount.sum())},
    lambda sums, totals: sums.get("cost"),
    higher_is_better=None,
)
UNDIVIDED_COSTS = count(
    "undivided_costs",
    "undivided_costs",
    is_any,
    gettext_noop("Costs left out"),
    gettext_noop("Costs that cannot be divided by the filters."),
    distinct="cost",
    unit_override="costs",
    higher_is_better=None,
    evidence=None,
    note=gettext_noop("Costs left out because they cannot be divided by the filters: %(count)s."),
)


def cost_columns(facts: str, is_won_with_cost: Predicate) -> tuple[Column, Column, Column]:
    """Return cost, return on cost, and cost per won lead.

    `facts` and `is_won_with_cost` select the won leads of the lists, sources and tags whose cost is
    known. The facts `costs` have the costs.
    """
    won_amount = replace(
        money(
            "won_with_cost",
            facts,
            is_won_with_cost,
            gettext_noop("Won amount (known cost)"),
            gettext_noop("Won amount of the lists, sources and tags whose cost is known."),
            evidence=None,
        ),
        distinct="lead",
    )
    won_leads = replace(
        count(
            "won_leads_with_cost",
            facts,
            is_won_with_cost,
            gettext_noop("Won (known cost)"),
            gettext_noop("Won leads of the lists, sources and tags whose cost is known."),
            evidence=None,
        ),
        distinct="lead",
    )

    def return_of(sums: Sums, totals: Sums) -> Rate:
        return Rate(sums.get("won_with_cost") or 0, sums.get("cost") or 0)

    def cost_per_won_lead(sums: Sums, totals: Sums) -> Decimal | None:
        cost, leads = sums.get("cost"), won_leads.value(sums, totals)
        return cents(cost / leads) if cost is not None and leads else None

    return_on_cost = Column(
        "return_on_cost",
        "multiple",
        gettext_noop("Return on cost"),
        gettext_noop("Won amount ÷ cost, for the lists, sources and tags whose cost is known."),
        facts,
        is_won_with_cost,
        {**COST.aggregates, **won_amount.aggregates},
        return_of,
        distinct="lead",
        parts=(won_amount, COST),
        exclusions=won_amount.exclusions,
    )
    per_won_lead = Column(
        "cost_per_won_lead",
        "money",
        gettext_noop("Cost per won lead"),
        gettext_noop("Cost ÷ won leads, for the lists, sources and tags whose cost is known."),
        facts,
        is_won_with_cost,
        {**COST.aggregates, **won_leads.aggregates},
        cost_per_won_lead,
        higher_is_better=False,
        distinct="lead",
    )
    return COST, return_on_cost, per_won_lead

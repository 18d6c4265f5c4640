"""Ranking

Which win rates are the highest, and could the difference be chance?

Each row shows how many of the closed leads were won, the win rate, and the range in which chance
alone could move it. Rows with fewer than 10 closed leads are grey, because these are too few cases
to judge.

The rank range goes from the best to the worst rank the row could have, allowing for chance. A row
ranks behind the rows that are clearly better and ahead of those that are clearly worse. Rows
without a clear difference share their ranks.

The estimate is the win rate to expect with many more leads. It moves a rate based on few leads
towards the rate of all rows, and leaves a rate based on many leads almost unchanged. Rows are
sorted by the estimate, so that two wins out of two do not come first by chance.

Leads count with the same dates and attribution as in the first table of this report. The row of
leads without an owner, team, list or source is not ranked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from leadlight.analytics.metrics import deals
from leadlight.analytics.metrics.columns import (
    Column,
    Rate,
    Span,
)
from leadlight.analytics.metrics.evidence import Sums
from leadlight.analytics.query.phrases import Phrase, gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.reports.contract import (
    Facts,
    Note,
    Report,
    Result,
    Row,
)
from leadlight.analytics.reports.page_layout import ChartSpec, ColumnGroup
from leadlight.analytics.stats.proportions import (
    MIN_CASES,
    Cases,
    Prior,
    fitted_prior,
    rank_ranges,
    wilson,
)

SEVERAL_MAY_BE_FIRST = gettext_noop(
    "Too close to call: %(first)s of the %(ranked)s ranked rows could be first."
)
ONE_CLEARLY_FIRST = gettext_noop("One of the %(ranked)s ranked rows is clearly first.")
HOW_RANKED = gettext_noop(
    "A row ranks behind the rows whose win rate is higher beyond chance, and "
    "ahead of those whose win rate is lower beyond chance. The test is "
    "Newcombe's interval for the difference of two rates, right 95 times in "
    "100 for all the comparisons of a row together (Bonferroni)."
)
SHRUNK = gettext_noop(
    "The estimate adds %(weight)s closed leads to each row, won at the rate "
    "of all ranked rows, %(mean)s. This matters for rows with few leads, and "
    "hardly for rows with many."
)
COMMON = gettext_noop(
    "The win rates differ no more than chance would explain. The best "
    "estimate for each row is the rate of all ranked rows, %(mean)s."
)
HOW_SHRUNK = gettext_noop(
    "Beta-binomial model, fitted by the method of moments (Kleinman 1973). "
    "The prior is a beta distribution with α = %(alpha)s and β = %(beta)s."
)
HOW_COMMON = gettext_noop(
    "Beta-binomial model, fitted by the method of moments (Kleinman 1973). "
    "There is no variance beyond chance, so the prior is the common rate."
)
TITLE = gettext_noop("Ranking")
LAYOUT = (
    ColumnGroup(gettext_noop("Leads"), ("won_leads", "closed_leads", "decided_leads")),
    ColumnGroup(
        gettext_noop("Comparison"),
        ("win_rate", "win_rate_interval", "win_rate_ranks", "win_rate_estimate"),
    ),
)


def ranked(won: Column, closed: Column, win_rate: Column) -> tuple[Column, ...]:
    """Return the columns of a ranking; all but `won` list the closed leads in their drill-down."""

    def interval(sums: Sums, totals: Sums) -> Span | None:
        rate = win_rate.value(sums, totals)
        return Span(*wilson(*_cases(rate))) if rate.denominator else None

    of_all: dict[str, Any] = {
        "aggregates": {},
        "value": lambda sums, totals: None,
        "is_proportion": False,
    }
    return (
        won,
        closed,
        win_rate,
        replace(
            win_rate,
            key="win_rate_interval",
            kind="interval",
            title=gettext_noop("Likely range (95%)"),
            definition=gettext_noop(
                "Range in which chance alone could move the win rate (95%, Wilson score interval)."
            ),
            value=interval,
            is_proportion=False,
        ),
        replace(
            win_rate,
            key="win_rate_ranks",
            kind="ranks",
            title=gettext_noop("Rank range"),
            definition=gettext_noop(
                "Best and worst rank the row could have, allowing for chance. 1 is the best."
            ),
            higher_is_better=False,
            **of_all,
        ),
        replace(
            win_rate,
            key="win_rate_estimate",
            kind="share",
            title=gettext_noop("Estimate"),
            definition=gettext_noop(
                "Win rate moved towards the rate of all rows. The fewer leads a row has, "
                "the more its rate moves."
            ),
            **of_all,
        ),
    )


OF_CLOSED = ranked(deals.WON_LEADS, deals.CLOSED_LEADS, deals.WIN_RATE.of_closed)
OF_DECIDED = ranked(deals.WON_LEADS, deals.DECIDED_LEADS, deals.WIN_RATE.of_decided)


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns for closed or for decided leads, as the switch selects."""
    return OF_DECIDED if query.filters.leaves_cancelled_out else OF_CLOSED


def view(of: str, facts: Callable[[ReportQuery], Facts], **more: Any) -> Report:
    """Return the ranking as a view of a report, over the `closed` leads of its facts."""
    settings: dict[str, Any] = {
        "columns": columns,
        "switches": ("credit", "leave_cancelled_out"),
        **more,
    }
    return Report(
        key=of,
        view="ranking",
        title=TITLE,
        text=__doc__,
        facts=facts,
        headlines=("won_leads", "closed_leads", "decided_leads", "win_rate"),
        layout=LAYOUT,
        chart=ChartSpec(rate="win_rate_estimate", kind="intervals"),
        postprocess=postprocess,
        sort="-win_rate_estimate",
        **settings,
    )


def postprocess(result: Result) -> Result:
    """Return the result with ranks and estimates, which depend on all rows, and notes on them."""
    rates = {row.key: _cases(row.cells["win_rate"]) for row in result.rows if row.key is not None}
    ranges = dict(zip(rates, rank_ranges(list(rates.values())), strict=True))
    prior = fitted_prior(list(rates.values()))
    rows = (
        _ranked_row(row, rates[row.key], ranges[row.key], prior) if row.key in rates else row
        for row in result.rows
    )
    mean = Rate(*map(sum, zip(*rates.values(), strict=True))) if rates else Rate(0, 0)
    notes = _notes([places for places in ranges.values() if places], prior, mean)
    return replace(result, rows=tuple(rows), notes=(*result.notes, *notes))


def _ranked_row(row: Row, cases: Cases, places: tuple[int, int] | None, prior: Prior | None) -> Row:
    if prior is None or places is None:
        return row
    cells = {
        **row.cells,
        "win_rate_ranks": Span(*places),
        "win_rate_estimate": prior.estimate(*cases),
    }
    return replace(row, cells=cells, is_few=cases[1] < MIN_CASES)


def _notes(places: Sequence[tuple[int, int]], prior: Prior | None, mean: Rate) -> Iterator[Note]:
    """Yield the notes on the ranking; none for fewer than two ranked rows."""
    if len(places) < 2 or prior is None:
        return
    first = sum(best == 1 for best, _worst in places)
    values = {"ranked": len(places), "first": first}
    yield Note(
        "ranks",
        Phrase(ONE_CLEARLY_FIRST if first == 1 else SEVERAL_MAY_BE_FIRST, values),
        method=Phrase(HOW_RANKED),
    )
    if prior.is_common:
        yield Note("estimate", Phrase(COMMON, {"mean": mean}), method=Phrase(HOW_COMMON))
        return
    weight = {"weight": _rounded(prior.weight), "mean": mean}
    method = {"alpha": _rounded(prior.alpha), "beta": _rounded(prior.beta)}
    yield Note("estimate", Phrase(SHRUNK, weight), method=Phrase(HOW_SHRUNK, method))


def _rounded(number: float) -> float:
    return round(number) if number >= 100 else round(number, 1)


def _cases(rate: Any) -> Cases:
    return int(rate.numerator), int(rate.denominator)

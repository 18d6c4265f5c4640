"""Who wins most of the leads closed, and is it more than luck?

For each seller, team, list, source or tag: how many leads were won of those closed, the win rate,
and between what the true rate may lie. Rows of fewer than 10 closed leads are grey: too few to
tell.

The places say from which to which rank each row may truly stand: behind those that are clearly
better, before those that are clearly worse. Rows that cannot be told apart share their places.

The estimate is the best guess of what each would win of many more leads. It draws a rate of few
leads towards the rate of all, and leaves one of many leads nearly as it is. The rows stand in its
order, so that two wins out of two do not come first by luck.

Leads count and are credited as in the first table of this report. The row of those without one is
not ranked.
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
    FEW,
    Cases,
    Prior,
    fitted_prior,
    rank_ranges,
    wilson,
)

SEVERAL_MAY_BE_FIRST = gettext_noop(
    "%(ranked)s are ranked. %(first)s of them may truly be the first: the figures do not tell them "
    "apart."
)
ONE_CLEARLY_FIRST = gettext_noop("%(ranked)s are ranked, and one of them is clearly the first.")
HOW_RANKED = gettext_noop(
    "A row stands behind those whose win rate is higher beyond chance, and before those whose rate "
    "is lower beyond chance: Newcombe's interval of the difference of two rates, right 95 times in "
    "100 for all the comparisons of a row together (Bonferroni)."
)
SHRUNK = gettext_noop(
    "The estimate adds to each row %(weight)s closed leads won at the rate of all the ranked, "
    "%(mean)s: they decide where there are few leads, and hardly matter where there are many."
)
COMMON = gettext_noop(
    "The win rates differ by no more than luck would make them: the best estimate is the rate of "
    "all the ranked, %(mean)s, for each."
)
HOW_SHRUNK = gettext_noop(
    "Beta-binomial model, fitted by moments (Kleinman 1973). Prior: a beta distribution with "
    "α = %(alpha)s and β = %(beta)s."
)
HOW_COMMON = gettext_noop(
    "Beta-binomial model, fitted by moments (Kleinman 1973): no variance beyond chance, so the "
    "prior is the common rate."
)
TITLE = gettext_noop("Ranking")
LAYOUT = (
    ColumnGroup(gettext_noop("Leads"), ("won_leads", "closed_leads", "decided_leads")),
    ColumnGroup(
        gettext_noop("Win rate"),
        ("win_rate", "win_rate_interval", "win_rate_ranks", "win_rate_estimate"),
    ),
)


def ranked(won: Column, closed: Column, win_rate: Column) -> tuple[Column, ...]:
    """Return the columns of a ranking. Each lists the closed leads in its drill-down."""

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
            title=gettext_noop("May truly be"),
            definition=gettext_noop(
                "Between what the true win rate lies, 95 times in 100 (Wilson's interval)."
            ),
            value=interval,
            is_proportion=False,
        ),
        replace(
            win_rate,
            key="win_rate_ranks",
            kind="ranks",
            title=gettext_noop("Places"),
            definition=gettext_noop("From which to which rank the row may truly stand, 1 is best."),
            higher_is_better=False,
            **of_all,
        ),
        replace(
            win_rate,
            key="win_rate_estimate",
            kind="share",
            title=gettext_noop("Estimate"),
            definition=gettext_noop(
                "The win rate drawn towards that of all, the more so the fewer leads it has."
            ),
            **of_all,
        ),
    )


OF_CLOSED = ranked(deals.WON_LEADS, deals.CLOSED_LEADS, deals.WIN_RATE.of_closed)
OF_DECIDED = ranked(deals.WON_LEADS, deals.DECIDED_LEADS, deals.WIN_RATE.of_decided)


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns for closed leads, or for decided ones, by the switch."""
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
        _finished(row, rates[row.key], ranges[row.key], prior) if row.key in rates else row
        for row in result.rows
    )
    mean = Rate(*map(sum, zip(*rates.values(), strict=True))) if rates else Rate(0, 0)
    notes = _notes([places for places in ranges.values() if places], prior, mean)
    return replace(result, rows=tuple(rows), notes=(*result.notes, *notes))


def _finished(row: Row, cases: Cases, places: tuple[int, int] | None, prior: Prior | None) -> Row:
    if prior is None or places is None:
        return row
    cells = {
        **row.cells,
        "win_rate_ranks": Span(*places),
        "win_rate_estimate": prior.estimate(*cases),
    }
    return replace(row, cells=cells, is_few=cases[1] < FEW)


def _notes(places: Sequence[tuple[int, int]], prior: Prior | None, mean: Rate) -> Iterator[Note]:
    """Yield the notes on a ranking of two rows or more."""
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

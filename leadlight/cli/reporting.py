"""Reports, drill-downs and explanations on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.box import SIMPLE
from rich.table import Table

from leadlight.accounts.models import Organization
from leadlight.accounts.readers import SYSTEM, Reader
from leadlight.analytics.insight.drilldown import Drilldown
from leadlight.analytics.insight.explain import Explanation, is_goal
from leadlight.analytics.query import periods
from leadlight.analytics.query.periods import Calendar
from leadlight.analytics.query.phrases import BadFilter, Phrase
from leadlight.analytics.reports import CATALOGUE
from leadlight.analytics.reports.contract import Report, Result, Row
from leadlight.cli import bridges, changing, files
from leadlight.cli.console import Stop, migrate, out, shown, tell_past, tell_scope, translated
from leadlight.cli.files import Format, in_order
from leadlight.cli.people import user_named
from leadlight.cli.shortcuts import PAGE_PARAMS, shortcut_named, with_options
from leadlight.presentation.goals import goal_table
from leadlight.presentation.uncertainty import estimate_uncertainty, uncertainty_of
from leadlight.reporting.reader import report_reader, scope_of

Keys = Annotated[list[str] | None, Parameter(negative=(), consume_multiple=False)]


def report(
    report: str | None = None,
    *,
    from_: Annotated[str | None, Parameter("--from")] = None,
    to: str | None = None,
    period: str | None = None,
    bucket: str | None = None,
    group_by: str | None = None,
    compare: str | None = None,
    as_of: str | None = None,
    user: Keys = None,
    team: Keys = None,
    pipeline: Keys = None,
    tag: Keys = None,
    tags: str | None = None,
    source: Keys = None,
    prospecting_list: Keys = None,
    client: Keys = None,
    credit: str | None = None,
    leave_cancelled_out: bool = False,
    days: str | None = None,
    view: str | None = None,
    skipping: str | None = None,
    between: tuple[str, str] | None = None,
    activities_on: str | None = None,
    prospects_by: str | None = None,
    share_of: str | None = None,
    list_: Annotated[str | None, Parameter("--list")] = None,
    bucket_of: Annotated[str | None, Parameter(["--bucket-of", "--row"])] = None,
    explain: str | None = None,
    changes_since: str | None = None,
    bridge: str | None = None,
    side: str | None = None,
    as_: Annotated[str | None, Parameter("--as")] = None,
    shortcut: str | None = None,
    format: Format = "table",  # noqa: A002
    output: Path | None = None,
) -> None:
    """Print a report, or the leads behind one of its figures, or write it to a file.

    Keys are external ids, as in a company folder; "none" selects leads without one.

    Parameters
    ----------
    report
        Key of the report: company, team, pipeline, …
    from_
        First day of the period, for example 2026-01-31.
    to
        Last day of the period, included; today by default.
    period
        Instead of days: this_month, last_quarter, last_30_days, all_time, ….
    bucket
        day, week, month, quarter or year; by default the finest with at most 40 rows.
    group_by
        bucket, user, team, pipeline, source, prospecting_list or category:KEY.
    compare
        Compare with previous (the preceding period) or last_year.
    as_of
        Use only data recorded up to this instant, for example 2026-01-31T18:00+01:00.
    tags
        Select leads with any or all of the given tags.
    credit
        Attribution: event (owner at the time), owner (current owner) or creator.
    leave_cancelled_out
        Win rate among won and lost leads only.
    days
        Unit of durations: calendar or working days.
    view
        Another table of the report. leads: triangle, curves, work or quality; pipeline: moves,
        people or between; team, categories and prospecting: ranking; activities: goals;
        forecast: steps.
    skipping
        Pipeline: reached (a skipped step counts as entered) or visited (it does not).
    between
        Pipeline: the view between, from the end of one day to the end of another.
    activities_on
        Activities on both, on leads or on prospects.
    prospects_by
        list (prospects of the lists imported in the period) or event (each on its own day).
    share_of
        Outcome whose share is shown by month of creation: won, lost, cancelled or closed.
    list_
        Print the leads behind this figure, for example won_leads, instead of the report.
    bucket_of
        Only the row with this key (2026-01, or an external id, or none).
    explain
        Explain this figure, for example win_rate, instead of the report; one row with --row.
    changes_since
        Changes of the report since this instant, for example 2026-01-31T18:00+01:00, by reason;
        with --list, the leads behind the change of this figure.
    bridge
        Company and team: bridge of this figure, for example won_leads, from the owner at the time
        to the attribution of --credit (by default the current owner), user by user.
    side
        With --bridge and --row: print the leads that this user received (taken) or handed over
        (given).
    as_
        Run as the user with this e-mail address, with the scope of that user.
    shortcut
        Name or key of a shortcut visible to the user of --as; other options override it.
    format
        table, json, csv or xlsx; for a report also pdf, and png (its charts).
    output
        Write to this file.
    """
    params = {
        "from": [from_],
        "to": [to],
        "period": [period],
        "bucket": [bucket],
        "group_by": [group_by],
        "compare": [compare],
        "as_of": [as_of],
        "user": user,
        "team": team,
        "pipeline": pipeline,
        "tag": tag,
        "tags": [tags],
        "source": source,
        "prospecting_list": prospecting_list,
        "client": client,
        "credit": [credit],
        "leave_cancelled_out": ["yes"] if leave_cancelled_out else [],
        "days": [days],
        "view": [view],
        "skipping": [skipping],
        "activities_on": [activities_on],
        "prospects_by": [prospects_by],
        "share_of": [share_of],
    }
    if between:
        params |= {"view": [view or "between"], "from": [between[0]], "to": [between[1]]}
    given = {name: [v for v in values or () if v is not None] for name, values in params.items()}
    is_list = bool(list_ or bridge or changes_since)
    files.refuse_unfit(format, output, is_list=is_list, is_explained=bool(explain))
    if side and not (bridge and bucket_of):
        raise Stop("--side is of a --bridge and of the --row of a user.")
    if sum(map(bool, (explain, bridge, changes_since))) > 1:
        raise Stop("Where a figure comes from, a bridge, or what changed: one of them.")
    migrate()
    reader: Reader = user_named(as_) if as_ else SYSTEM
    if shortcut:
        kept = shortcut_named(reader, shortcut)
        if report not in (None, kept.report):
            raise Stop(f"The shortcut “{shortcut}” is of the report {kept.report}, not {report}.")
        report, given = kept.report, with_options(kept, given)
    asked = _report_named(report)
    try:
        if bridge:
            bridges.show(reader, asked, given, bridge, bucket_of, side, format, output)
            return
        if changes_since:
            given["since"] = [changes_since]
            changing.tell_changes(reader, asked, given, list_, format, output)
            return
        if bucket_of:
            given |= _days_of_row(asked, given, bucket_of)
        if explain:
            explained = report_reader(reader).explain(
                asked, given, column_key=explain, row_key=bucket_of, extra_params=PAGE_PARAMS
            )
            tell_past(explained.result.filters, format)
            if format == "table":
                _print_explanation(explained)
            else:
                files.write_explanation(explained, output)
        elif list_:
            drilldown = report_reader(reader).drilldown(
                asked, given, column_key=list_, row_key=bucket_of, extra_params=PAGE_PARAMS
            )
            tell_scope(scope_of(reader), format)
            tell_past(drilldown.filters, format)
            if format == "table":
                _print_rows(drilldown)
            else:
                files.write_listing(reader, drilldown, format, output)
        else:
            result = report_reader(reader).run(asked, given, extra_params=PAGE_PARAMS)
            sort = next(iter(given.get("sort", ())), None)
            tell_scope(result.scope, format)
            tell_past(result.filters, format)
            if format == "table":
                _print = _print_goals if result.report.is_of_goals else _print_table
                _print(in_order(result, sort))
            else:
                files.write_report(reader, result, format, output, sort)
    except BadFilter as bad:
        raise Stop(translated(bad.phrase)) from bad


def _report_named(name: str | None) -> Report:
    reports = ", ".join(CATALOGUE)
    if name is None:
        raise Stop(f"Which report? There are {reports}; or name a --shortcut.")
    if name not in CATALOGUE:
        raise Stop(f"There is no report “{name}”; there are {reports}.")
    return CATALOGUE[name]


def _print_explanation(explained: Explanation) -> None:
    result, column = explained.result, explained.column
    row = _label(explained.row) if explained.row else None
    of = f" · {row or explained.row_key}" if explained.row_key else ""
    out.print(
        f"{translated(column.title_phrase)}{of}: {shown(explained.value, column)}", markup=False
    )
    sentences = [
        column.definition_phrase,
        result.scope.phrase,
        *([explained.row_definition] if explained.row_definition else []),
        *explained.drilldown.own_filters.describe(lambda _dimension, key: key),
        *explained.date_rules,
        *(one.phrase for one in explained.exclusions),
    ]
    for sentence in sentences:
        out.print(translated(sentence), markup=False)
    if uncertainty := uncertainty_of(explained.drilldown.interval) or estimate_uncertainty(
        explained.value
    ):
        out.print(uncertainty.words, uncertainty.method, markup=False)
    if not is_goal(column):
        out.print(f"{explained.drilldown.count} {explained.drilldown.spec.plural}")
    out.print(f"{result.as_of.astimezone(result.filters.zone).isoformat()} ({result.time_zone})")
    for text in explained.sql:
        out.print(f"\n{text}", markup=False, highlight=False, soft_wrap=True)


def _print_table(result: Result) -> None:
    table = Table(
        box=SIMPLE,
        title_justify="left",
        title=f"{result.report.title} · {result.period.first} – {result.period.last}",
    )
    table.add_column("")
    for column in result.columns:
        table.add_column(column.key, justify="right")
    for row in result.main_rows:
        mark = " …" if result.is_coming(row) else " *" if row.is_unfinished else ""
        table.add_row(_label(row) + mark, *(shown(row.cells[c.key], c) for c in result.columns))
    table.add_section()
    total = translated(result.total_title)
    table.add_row(total, *(shown(result.totals[c.key], c) for c in result.columns))
    for row in result.further_rows:
        table.add_row(_label(row), *(shown(row.cells[c.key], c) for c in result.columns))
    out.print(table)
    for note in result.notes:
        out.print(*(translated(text) for text in (note.phrase, note.method) if text), markup=False)
    if any(map(result.is_partial, result.rows)):
        out.print("* not over yet, or cut by the period")
    if any(map(result.is_coming, result.rows)):
        out.print("… not begun yet")


def _print_goals(result: Result) -> None:
    goals = goal_table(result)
    table = Table(box=SIMPLE, title_justify="left", title=result.report.title)
    for place, heading in enumerate((goals.names, *goals.headings)):
        table.add_column(heading, justify="right" if place > 2 else "left")
    for line in goals.lines:
        table.add_row(line.holder, *line.texts)
    out.print(table)


def _label(row: Row) -> str:
    return translated(Phrase(row.further.title)) if row.further else row.label or "–"


def _days_of_row(report: Report, params: dict[str, list[str]], row: str) -> dict[str, list[str]]:
    """Return the query parameters implied by the key of a bucket: its unit, and its days as period.

    Parameters that are given already are not returned. Empty if the rows are not buckets.
    """
    report = report.viewed(params)
    if report.groupings[0] != "bucket" or params.get("group_by") or report.further_row(row):
        return {}
    organization = Organization.current()
    calendar = Calendar(organization.first_weekday, organization.fiscal_year_start_month)
    bucket = periods.bucket_named(row, calendar)
    said: dict[str, list[str]] = {} if params.get("bucket") else {"bucket": [bucket.unit]}
    if not any(params.get(name) for name in ("from", "to", "period")):
        said |= {"from": [bucket.first.isoformat()], "to": [bucket.last.isoformat()]}
    return said


def _print_rows(drilldown: Drilldown) -> None:
    amount = "" if drilldown.amount is None else f", {drilldown.amount}"
    table = Table(
        box=SIMPLE,
        title_justify="left",
        title=f"{drilldown.column.key}: {drilldown.count} {drilldown.spec.plural}{amount}",
    )
    for field in drilldown.spec.fields:
        table.add_column(field.key)
    for row in drilldown.rows:
        table.add_row(*("" if value is None else shown(value) for value in row.values()))
    out.print(table)

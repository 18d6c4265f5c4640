"""Reports, drill-downs and explanations on the command line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from cyclopts import App, Group, Parameter
from django.utils.translation import gettext as _

from leadlight.accounts.models import Organization
from leadlight.accounts.readers import SYSTEM, Reader
from leadlight.analytics.query import periods
from leadlight.analytics.query.dimensions import FIELD_PREFIX
from leadlight.analytics.query.periods import Calendar
from leadlight.analytics.query.phrases import BadFilter
from leadlight.analytics.query.query_params import QueryParams
from leadlight.analytics.reports import CATALOGUE
from leadlight.analytics.reports.contract import Report
from leadlight.cli import bridges, changing, files, printing
from leadlight.cli.catalogue import list_of_reports
from leadlight.cli.console import Stop, migrate, print_scope, refuse_empty_instance, warn_of_past
from leadlight.cli.files import Format, in_order
from leadlight.cli.nearest import suggestion
from leadlight.cli.people import user_named
from leadlight.cli.shortcuts import PAGE_PARAMS, shortcut_named, with_options
from leadlight.cli.text_tables import TableOptions
from leadlight.presentation import formats, labels
from leadlight.reporting.reader import report_reader, scope_of

EXAMPLES = """Examples:
  leadlight report company --period last_month
  leadlight report team --period last_quarter --compare previous
  leadlight report pipeline --pipeline sales --view moves
  leadlight report company --figures
  leadlight report company --list won_leads --row 2026-01
  leadlight report company --explain win_rate --period this_year
  leadlight report team --period last_month --format xlsx --output team.xlsx"""

app = App(
    name="report",
    help="Print a report, or the leads behind one of its figures, or write it to a file.",
    help_epilogue=f"{list_of_reports()}\n\n{EXAMPLES}",
)

NO_FIGURE = "This report has no figure “%(key)s”."
PERIOD = Group("Period and rows", sort_key=1)
LEADS = Group("Which leads count, and how", sort_key=2)
OF_REPORTS = Group("For some reports only", sort_key=3)
FIGURE = Group("One figure instead of the table", sort_key=4)
OUTPUT = Group("Table, file and reader", sort_key=5)


def _in(group: Group, *names: str) -> Parameter:
    return Parameter(list(names) or None, group=group)


def _keys(group: Group) -> Parameter:
    return Parameter(group=group, negative=(), consume_multiple=False)


Keys = Annotated[list[str] | None, _keys(LEADS)]


@app.default
def report(
    report: Annotated[str | None, Parameter(group=Group("Report", sort_key=0))] = None,
    *,
    from_: Annotated[str | None, _in(PERIOD, "--from")] = None,
    to: Annotated[str | None, _in(PERIOD)] = None,
    period: Annotated[str | None, _in(PERIOD)] = None,
    compare: Annotated[str | None, _in(PERIOD)] = None,
    bucket: Annotated[str | None, _in(PERIOD)] = None,
    group_by: Annotated[str | None, _in(PERIOD)] = None,
    as_of: Annotated[str | None, _in(PERIOD)] = None,
    view: Annotated[str | None, _in(PERIOD)] = None,
    user: Keys = None,
    team: Keys = None,
    pipeline: Keys = None,
    tag: Keys = None,
    tags: Annotated[str | None, _in(LEADS)] = None,
    source: Keys = None,
    prospecting_list: Keys = None,
    client: Keys = None,
    field: Keys = None,
    credit: Annotated[str | None, _in(LEADS)] = None,
    leave_cancelled_out: Annotated[bool, Parameter(group=LEADS, show_default=False)] = False,
    include_cancelled: Annotated[bool, Parameter(group=LEADS, show_default=False)] = False,
    days: Annotated[str | None, _in(LEADS)] = None,
    skipping: Annotated[str | None, _in(OF_REPORTS)] = None,
    between: Annotated[tuple[str, str] | None, _in(OF_REPORTS)] = None,
    activities_on: Annotated[str | None, _in(OF_REPORTS)] = None,
    prospects_by: Annotated[str | None, _in(OF_REPORTS)] = None,
    share_of: Annotated[str | None, _in(OF_REPORTS)] = None,
    monthly: Annotated[str | None, _in(OF_REPORTS)] = None,
    figures: Annotated[bool, Parameter(group=FIGURE, show_default=False)] = False,
    list_: Annotated[str | None, _in(FIGURE, "--list")] = None,
    bucket_of: Annotated[str | None, _in(FIGURE, "--row", "--bucket-of")] = None,
    explain: Annotated[str | None, _in(FIGURE)] = None,
    changes_since: Annotated[str | None, _in(FIGURE)] = None,
    bridge: Annotated[str | None, _in(FIGURE)] = None,
    side: Annotated[str | None, _in(FIGURE)] = None,
    columns: Annotated[list[str] | None, _keys(OUTPUT)] = None,
    all_columns: Annotated[bool, Parameter(group=OUTPUT, show_default=False)] = False,
    format: Annotated[Format, _in(OUTPUT)] = "table",  # noqa: A002
    output: Annotated[Path | None, _in(OUTPUT)] = None,
    as_: Annotated[str | None, _in(OUTPUT, "--as")] = None,
    shortcut: Annotated[str | None, _in(OUTPUT)] = None,
) -> None:
    """Print a report, or the leads behind one of its figures, or write it to a file.

    Parameters
    ----------
    report
        Name of the report; the reports are listed below.
    from_
        First day of the period, for example 2026-01-31.
    to
        Last day of the period, included; today by default.
    period
        Instead of days: this_month, last_quarter, last_30_days, …; forecast: next_3_months, ….
    compare
        previous (the period before) or last_year: adds the value before and the change.
    bucket
        Length of the rows: day, week, month, quarter or year; by default 40 rows at most.
    group_by
        Rows: bucket (periods), user, team, pipeline, source, prospecting_list, category:KEY,
        field:KEY; losses also reason and step.
    as_of
        Use only data recorded up to this instant, for example 2026-01-31T18:00+01:00.
    view
        Another table of the report; the views are listed below.
    user
        Only leads of this user (key in the company folder, or none); may be repeated.
    team
        Only leads of this team; may be repeated.
    pipeline
        Only leads in this pipeline; may be repeated.
    tag
        Only leads with this tag; may be repeated.
    tags
        Leads with any of the given tags, or with all of them.
    source
        Only leads from this source; may be repeated.
    prospecting_list
        Only leads from this prospecting list; may be repeated.
    client
        Only leads of this client; may be repeated.
    field
        Only leads with this choice in a field, as KEY=CHOICE; may be repeated.
    credit
        Attribution of leads: event (owner at the time), owner (current owner) or creator.
    leave_cancelled_out
        Compute the win rate among won and lost leads only.
    include_cancelled
        losses: count cancelled leads as well as lost ones.
    days
        Unit of durations: calendar or working.
    skipping
        pipeline: reached (a skipped step counts as entered) or visited (it does not).
    between
        pipeline: compare the ends of two days, for example 2026-01-01 2026-02-01.
    activities_on
        activities: on both, leads or prospects.
    prospects_by
        prospecting: by list (imported in the period) or event (each on its own day).
    share_of
        leads, view triangle: share of won, lost, cancelled or closed leads.
    monthly
        team, view months: won_amount, won_leads, win_rate or created_leads.
    figures
        Show the name and the meaning of every figure of the report.
    list_
        List the leads behind this figure, for example won_leads.
    bucket_of
        Only the row with this key: a period such as 2026-01, the key of a user, or none.
    explain
        Explain this figure, for example win_rate; of one row with --row.
    changes_since
        Show what changed since this instant, and why; with --list, the leads of one figure.
    bridge
        company, team: move this figure from the owner at the time to the current owner.
    side
        With --bridge and --row: list the leads that were taken or given.
    columns
        Show only this column; may be repeated.
    all_columns
        Show all columns; those that do not fit are in further tables below.
    format
        pdf and png (the chart) are for reports only. csv contains data only.
    output
        Write to this file.
    as_
        Show what the user with this email address may see.
    shortcut
        Name or key of a shortcut of the user of --as; other options override it.
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
        "include_cancelled": ["yes"] if include_cancelled else [],
        "days": [days],
        "view": [view],
        "skipping": [skipping],
        "activities_on": [activities_on],
        "prospects_by": [prospects_by],
        "share_of": [share_of],
        "monthly": [monthly],
    }
    params |= field_filters(field or ())
    if between:
        params |= {"view": [view or "between"], "from": [between[0]], "to": [between[1]]}
    given = {name: [v for v in values or () if v is not None] for name, values in params.items()}
    options = TableOptions(tuple(columns or ()), all_columns)
    if format != "table" and options != TableOptions():
        raise Stop(_("--columns and --all-columns apply to tables only. Leave out --format."))
    is_list = bool(list_ or bridge or changes_since)
    files.refuse_unfit(format, output, is_list=is_list, is_explained=bool(explain))
    if side and not (bridge and bucket_of):
        raise Stop(_("--side requires --bridge, and --row with the key of a user."))
    if sum(map(bool, (explain, bridge, changes_since))) > 1:
        raise Stop(_("Use only one of --explain, --bridge and --changes-since."))
    if not shortcut:
        _report_named(report)
    migrate()
    refuse_empty_instance()
    reader: Reader = user_named(as_) if as_ else SYSTEM
    if shortcut:
        saved = shortcut_named(reader, shortcut)
        if report not in (None, saved.report):
            raise Stop(
                _("The shortcut “%(name)s” belongs to the report %(report)s, not %(other)s.")
                % {"name": shortcut, "report": saved.report, "other": report}
            )
        report, given = saved.report, with_options(saved, given)
    requested = _report_named(report)
    if given["view"] and not requested.views:
        raise Stop(
            _("The report %(report)s has only one table. Leave out --view.")
            % {"report": requested.key}
        )
    try:
        if bridge:
            bridges.show(reader, requested, given, bridge, bucket_of, side, format, output, options)
            return
        if changes_since:
            given["since"] = [changes_since]
            changing.show_changes(reader, requested, given, list_, format, output, options)
            return
        if bucket_of:
            given |= _days_of_row(requested, given, bucket_of)
        if explain:
            explained = report_reader(reader).explain(
                requested, given, column_key=explain, row_key=bucket_of, extra_params=PAGE_PARAMS
            )
            warn_of_past(explained.result.filters, format)
            if format == "table":
                printing.print_explanation(explained)
            else:
                files.write_explanation(explained, output)
        elif list_:
            reports = report_reader(reader)
            drilldown = reports.drilldown(
                requested, given, column_key=list_, row_key=bucket_of, extra_params=PAGE_PARAMS
            )
            print_scope(scope_of(reader), format)
            warn_of_past(drilldown.filters, format)
            if format == "table":
                printing.print_list(drilldown, reports.currency, options)
            else:
                files.write_listing(reader, drilldown, format, output)
        else:
            result = report_reader(reader).run(requested, given, extra_params=PAGE_PARAMS)
            sort = next(iter(given.get("sort", ())), None)
            print_scope(result.scope, format)
            warn_of_past(result.filters, format)
            if figures:
                printing.print_figures(result)
            elif format == "table":
                printing.print_report(in_order(result, sort), options)
            else:
                files.write_report(reader, result, format, output, sort)
    except BadFilter as bad:
        raise Stop(_reason(bad, requested, given, reader)) from bad


def field_filters(given: Iterable[str]) -> dict[str, list[str]]:
    """Return the query parameters of filters given as KEY=CHOICE. Raises Stop for other texts."""
    params: dict[str, list[str]] = {}
    for text in given:
        key, sign, choice = text.partition("=")
        if not (key and sign and choice):
            raise Stop(_("--field is written KEY=CHOICE, not “%(text)s”.") % {"text": text})
        params.setdefault(FIELD_PREFIX + key, []).append(choice)
    return params


def _report_named(name: str | None) -> Report:
    if name is None:
        reports = formats.listed(list(CATALOGUE))
        raise Stop(
            _("Choose a report: %(reports)s. Or name a shortcut with --shortcut.")
            % {"reports": reports}
        )
    if name not in CATALOGUE:
        raise Stop(suggestion("report", name, CATALOGUE))
    return CATALOGUE[name]


def _reason(bad: BadFilter, report: Report, params: QueryParams, reader: Reader) -> str:
    """Return the message of an error; for an unknown figure, suggest the most similar one."""
    if bad.phrase.template != NO_FIGURE:
        return labels.say(bad.phrase)
    viewed, filters = report_reader(reader).read(report, params, PAGE_PARAMS)
    keys = [column.key for column in viewed.columns(viewed.empty_query(filters))]
    return suggestion("figure", str(bad.phrase.values["key"]), keys)


def _days_of_row(report: Report, params: dict[str, list[str]], row: str) -> dict[str, list[str]]:
    """Return the query parameters implied by the key of a bucket: its unit, and its days as period.

    Parameters that are already given are left out. Empty if the rows are not buckets.
    """
    report = report.selected_view(params)
    if report.groupings[0] != "bucket" or params.get("group_by") or report.further_row(row):
        return {}
    organization = Organization.current()
    calendar = Calendar(organization.first_weekday, organization.fiscal_year_start_month)
    bucket = periods.bucket_named(row, calendar)
    implied: dict[str, list[str]] = {} if params.get("bucket") else {"bucket": [bucket.unit]}
    if not any(params.get(name) for name in ("from", "to", "period")):
        implied |= {"from": [bucket.first.isoformat()], "to": [bucket.last.isoformat()]}
    return implied

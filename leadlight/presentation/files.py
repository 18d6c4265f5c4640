"""Export of a report or list to a file: figures, and the filters in words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from leadlight.accounts.readers import Reader
from leadlight.analytics.export.attribution_bridge import bridge_sheet, moved_sheet, name_of
from leadlight.analytics.export.sheets import About, Sheet, drilldown_sheet, result_sheet
from leadlight.analytics.insight.attribution_bridge import Bridge, MovedLeads
from leadlight.analytics.insight.drilldown import Drilldown
from leadlight.analytics.insight.explain import Part, TotalNotes
from leadlight.analytics.query.filters import PAST, Filters
from leadlight.analytics.query.grouping import is_of_tags, without_label
from leadlight.analytics.query.periods import bucket_named
from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.analytics.reports import CATALOGUE
from leadlight.analytics.reports.contract import Report, Result
from leadlight.presentation import formats, labels, values
from leadlight.presentation.charts.chart import Charts
from leadlight.presentation.charts.drawings import poster
from leadlight.presentation.charts.report_charts import charts_of
from leadlight.presentation.choices import chosen_names, query_sentences
from leadlight.presentation.comparisons import PERCENT
from leadlight.presentation.labels import Names
from leadlight.presentation.losses import MEANINGLESS, losses_address
from leadlight.reporting.reader import report_reader


@dataclass(frozen=True)
class Export:
    """Report to export: a result with sorted rows, and the absolute address of its page.

    `columns` are the keys of the cells chosen for its table, empty for the default ones, and
    `change_form` is the form of its changes. `names` are the names of the chosen filter values;
    None if they have yet to be looked up.
    """

    result: Result
    reader: Reader
    address: str
    columns: tuple[str, ...] = ()
    change_form: str = PERCENT
    names: Names | None = None

    @property
    def title(self) -> str:
        return title_of(self.result)

    @property
    def name(self) -> str:
        """File name without extension."""
        report = self.result.report
        return file_name(report.key, report.view or "", filters=self.result.filters)

    @property
    def sentences(self) -> list[str]:
        """Scope, filters and comparison in sentences."""
        filters = self.result.filters
        names = chosen_names(self.reader, filters) if self.names is None else self.names
        sentences = [*labels.whose(self.result.scope), *labels.filter_sentences(filters, names)]
        if self.result.compared:
            period = self.result.compared.period
            span = formats.span(period.first, period.last)
            sentences.append(_("Compared with %(compared_period)s.") % {"compared_period": span})
        return sentences

    @property
    def as_of(self) -> list[str]:
        """Instant of the result, unless the filters already state it, and time zone of its days."""
        params = {
            "instant": formats.instant(self.result.as_of),
            "zone": self.result.time_zone,
        }
        if self.result.filters.as_of:
            return [_("Days in the time zone %(zone)s.") % params]
        return [_("As of %(instant)s; days in the time zone %(zone)s.") % params]

    @property
    def as_of_warning(self) -> str:
        """Warning that the result is as of a past instant; empty if it is current."""
        return _(PAST) if self.result.filters.as_of else ""

    @property
    def notes(self) -> list[str]:
        """Notes on the rows, and on the figures, each with its statistical method."""
        of_rows = [_(MEANINGLESS)] if losses_address(self.result) else []
        return of_rows + [
            " ".join(labels.say(phrase) for phrase in (note.phrase, note.method) if phrase)
            for note in self.result.notes
        ]

    @cached_property
    def total_sentences(self) -> dict[str, str]:
        """Fraction and exclusions of each column's total, by column key. Runs queries."""
        total_notes = report_reader(self.reader).total_notes(self.result)
        return {key: text for key, one in total_notes.items() if (text := _total_sentences(one))}

    @property
    def about(self) -> About:
        """Title, filters, address and notes as pairs of name and text."""
        notes = tuple((_("Note"), note) for note in self.notes)
        question = " ".join(self.sentences)
        filters = self.result.filters
        return (*about(self.title, question, filters, self.address), *notes)


def _total_sentences(notes: TotalNotes) -> str:
    parts = " ÷ ".join(part_named(part) for part in notes.parts)
    sentences = [f"{parts}."] if parts else []
    sentences += [labels.say(one.phrase) for one in notes.exclusions]
    return _("In the total: %(told)s") % {"told": " ".join(sentences)} if sentences else ""


def part_named(part: Part) -> str:
    """Return the numerator or denominator of a fraction with its name, as “Won: 3”."""
    named = {
        "title": labels.say(part.column.title_phrase),
        "value": values.text(part.column.kind, part.value),
    }
    return _("%(title)s: %(value)s") % named


def title_of(result: Result) -> str:
    """Return the title of a report, with the title of its view if it has one."""
    report = CATALOGUE.get(result.report.key, result.report)
    title = _(report.title)
    return labels.titled(title, _(result.report.title)) if result.report.view else title


def about(title: str, question: str, filters: Filters, address: str) -> About:
    """Return the metadata of an export as pairs of name and text."""
    past = ((_("As of a past date"), _(PAST)),) if filters.as_of else ()
    return (
        (_("Report"), title),
        *past,
        (_("Question"), question),
        (_("As of"), formats.instant(filters.instant)),
        (_("Time zone"), str(filters.zone)),
        (_("Currency"), formats.company().currency),
        (_("Address"), address),
    )


def list_title(reader: Reader, drilldown: Drilldown) -> str:
    """Return the title of a drill-down: its column, and its row if it has one."""
    column = drilldown.column
    title = labels.say(column.title_phrase)
    if drilldown.row_key is None:
        is_named = column.kind == "rate" and column.total_title
        return _(column.total_title) if is_named else title
    return f"{title} · {_row_name(reader, drilldown.filters, drilldown.report, drilldown.row_key)}"


def _row_name(reader: Reader, filters: Filters, report: Report, key: str) -> str:
    grouping = report.grouping(filters)
    if further := report.further_row(key):
        return _(further.title)
    if grouping == "bucket":
        return formats.bucket(bucket_named(key, filters.calendar))
    if key == "none":
        return _(without_label(grouping))
    dimension = "tag" if is_of_tags(grouping) else grouping
    return labels.name_of(reader, dimension, key)


def report_sheet(export: Export, *, is_for_people: bool) -> Sheet:
    """Return a report's figures and metadata as a sheet, with row labels for people or raw keys."""
    labelled = labels.row_label if is_for_people else None
    return result_sheet(export.result, labels.say, export.about, labelled)


def explained_sheet(export: Export) -> Sheet:
    """Return a report's figures for people as a sheet, with notes on the total of each column."""
    return result_sheet(
        export.result,
        labels.say,
        export.about,
        labels.row_label,
        total_sentences=export.total_sentences,
    )


def list_sheet(reader: Reader, drilldown: Drilldown, address: str, *, is_for_people: bool) -> Sheet:
    """Return a drill-down and its metadata as a sheet."""
    report = CATALOGUE.get(drilldown.report.key, drilldown.report)
    title = labels.titled(_(report.title), list_title(reader, drilldown))
    question = " ".join(query_sentences(reader, drilldown.own_filters))
    return drilldown_sheet(
        drilldown,
        labels.say,
        about(title, question, drilldown.filters, address),
        labels.status if is_for_people else str,
    )


def credit_sheet(reader: Reader, found: Bridge, moved: MovedLeads | None, address: str) -> Sheet:
    """Return an attribution bridge as a sheet or, if given, the leads that `moved`."""
    subtitle = moved_title(moved) if moved else _("Compare attributions")
    question = " ".join(query_sentences(reader, found.after))
    title = labels.titled(_(found.report.title), subtitle)
    metadata = about(title, question, found.after, address)
    if moved:
        return moved_sheet(moved, labels.say, metadata)
    return bridge_sheet(found, labels.say, metadata)


def moved_title(moved: MovedLeads) -> str:
    """Return the title of a list of leads that a user received or handed over."""
    words = {
        "taken": _("Leads received by %(user)s"),
        "given": _("Leads handed over by %(user)s"),
    }
    return words[moved.side] % {"user": name_of(moved.row, labels.say)}


def file_name(*parts: str, filters: Filters) -> str:
    """Return a file name without extension: the parts, the days of the period, and the instant.

    The instant is in the company's time zone. The name is the same in every language.
    """
    instant = filters.instant.astimezone(filters.zone)
    days = f"{filters.period.first}_{filters.period.last}"
    return "_".join([*filter(None, parts), days, f"as-of-{instant:%Y-%m-%d-%H%M}"])


def drawn_sentence(charts: Charts) -> list[str]:
    """Return a list with a sentence on how many rows the charts show; empty if they show all."""
    if charts.drawn == charts.rows:
        return []
    counts = {"drawn": formats.number(charts.drawn), "rows": formats.number(charts.rows)}
    text = _("The chart shows the %(drawn)s largest of %(rows)s rows. The table shows all.")
    return [text % counts]


def png_of(export: Export) -> bytes:
    """Return all charts of the report as one PNG. Raises BadFilter if it has no chart."""
    shown = charts_of(export.result)
    if not shown.charts:
        raise BadFilter(gettext_noop("This table has no chart."))
    period = formats.span(export.result.period.first, export.result.period.last)
    drawing = poster(
        f"{export.title} · {period}",
        [*filter(None, [export.as_of_warning]), " ".join(export.sentences)],
        shown.charts,
        [*drawn_sentence(shown), " ".join(export.as_of), export.address],
    )
    return drawing.as_png()

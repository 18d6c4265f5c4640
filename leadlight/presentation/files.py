"""One report to be taken away: its answer, and the words that say what was asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from leadlight.accounts.readers import Reader
from leadlight.analytics.export.attribution_bridge import bridge_sheet, moved_sheet, name_of
from leadlight.analytics.export.sheets import About, Sheet, listing_sheet, result_sheet
from leadlight.analytics.export.workbook import ChartImage
from leadlight.analytics.insight.attribution_bridge import Bridge, MovedLeads
from leadlight.analytics.insight.drilldown import Drilldown
from leadlight.analytics.insight.explain import Part, TotalNotes
from leadlight.analytics.query.filters import PAST, Filters
from leadlight.analytics.query.grouping import category_of, without_label
from leadlight.analytics.query.periods import bucket_named
from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.analytics.reports import CATALOGUE
from leadlight.analytics.reports.contract import Report, Result
from leadlight.presentation import formats, labels
from leadlight.presentation.cards import formatted
from leadlight.presentation.charts.drawings import SCALE, poster
from leadlight.presentation.charts.report_charts import Charts, charts_of
from leadlight.presentation.choices import described
from leadlight.reporting.reader import report_reader


@dataclass(frozen=True)
class Export:
    """`result` has its rows in the order asked for, `address` is the whole one of its page."""

    result: Result
    reader: Reader
    address: str

    @property
    def title(self) -> str:
        return title_of(self.result)

    @property
    def name(self) -> str:
        """The name of the file, without its ending."""
        report, days = self.result.report, period_name(self.result.filters)
        return "_".join(part for part in (report.key, report.view, days) if part)

    @property
    def sentences(self) -> list[str]:
        """What was asked."""
        sentences = described(self.reader, self.result.filters)
        if self.result.compared:
            period = self.result.compared.period
            span = formats.span(period.first, period.last)
            sentences.append(_("Compared with %(compared_period)s.") % {"compared_period": span})
        return sentences

    @property
    def as_of(self) -> list[str]:
        """When it was asked, unless that is part of what was asked, and where days begin."""
        said = {
            "instant": formats.instant(self.result.as_of),
            "zone": self.result.time_zone,
        }
        if self.result.filters.as_of:
            return [_("Days of %(zone)s.") % said]
        return [_("As of %(instant)s, days of %(zone)s.") % said]

    @property
    def as_of_warning(self) -> str:
        """That this is no answer of now, where it is so."""
        return _(PAST) if self.result.filters.as_of else ""

    @property
    def notes(self) -> list[str]:
        """What is to be said of the numbers, with the statistic behind it."""
        return [
            " ".join(labels.say(phrase) for phrase in (note.phrase, note.method) if phrase)
            for note in self.result.notes
        ]

    @cached_property
    def total_sentences(self) -> dict[str, str]:
        """By column, what its total divides and what it leaves out: a question of its own."""
        total_notes = report_reader(self.reader).total_notes(self.result)
        return {key: text for key, one in total_notes.items() if (text := _total_sentences(one))}

    @property
    def about(self) -> About:
        """The same as lines of a name and a text."""
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
    """A part of a fraction with its name: Won, 3."""
    named = {
        "title": labels.say(part.column.title_phrase),
        "value": formatted(part.column, part.value),
    }
    return _("%(title)s: %(value)s") % named


def title_of(result: Result) -> str:
    """The title of a report, and which of its tables this is."""
    report = CATALOGUE.get(result.report.key, result.report)
    title = _(report.title)
    return f"{title}: {_(result.report.title)}" if result.report.view else title


def about(title: str, question: str, filters: Filters, address: str) -> About:
    """What was asked, for whom to read, and the address that asks it again."""
    past = ((_("The past"), _(PAST)),) if filters.as_of else ()
    return (
        (_("Report"), title),
        *past,
        (_("Question"), question),
        (_("As of"), formats.instant(filters.asked_at)),
        (_("Time zone"), str(filters.zone)),
        (_("Currency"), formats.company().currency),
        (_("Address"), address),
    )


def list_title(reader: Reader, drilldown: Drilldown) -> str:
    """Which figure, in which row."""
    title = labels.say(drilldown.column.title_phrase)
    if drilldown.row_key is None:
        return title
    return f"{title} · {_row_name(reader, drilldown.filters, drilldown.report, drilldown.row_key)}"


def _row_name(reader: Reader, filters: Filters, report: Report, key: str) -> str:
    grouping = report.grouping(filters)
    if further := report.further_row(key):
        return _(further.title)
    if grouping == "bucket":
        return formats.bucket(bucket_named(key, filters.calendar))
    if key == "none":
        return _(without_label(grouping))
    dimension = "tag" if category_of(grouping) else grouping
    return labels.name_of(reader, dimension, key)


def report_sheet(export: Export, *, is_for_people: bool) -> Sheet:
    """The figures of a report, and what was asked."""
    labelled = labels.row_label if is_for_people else None
    return result_sheet(export.result, labels.say, export.about, labelled)


def explained_sheet(export: Export) -> Sheet:
    """The same for people, and what there is to say of each figure's total."""
    return result_sheet(
        export.result,
        labels.say,
        export.about,
        labels.row_label,
        total_sentences=export.total_sentences,
    )


def list_sheet(reader: Reader, drilldown: Drilldown, address: str, *, is_for_people: bool) -> Sheet:
    """The list behind a number, and what was asked."""
    report = CATALOGUE.get(drilldown.report.key, drilldown.report)
    title = f"{_(report.title)}: {list_title(reader, drilldown)}"
    question = " ".join(described(reader, drilldown.filters))
    return listing_sheet(
        drilldown,
        labels.say,
        about(title, question, drilldown.filters, address),
        labels.status if is_for_people else str,
    )


def credit_sheet(reader: Reader, found: Bridge, moved: MovedLeads | None, address: str) -> Sheet:
    """A bridge from one credit to the other, or the leads that moved on it."""
    way = moved_title(moved) if moved else _("From one credit to the other")
    question = " ".join(described(reader, found.after))
    said = about(f"{_(found.report.title)}: {way}", question, found.after, address)
    if moved:
        return moved_sheet(moved, labels.say, said)
    return bridge_sheet(found, labels.say, said)


def moved_title(moved: MovedLeads) -> str:
    """Who took from others, or gave to them."""
    words = {
        "taken": _("Taken from others: %(user)s"),
        "given": _("Given to others: %(user)s"),
    }
    return words[moved.side] % {"user": name_of(moved.row, labels.say)}


def period_name(filters: Filters) -> str:
    """The days of a period in the name of a file."""
    return f"{filters.period.first}_{filters.period.last}"


def drawn_sentence(charts: Charts) -> list[str]:
    """That not every row is in the pictures, where it is so."""
    if charts.drawn == charts.rows:
        return []
    counts = {"drawn": formats.number(charts.drawn), "rows": formats.number(charts.rows)}
    text = _(
        "%(drawn)s of %(rows)s rows with figures are drawn, those with the most; "
        "the table has them all."
    )
    return [text % counts]


def chart_image(export: Export) -> ChartImage | None:
    """All the pictures of the report as one, or None where there is nothing to draw."""
    shown = charts_of(export.result)
    if not shown.charts:
        return None
    period = formats.span(export.result.period.first, export.result.period.last)
    drawing = poster(
        f"{export.title} · {period}",
        [*filter(None, [export.as_of_warning]), " ".join(export.sentences)],
        shown.charts,
        [*drawn_sentence(shown), " ".join(export.as_of), export.address],
    )
    return ChartImage(
        drawing.as_png(), SCALE, " ".join(chart.description for chart in shown.charts)
    )


def png_of(export: Export) -> bytes:
    """The pictures as PNG. Raises BadFilter where there is nothing to draw."""
    image = chart_image(export)
    if image is None:
        raise BadFilter(gettext_noop("There is no picture of these figures."))
    return image.png

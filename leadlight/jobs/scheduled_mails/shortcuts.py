"""Mail with a shortcut: headline figures, chart, and the files that its receiver has chosen.

The receiver gets what the page would show them at this instant. Without the right to export, the
mail has no files.
"""

from __future__ import annotations

from io import BytesIO
from urllib.parse import parse_qs

from django.utils.translation import get_language

from leadlight.accounts.models import User
from leadlight.accounts.origin import absolute
from leadlight.analytics.export.results import FRENCH_EXCEL, PLAIN, csv_of
from leadlight.analytics.export.workbook import write_workbook
from leadlight.analytics.query.phrases import BadFilter
from leadlight.analytics.reports import CATALOGUE
from leadlight.automation import scheduled_mails
from leadlight.automation.models import ScheduledMail
from leadlight.jobs.scheduled_mails.composed import Composed
from leadlight.presentation import formats, labels
from leadlight.presentation.cards import cards
from leadlight.presentation.files import Export, explained_sheet, png_of, report_sheet
from leadlight.presentation.layout import chosen_cells
from leadlight.presentation.links import report_address
from leadlight.presentation.pdf import report_pdf
from leadlight.presentation.tables import default_sort, ordered
from leadlight.reporting import shortcuts
from leadlight.reporting.reader import report_reader
from leadlight.sales import access

Format, Stop = ScheduledMail.Format, ScheduledMail.Stop
# Parameters of the page of a report in addition to the filters.
PAGE_PARAMS = ("sort", "rows", "columns")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def compose(mail: ScheduledMail) -> Composed | None:
    """Return the mail; None, and the mail is stopped, if its receiver cannot open the shortcut."""
    shortcut = mail.shortcut
    if shortcut is None or not shortcuts.visible(mail.user).filter(pk=shortcut.pk).exists():
        scheduled_mails.stop(mail, Stop.HIDDEN)
        return None
    try:
        export = _export(mail.user, shortcut.report, shortcut.query)
    except (BadFilter, KeyError):
        scheduled_mails.stop(mail, Stop.BROKEN)
        return None
    period = formats.span(export.result.period.first, export.result.period.last)
    context = {
        "title": shortcut.name,
        "report": export.title,
        "period": period,
        "sentences": export.sentences,
        "as_of": export.as_of,
        "cards": [
            (card.title, card.value, card.before, absolute(card.address))
            for card in cards(export.result)
        ],
        "address": export.address,
    }
    files = _files(mail, export) if access.may_export(mail.user) else []
    subject = labels.titled(shortcut.name, period)
    return Composed(subject, "shortcut", context, _chart(export), files)


def _export(user: User, report_key: str, query: str) -> Export:
    """Return the report of a shortcut. Raises BadFilter, or KeyError for an unknown report."""
    params = parse_qs(query)
    result = report_reader(user).run(CATALOGUE[report_key], params, extra_params=PAGE_PARAMS)
    sort = params.get("sort", [""])[0] or default_sort(result)
    columns = chosen_cells(result, params.get("columns", []))
    address = report_address(result.report, result.filters, sort=sort, columns=list(columns))
    return Export(ordered(result, sort), user, absolute(address), columns)


def _chart(export: Export) -> bytes | None:
    try:
        return png_of(export)
    except BadFilter:  # this table has no chart
        return None


def _files(mail: ScheduledMail, export: Export) -> list[tuple[str, bytes, str]]:
    files = []
    if Format.PDF in mail.formats:
        try:
            files.append((f"{export.name}.pdf", report_pdf(export), "application/pdf"))
        except BadFilter:  # too many rows for a PDF: a workbook has them all
            files.append((f"{export.name}.xlsx", _workbook(export), XLSX))
    if Format.XLSX in mail.formats and not any(name.endswith(".xlsx") for name, *_ in files):
        files.append((f"{export.name}.xlsx", _workbook(export), XLSX))
    if Format.CSV in mail.formats:
        files.append((f"{export.name}.csv", _csv(export), "text/csv"))
    return files


def _workbook(export: Export) -> bytes:
    file = BytesIO()
    write_workbook(explained_sheet(export), file, labels.say)
    return file.getvalue()


def _csv(export: Export) -> bytes:
    style = FRENCH_EXCEL if (get_language() or "").startswith("fr") else PLAIN
    sheet = report_sheet(export, is_for_people=style.is_for_people)
    return "".join(csv_of(sheet, style)).encode()

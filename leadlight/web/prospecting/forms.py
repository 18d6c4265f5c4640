"""Forms of a new prospecting list: its table, then how the table is read and matched."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import User
from leadlight.sales.attachments import LARGEST_FILE
from leadlight.sales.models.prospecting import LONGEST_LIST_NAME
from leadlight.tables import Choices, TableFile
from leadlight.tables.encodings import ENCODINGS
from leadlight.tables.table_file import CSV, WORKBOOK
from leadlight.web.prospecting.kept_tables import KeptTable, keep

LONGEST_PASTE = 2_000_000  # characters; longer tables are sent as a file
MOST_HEADERS, LONGEST_HEADERS = 50, 5_000
SEPARATOR_NAMES = {
    ";": _("Semicolon"),
    ",": _("Comma"),
    "\t": _("Tab"),
    "|": _("Vertical bar"),
}
LAST_HEADER_ROW = 1_000_000


def _name_field(**more: Any) -> forms.CharField:
    return forms.CharField(
        label=_("Name of the list"),
        max_length=LONGEST_LIST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": ""}),
        **more,
    )


class TableForm(forms.Form):
    """Name of the list, and one of three sources: pasted cells, a file, or empty columns."""

    name = _name_field(error_messages={"required": _("Enter a name for the list.")})
    text = forms.CharField(
        label=_("Paste cells"),
        required=False,
        strip=False,
        max_length=LONGEST_PASTE,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=_("Copied from a spreadsheet, with or without a row of headers."),
    )
    file = forms.FileField(
        label=_("Or choose a file"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xlsm"}),
        help_text=_("CSV or XLSX, at most 100,000 rows."),
    )
    headers = forms.CharField(
        label=_("Or start empty with these columns"),
        required=False,
        max_length=LONGEST_HEADERS,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One column per line. Columns can be added and renamed later."),
    )

    def __init__(self, data: Any = None, files: Any = None, *, dropped: bool = False) -> None:
        columns = (gettext("Company"), gettext("Name"), gettext("Phone"), gettext("Email"))
        initial = {"headers": "\n".join(columns)}
        super().__init__(data, files, auto_id="list-%s", label_suffix="", initial=initial)
        self.dropped = dropped

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.dropped:
            self.add_error(
                "file",
                gettext("This file is larger than %(most)d MB. Divide it into several.")
                % {"most": LARGEST_FILE // 1_000_000},
            )
        elif given.get("text", "").strip() and given.get("file"):
            self.add_error("file", gettext("Paste cells or choose a file, not both."))
        elif not self.has_table and not self.errors and not self.columns:
            self.add_error("headers", gettext("Enter at least one column."))
        elif not self.has_table and len(self.columns) > MOST_HEADERS:
            sentence = gettext("Start with at most %(most)d columns.")
            self.add_error("headers", sentence % {"most": MOST_HEADERS})
        return given

    @property
    def has_table(self) -> bool:
        given = self.cleaned_data
        return bool(given.get("text", "").strip() or given.get("file"))

    @property
    def columns(self) -> list[str]:
        lines = self.cleaned_data.get("headers", "").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def keep(self, user: User) -> KeptTable:
        file = self.cleaned_data.get("file")
        if file:
            return keep(user, PurePath(file.name).name or "table", file.chunks())
        return keep(user, "", [self.cleaned_data["text"].encode()])


class ReadingForm(forms.Form):
    """Format of a table: the detected values, which the user can correct."""

    name = _name_field(error_messages={"required": _("Enter a name for the list.")})
    encoding = forms.ChoiceField(label=_("Encoding"), required=False)
    separator = forms.ChoiceField(label=_("Separator"), required=False)
    sheet = forms.ChoiceField(label=_("Sheet"), required=False)
    header_row = forms.IntegerField(
        label=_("Row of the headers"),
        required=False,
        min_value=0,
        max_value=LAST_HEADER_ROW,
        help_text=_("0 if the table has no headers."),
    )

    def __init__(self, table: TableFile | None, data: Any = None, **more: Any) -> None:
        super().__init__(data, auto_id="reading-%s", label_suffix="", **more)
        fields: Any = self.fields
        fields["encoding"].choices = [("", _("Found in the file")), *ENCODINGS.items()]
        fields["separator"].choices = [("", _("Found in the file")), *SEPARATOR_NAMES.items()]
        if table is None:
            fields["sheet"] = forms.CharField(required=False, max_length=100)
            return
        fields["sheet"].choices = [(sheet, sheet) for sheet in table.found.sheets]
        if table.found.kind != CSV:
            del fields["encoding"]
        if table.found.kind == WORKBOOK:
            del fields["separator"]
        if len(table.found.sheets) < 2:
            del fields["sheet"]

    @classmethod
    def of(cls, table: TableFile, name: str) -> ReadingForm:
        """Return the form with the detected format of a table."""
        found = table.found
        initial = {
            "name": name,
            "encoding": found.encoding if found.encoding in ENCODINGS else "",
            "separator": found.separator,
            "sheet": found.sheet,
            "header_row": found.header_row,
        }
        return cls(table, initial=initial)

    @property
    def choices(self) -> Choices:
        given = self.cleaned_data
        return Choices(
            encoding=given.get("encoding") or "",
            separator=given.get("separator") or "",
            sheet=given.get("sheet") or "",
            header_row=given.get("header_row"),
        )

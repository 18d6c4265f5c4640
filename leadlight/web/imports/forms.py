"""Forms of imports: the file, its format, and the targets of its columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leadlight.accounts.models import User
from leadlight.sales import access
from leadlight.sales.models import ActivityType, Pipeline, ProspectingList, TableImport
from leadlight.sales.models.table_imports import LONGEST_MAPPING_NAME
from leadlight.table_import.targets import NEW_COLUMN, targets_of
from leadlight.tables import Found
from leadlight.tables.encodings import ENCODINGS
from leadlight.tables.separators import SEPARATORS
from leadlight.tables.table_file import COMMA, DAY_FIRST, MONTH_FIRST, POINT

SEPARATOR_TITLES = {
    ";": gettext_lazy("Semicolon ;"),
    ",": gettext_lazy("Comma ,"),
    "\t": gettext_lazy("Tab"),
    "|": gettext_lazy("Bar |"),
}
FOUND = ("", gettext_lazy("As found"))


class UploadForm(forms.Form):
    """File, kind of its rows, and prospecting list; it offers only what the user may import."""

    kind = forms.ChoiceField(label=gettext_lazy("What the rows are"))
    prospecting_list = forms.ModelChoiceField(
        ProspectingList.objects.none(),
        label=gettext_lazy("Prospecting list"),
        required=False,
        to_field_name="key",
        empty_label="—",
        help_text=gettext_lazy("For prospects: the list to which the rows are added."),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or XLSX, up to 100,000 rows and 25 MB."),
        error_messages={
            "required": gettext_lazy("Choose a file of at most 25 MB."),
            "empty": gettext_lazy("The file is empty."),
        },
    )

    def __init__(self, user: User, data: Any = None, files: Any = None, **more: Any) -> None:
        super().__init__(data, files, label_suffix="", **more)
        fields: Any = self.fields
        prospects = TableImport.Kind.PROSPECTS
        fields["kind"].choices = [
            choice
            for choice in TableImport.Kind.choices
            if choice[0] == prospects or access.may_import(user)
        ]
        fields["prospecting_list"].queryset = access.importable_prospecting_lists(user)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") != TableImport.Kind.PROSPECTS:
            given["prospecting_list"] = None
        elif given.get("prospecting_list") is None and "prospecting_list" not in self.errors:
            self.add_error("prospecting_list", _("Choose the prospecting list."))
        return given


class ReadingForm(forms.Form):
    """Encoding, separator and formats of the file; an empty choice keeps the detected value."""

    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding"), required=False, choices=[FOUND, *ENCODINGS.items()]
    )
    separator = forms.ChoiceField(
        label=gettext_lazy("Separator"),
        required=False,
        choices=[FOUND, *((one, SEPARATOR_TITLES[one]) for one in SEPARATORS)],
    )
    sheet = forms.ChoiceField(label=gettext_lazy("Sheet"), required=False)
    header_row = forms.IntegerField(
        label=gettext_lazy("Row with the headers"),
        required=False,
        min_value=0,
        max_value=1000,
        help_text=gettext_lazy("0 if the file has no headers."),
    )
    day_order = forms.ChoiceField(
        label=gettext_lazy("Dates such as 05/06/2026"),
        required=False,
        choices=[
            FOUND,
            (DAY_FIRST, gettext_lazy("Day first: 5 June")),
            (MONTH_FIRST, gettext_lazy("Month first: May 6")),
        ],
    )
    decimal_mark = forms.ChoiceField(
        label=gettext_lazy("Numbers such as 1,234"),
        required=False,
        choices=[
            FOUND,
            (COMMA, gettext_lazy("Decimal comma")),
            (POINT, gettext_lazy("Decimal point")),
        ],
    )

    def __init__(self, found: Found | None, data: Any = None, **more: Any) -> None:
        super().__init__(data, auto_id="reading-%s", label_suffix="", **more)
        fields: Any = self.fields
        sheets = found.sheets if found else ()
        fields["sheet"].choices = [FOUND, *((name, name) for name in sheets)]
        if found is not None and found.kind == "xlsx":
            del fields["encoding"], fields["separator"]
        if len(sheets) < 2:
            del fields["sheet"]

    @property
    def reading(self) -> dict[str, Any]:
        """Choices for `tables.Choices`, without empty ones."""
        given = self.cleaned_data.items()
        return {name: value for name, value in given if value not in ("", None)}


class MappingForm(forms.Form):
    """Target of each column, the key that finds existing rows, and values of all new rows."""

    def __init__(self, given: TableImport, user: User, data: Any = None) -> None:
        super().__init__(data, auto_id="mapping-%s", label_suffix="", initial=_initial(given))
        self.given = given
        targets = targets_of(given)
        choices = [("", _("Ignore"))] + [
            (key, str(one.title)) for key, one in targets.items() if not key.startswith(NEW_COLUMN)
        ]
        fields: Any = self.fields
        for position, column in enumerate(given.columns):
            new = f"{NEW_COLUMN}{position}"
            own = [(new, _("A new column of the list"))] if new in targets else []
            fields[f"column-{position}"] = forms.ChoiceField(
                label=column["header"], required=False, choices=[*choices, *own]
            )
        keys = [(key, str(one.title)) for key, one in targets.items() if one.is_key]
        is_changed = given.kind != TableImport.Kind.ACTIVITIES
        if keys:
            fields["key"] = forms.ChoiceField(
                label=_("Find existing rows by"),
                required=False,
                choices=[("", _("Nothing: every row is new")), *keys],
                help_text=_(
                    "A row with an existing key updates the existing record; empty cells "
                    "change nothing. Every other row creates a new record."
                )
                if is_changed
                else _("An activity with an existing key is neither created again nor changed."),
            )
        if given.kind == TableImport.Kind.LEADS:
            self._add_options_of_leads(user)
        if given.kind == TableImport.Kind.ACTIVITIES:
            types = [(str(one.pk), str(one)) for one in ActivityType.offered()]
            fields["activity_type"] = forms.ChoiceField(
                label=_("Type of activities without one"),
                required=False,
                choices=[("", _("Refuse these rows")), *types],
            )
        fields["name"] = forms.CharField(
            label=_("Keep these choices under the name"),
            required=False,
            max_length=LONGEST_MAPPING_NAME,
            help_text=_("A file with the same headers then needs no choices. May stay empty."),
        )

    def _add_options_of_leads(self, user: User) -> None:
        fields: Any = self.fields
        pipelines = [(str(one.pk), str(one)) for one in Pipeline.objects.all()]
        fields["pipeline"] = forms.ChoiceField(
            label=_("Pipeline of new leads"), choices=pipelines, required=False
        )
        people = access.assignable_users(user).order_by("first_name", "last_name", "pk")
        fields["owner"] = forms.ChoiceField(
            label=_("Owner of new leads without one"),
            required=False,
            choices=[("", _("Unassigned")), *((str(one.pk), str(one)) for one in people)],
        )
        fields["create_clients"] = forms.BooleanField(
            label=_("Create clients that do not exist yet"), required=False
        )
        if user.is_admin:
            fields["create_tags"] = forms.BooleanField(
                label=_("Create tags that do not exist yet"),
                required=False,
                help_text=_("New tags have no category. An undo of the import keeps them."),
            )

    @property
    def mapping(self) -> dict[str, str]:
        places = range(len(self.given.columns))
        return {str(place): self.cleaned_data[f"column-{place}"] for place in places}

    @property
    def options(self) -> dict[str, Any]:
        given: Mapping[str, Any] = self.cleaned_data
        ids = {
            name: int(given[name]) if given[name] else None
            for name in ("pipeline", "owner", "activity_type")
            if name in given
        }
        flags = {name: given[name] for name in ("create_clients", "create_tags") if name in given}
        return ids | flags


def _initial(given: TableImport) -> dict[str, Any]:
    options = given.options
    initial = {f"column-{place}": target for place, target in given.mapping.items()}
    pipeline = options.get("pipeline") or Pipeline.objects.values_list("pk", flat=True).first()
    return initial | {
        "key": given.key_target,
        "pipeline": str(pipeline or ""),
        "owner": str(options.get("owner") or ""),
        "activity_type": str(options.get("activity_type") or ""),
        "create_clients": options.get("create_clients", True),
        "create_tags": options.get("create_tags", False),
    }

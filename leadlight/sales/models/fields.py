"""Definitions of custom fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import ClassVar

from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from leadlight.accounts.keys import Keyed
from leadlight.sales.models.field_texts import (
    FieldKind,
    canonical,
)
from leadlight.sales.models.prospecting import Prospect, ProspectColumn
from leadlight.sales.models.valid_values import valid_choices, valid_line
from leadlight.sales.refusals import Refused

LONGEST_NAME = 200


class CustomField(Keyed):
    """Custom field of leads, clients or prospects, defined by admins.

    The key, the subject and the kind of a field never change. Fields are archived, not deleted: an
    archived field keeps its values and accepts no new ones. A field of prospects defines the
    columns of prospecting lists whose header is its name. With `is_key`, rows with equal values are
    duplicates.
    """

    class Subject(models.TextChoices):
        LEAD = "lead", gettext_lazy("Lead")
        CLIENT = "client", gettext_lazy("Client")
        PROSPECT = "prospect", gettext_lazy("Prospect")

    subject = models.CharField(gettext_lazy("belongs to"), max_length=10, choices=Subject.choices)
    name = models.CharField(gettext_lazy("name"), max_length=LONGEST_NAME)
    kind = models.CharField(gettext_lazy("kind"), max_length=10, choices=FieldKind.choices)
    choices = models.JSONField(gettext_lazy("choices"), default=list, blank=True)
    is_key = models.BooleanField(gettext_lazy("key for duplicates"), default=False)
    position = models.PositiveIntegerField(gettext_lazy("position"))
    is_archived = models.BooleanField(gettext_lazy("archived"), default=False)

    class Meta:
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint("subject", Lower("name"), name="one_field_of_a_name")
        ]

    def __str__(self) -> str:
        return self.name

    # Verbs

    @classmethod
    def define(
        cls,
        subject: str,
        name: str,
        kind: str,
        *,
        choices: Sequence[str] = (),
        is_key: bool = False,
    ) -> CustomField:
        """Create a field, placed after the other fields of its subject."""
        field = cls(subject=subject, kind=kind, is_key=is_key, name=valid_line(name, LONGEST_NAME))
        field.choices = valid_choices(choices) if kind == FieldKind.CHOICE else []
        with transaction.atomic():
            field._must_be_free(field.name)
            last = cls.objects.filter(subject=subject).aggregate(models.Max("position"))
            field.position = (last["position__max"] or 0) + 1
            field.save(force_insert=True)
        return field

    def rename(self, name: str) -> None:
        """Rename the field, and for a field of prospects also the columns with its name."""
        with self._locked():
            new = valid_line(name, LONGEST_NAME)
            if new == self.name:
                return
            self._must_be_free(new)
            if self.subject == self.Subject.PROSPECT:
                rename_headers({self.name: new})
            self.name = new
            self.save(update_fields=["name"])

    def set_choices(self, choices: Sequence[str]) -> None:
        """Replace the choices, in this order; raise `Refused` if a removed choice is in use."""
        with self._locked():
            if self.kind != FieldKind.CHOICE:
                raise ValueError(f"{self!r} has no choices")
            valid = valid_choices(choices)
            for gone in self.choices:
                if gone not in valid:
                    self._must_be_unused(gone)
            self.choices = valid
            self.save(update_fields=["choices"])

    def set_is_key(self, is_key: bool) -> None:
        self.is_key = is_key
        self.save(update_fields=["is_key"])

    def move(self, by: int) -> None:
        """Move the field by a number of places within its subject; -1 is one place up.

        Archived fields are not counted. Raises `Refused` for an archived field.
        """
        with transaction.atomic():
            fields = list(type(self).objects.select_for_update().filter(subject=self.subject))
            shown = [field for field in fields if not field.is_archived]
            if self not in shown:
                raise Refused(_("The field “%(field)s” is archived.") % {"field": self})
            place = shown.index(self)
            shown.insert(min(max(place + by, 0), len(shown) - 1), shown.pop(place))
            archived = [field for field in fields if field.is_archived]
            for position, field in enumerate([*shown, *archived], start=1):
                field.position = position
            type(self).objects.bulk_update(fields, ["position"])
        self.refresh_from_db(fields=["position"])

    def archive(self) -> None:
        self.is_archived = True
        self.save(update_fields=["is_archived"])

    def restore(self) -> None:
        self.is_archived = False
        self.save(update_fields=["is_archived"])

    # Values

    def checked(self, subject: str, text: str) -> str:
        """Return the canonical text of a new value for a row of `subject`, or raise `Refused`.

        It needs a transaction: the definition stays locked until the transaction ends, so that the
        choice cannot be removed meanwhile.
        """
        self.refresh_from_db(from_queryset=CustomField.objects.select_for_update())
        if self.subject != subject:
            raise Refused(_("Rows of this kind have no field “%(field)s”.") % {"field": self})
        if self.is_archived:
            raise Refused(_("The field “%(field)s” is archived.") % {"field": self})
        return canonical(self, text)

    def uses_of(self, choice: str) -> int:
        """Return the number of rows that have a choice."""
        if self.subject == self.Subject.LEAD:
            return self.leadfieldvalues.filter(text=choice).count()
        if self.subject == self.Subject.CLIENT:
            return self.clientfieldvalues.filter(text=choice).count()
        columns = ProspectColumn.objects.filter(header=self.name)
        return sum(
            Prospect.objects.filter(
                prospecting_list=column.prospecting_list_id, **{f"cells__{column.cell_key}": choice}
            ).count()
            for column in columns
        )

    # Private methods

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Lock and reload the definition, in a transaction around the `with` block."""
        with transaction.atomic():
            self.refresh_from_db(from_queryset=CustomField.objects.select_for_update())
            yield

    def _must_be_free(self, name: str) -> None:
        """Raise `Refused` if the name is in use, ignoring case.

        On SQLite, the unique constraint ignores the case of ASCII letters only.
        """
        others = type(self).objects.filter(subject=self.subject).exclude(pk=self.pk)
        if name.casefold() in map(str.casefold, others.values_list("name", flat=True)):
            raise Refused(_("A field with this name already exists. Choose another name."))

    def _must_be_unused(self, choice: str) -> None:
        uses = self.uses_of(choice)
        if uses:
            sentence = {
                self.Subject.LEAD: ngettext(
                    "“%(choice)s” cannot be removed: %(count)d lead has it.",
                    "“%(choice)s” cannot be removed: %(count)d leads have it.",
                    uses,
                ),
                self.Subject.CLIENT: ngettext(
                    "“%(choice)s” cannot be removed: %(count)d client has it.",
                    "“%(choice)s” cannot be removed: %(count)d clients have it.",
                    uses,
                ),
                self.Subject.PROSPECT: ngettext(
                    "“%(choice)s” cannot be removed: %(count)d prospect has it.",
                    "“%(choice)s” cannot be removed: %(count)d prospects have it.",
                    uses,
                ),
            }[self.Subject(self.subject)]
            raise Refused(sentence % {"choice": choice, "count": uses})


def rename_headers(names: Mapping[str, str]) -> None:
    """Rename columns of prospecting lists, old header → new header, simultaneously.

    Raises `Refused` if a list would have two columns with one header.
    """
    twice = twice_named(names)
    if twice:
        raise Refused(
            _("Prospects already have a column “%(name)s”. Choose another name.") % {"name": twice}
        )
    renamed = ProspectColumn.objects.filter(header__in=names)
    new = {column.pk: names[column.header] for column in renamed}
    for pk in new:  # two columns may swap their headers
        ProspectColumn.objects.filter(pk=pk).update(header=f"\x01{pk}")
    for pk, header in new.items():
        ProspectColumn.objects.filter(pk=pk).update(header=header)


def twice_named(names: Mapping[str, str]) -> str:
    """Return the first header that a list would have twice if columns were renamed, "" for none."""
    seen: set[tuple[int, str]] = set()
    columns = ProspectColumn.objects.filter(header__in=[*names, *names.values()])
    for list_id, header in columns.values_list("prospecting_list", "header"):
        named = (list_id, names.get(header, header))
        if named in seen:
            return named[1]
        seen.add(named)
    return ""

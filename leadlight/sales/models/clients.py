"""Clients: the companies that leads belong to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import User
from leadlight.sales.models.client_names import LONGEST_NAME, sort_name
from leadlight.sales.models.field_values import ClientFieldValue, field_texts
from leadlight.sales.models.fields import CustomField
from leadlight.sales.models.valid_values import valid_line, valid_text
from leadlight.sales.refusals import Refused

NOT_MERGED = models.Q(merged_into=None)


class Client(Keyed):
    """Company that leads belong to. Its fields change only through the methods under “Verbs”.

    A verb raises `Refused` when a rule forbids the change. Two clients may have the same name.
    `created_at` and `created_by` are None if they are unknown. `sort_name` is derived from `name`.
    A client that was merged into another one keeps its row, with its own values and without leads
    (`sales.client_merging`).
    """

    name = models.CharField(gettext_lazy("name"), max_length=LONGEST_NAME)
    sort_name = models.CharField(max_length=LONGEST_NAME, editable=False, default="", db_default="")
    description = models.TextField(gettext_lazy("description"), blank=True)
    is_active = models.BooleanField(gettext_lazy("active"), default=True)
    created_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="created_clients"
    )
    # Its index, below, has merged clients only: SQLite would prefer an index of all clients to the
    # index by name.
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_clients",
        db_index=False,
    )
    merged_at = models.DateTimeField(null=True, blank=True)
    merged_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["sort_name", "pk"]
        indexes: ClassVar = [
            models.Index(fields=["sort_name", "id"], name="client_names", condition=NOT_MERGED),
            models.Index(
                fields=["is_active", "sort_name", "id"],
                name="active_client_names",
                condition=NOT_MERGED,
            ),
            models.Index(
                fields=["merged_into"],
                name="merged_clients",
                condition=models.Q(merged_into__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_name = sort_name(self.name)
        super().save(*args, **kwargs)

    @property
    def field_texts(self) -> dict[str, str]:
        return field_texts(self)

    @classmethod
    def unmerged(cls) -> models.QuerySet[Client]:
        """Return the clients that were not merged into another one."""
        return cls._default_manager.filter(NOT_MERGED)

    @classmethod
    def refuse_merged(cls, client_id: int | None) -> None:
        """Refuse a client that was merged into another one, by its id.

        Call this after a lead was saved with the client: the save waits for a merge in progress,
        and the merge is then visible here.
        """
        if client_id is None:
            return
        merged = cls._default_manager.filter(pk=client_id, merged_into__isnull=False)
        client = merged.select_related("merged_into").first()
        if client is not None:
            raise Refused(
                _("“%(client)s” was merged into “%(kept)s”. Choose that client.")
                % {"client": client, "kept": client.merged_into}
            )

    # Verbs

    @classmethod
    def create(cls, *, name: str, by: User | None, description: str = "") -> Client:
        """Create an active client; `by` is the user who creates it."""
        client = cls(
            name=valid_line(name, LONGEST_NAME),
            description=valid_text(description),
            created_at=timezone.now(),
            created_by=by,
        )
        with transaction.atomic():
            client.save(force_insert=True)
            client._index()
        return client

    def rename(self, name: str) -> None:
        self.name = valid_line(name, LONGEST_NAME)
        with transaction.atomic():
            self.save(update_fields=["name", "sort_name"])
            self._index()

    def describe(self, description: str) -> None:
        self.description = valid_text(description)
        with transaction.atomic():
            self.save(update_fields=["description"])
            self._index(with_leads=False)

    def set_field(self, field: CustomField, text: str) -> None:
        """Set the value of a custom field; "" removes it."""
        with transaction.atomic():
            ClientFieldValue.put(self, field, field.checked(CustomField.Subject.CLIENT, text))
            self._index(with_leads=False)

    def deactivate(self) -> None:
        """Mark the client as inactive: the list of clients no longer shows it by default."""
        with self.locked():
            if not self.is_active:
                raise Refused(_("“%(client)s” is already inactive.") % {"client": self})
            self.is_active = False
            self.save(update_fields=["is_active"])
            self._index(with_leads=False)

    def reactivate(self) -> None:
        with self.locked():
            if self.is_active:
                raise Refused(_("“%(client)s” is already active.") % {"client": self})
            self.is_active = True
            self.save(update_fields=["is_active"])
            self._index(with_leads=False)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock and reload the row, in a transaction around the `with` block."""
        with transaction.atomic():
            rows = type(self)._default_manager.select_for_update(of=("self",))
            self.refresh_from_db(from_queryset=rows)
            yield

    def _index(self, *, with_leads: bool = True) -> None:
        """Update the words by which the search finds the client and, with its name, its leads."""
        # Not at the top: the search imports the event log, which refers to clients.
        from leadlight.sales.search.writing import index_clients

        index_clients([self.pk], with_leads=with_leads)

"""Imports of texts, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from leadlight.accounts.models import User
from leadlight.sales.bulk_undo import begin_undo
from leadlight.sales.models import BulkItem, ProspectingList, TableImport
from leadlight.table_import import jobs
from leadlight.table_import.files import upload
from leadlight.table_import.mappings import set_mapping
from tests.sales.conftest import Company

KEPT = {"create_clients": True}


@dataclass
class Tables:
    """Admin who imports."""

    company: Company
    admin: User

    @classmethod
    def of(cls, company: Company) -> Tables:
        return cls(
            company, User.objects.create_user("ada@example.com", first_name="Ada", role="admin")
        )

    def checked(
        self,
        text: str | bytes,
        targets: Sequence[str],
        *,
        key: str = "",
        kind: str = "leads",
        by: User | None = None,
        into: ProspectingList | None = None,
        reading: dict[str, Any] | None = None,
        **options: Any,
    ) -> TableImport:
        """Upload and check a file whose columns are these targets, "" for an ignored one."""
        content = text.encode() if isinstance(text, str) else text
        user = by or self.admin
        given = upload(user, kind, "table.csv", [content], prospecting_list=into)
        mapping = {str(place): target for place, target in enumerate(targets)}
        given.reading = reading or {}
        set_mapping(given, mapping, key, KEPT | options)
        jobs.begin_check(given)
        given.refresh_from_db()
        return given

    def imported(self, *given: Any, **more: Any) -> TableImport:
        """Upload, check and write a file, if it has rows to write."""
        found = self.checked(*given, **more)
        if {"pending", "pending-new"} & counts(found).keys():
            jobs.start(found)
        found.refresh_from_db()
        return found

    def undo(self, given: TableImport) -> None:
        assert given.job is not None
        begin_undo(given.job.action, by=given.user)
        given.refresh_from_db()


def counts(given: TableImport) -> dict[str, int]:
    return jobs.counts(given)


def reasons(given: TableImport) -> dict[int, str]:
    """Return the sentences of refused rows by row number."""
    assert given.job is not None
    items = given.job.items.filter(state=BulkItem.State.REFUSED)
    return dict(items.values_list("place", "reason"))

"""Verbs on the rows of a prospecting list, and its settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales.models import Activity, Lead, Prospect, ProspectingList, Tag
from leadlight.sales.models.prospecting import LONGEST_LIST_NAME
from leadlight.sales.models.valid_values import valid_amount, valid_line, valid_text
from leadlight.sales.prospecting.editing import Subject, editing
from leadlight.sales.prospecting.lists import MOST_ROWS
from leadlight.sales.refusals import Refused
from leadlight.sales.search.writing import index_prospects

MOST_AT_ONCE = 1_000
LONGEST_SOURCE = 200


def add_empty_rows(
    prospecting_list: ProspectingList, count: int = 1, *, user: User | None = None
) -> list[Prospect]:
    """Add empty rows after those of the list; `user` owns them."""
    if not 0 < count <= MOST_AT_ONCE:
        raise Refused(_("Add at most %(most)d rows at once.") % {"most": MOST_AT_ONCE})
    with editing(prospecting_list) as edit:
        if edit.list.prospects.count() + count > MOST_ROWS:
            raise Refused(_("A list can have at most %(most)d rows.") % {"most": MOST_ROWS})
        made = Prospect.objects.bulk_create(
            Prospect(prospecting_list=edit.list, user=user, version=edit.version)
            for _number in range(count)
        )
        index_prospects(row.pk for row in made)
        for row in made:
            edit.created(Subject.ROW, row)
    return made


def delete_rows(prospecting_list: ProspectingList, ids: Sequence[int]) -> None:
    """Delete rows. Raises `Refused` for rows that were called or became a lead."""
    with editing(prospecting_list) as edit:
        rows = edit.rows(ids)
        worked = Activity.objects.filter(prospect__in=ids).exists()
        if worked or Lead.objects.filter(prospect__in=ids).exists():
            raise Refused(_("A row that was called or became a lead cannot be deleted."))
        for pk in [pk for pk in ids if pk in rows]:
            edit.delete(Subject.ROW, rows[pk])


def assign_rows(prospecting_list: ProspectingList, ids: Iterable[int], user: User | None) -> None:
    """Assign rows to a user, or to nobody (None)."""
    _must_be_active(user)
    with editing(prospecting_list) as edit:
        wanted = list(ids)
        rows = edit.rows(wanted)
        for pk in wanted:
            if pk in rows:
                edit.set_row(rows[pk], "user_id", user and user.pk)


def set_up(
    prospecting_list: ProspectingList,
    *,
    name: str,
    source: str,
    cost: Decimal | None,
    user: User | None,
    is_archived: bool,
) -> None:
    """Set the name, source, cost, owner and archiving of a list; an amount cannot be negative."""
    amount = valid_amount(cost)
    if amount is not None and amount < 0:
        raise Refused(_("A cost cannot be negative."))
    with editing(prospecting_list) as edit:
        if user is not None and user.pk != edit.list.user_id:
            _must_be_active(user)
        edit.set_list("name", valid_line(name, LONGEST_LIST_NAME))
        edit.set_list("source", valid_text(source, LONGEST_SOURCE))
        edit.set_list("cost", amount)
        edit.set_list("user_id", user and user.pk)
        edit.set_list("is_archived", is_archived)


def set_tags(prospecting_list: ProspectingList, tags: Iterable[Tag]) -> None:
    """Set the tags of a list."""
    with editing(prospecting_list) as edit:
        edit.set_tags([tag.pk for tag in tags])


def _must_be_active(user: User | None) -> None:
    if user is not None and not user.is_active:
        raise Refused(_("%(user)s is no longer active.") % {"user": user})

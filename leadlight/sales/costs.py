"""Creation, change and deletion of costs, with entries in the audit log, and their undo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from leadlight.accounts import audit
from leadlight.accounts.models import User
from leadlight.accounts.models.audit_entries import Kind
from leadlight.sales.models import Action, Cost, CostChange, ProspectingList, Tag
from leadlight.sales.models.actions import current_action
from leadlight.sales.models.costs import LONGEST_COST_NAME, LONGEST_SOURCE
from leadlight.sales.models.valid_values import (
    valid_amount,
    valid_day,
    valid_line,
    valid_text,
)
from leadlight.sales.refusals import Refused

# Days over which a cost may be spread. The replica has one row for each of them.
MOST_DAYS = 3_660
NAMES = ("name", "amount", "first_on", "last_on", "prospecting_list", "source", "tag")


def add(by: User, **values: Any) -> Cost:
    """Add a cost; `values` as for `checked`. Raises `Refused` for an invalid value."""
    cost = Cost(created_by=by)
    with _logged(cost, by):
        _set(cost, checked(**values))
    return cost


def change(cost: Cost, by: User, **values: Any) -> None:
    """Set all values of a cost. Raises `Refused` for an invalid value, or if it was deleted."""
    with transaction.atomic():
        held = _held(cost)
        with _logged(held, by):
            _set(held, checked(**values))


def delete(cost: Cost, by: User) -> None:
    """Delete a cost. Raises `Refused` if it was deleted already."""
    with transaction.atomic():
        held = _held(cost)
        with _logged(held, by):
            held.delete()


def move(tag: Tag, to: Tag, by: User) -> None:
    """Move the costs of a tag to another tag."""
    with transaction.atomic():
        for cost in Cost.objects.filter(tag=tag).select_for_update(of=("self",)):
            with _logged(cost, by):
                _set(cost, {"tag": to})


def checked(
    *,
    name: str,
    amount: Decimal,
    first_on: date,
    last_on: date | None = None,
    prospecting_list: ProspectingList | None = None,
    source: str = "",
    tag: Tag | None = None,
) -> dict[str, Any]:
    """Return the values of a cost as they are stored. `last_on` is `first_on` if it is not given.

    Raises `Refused` if the amount is negative or has too many decimals, if the last day is before
    the first one, if there are more than `MOST_DAYS` days, or if the cost is not for exactly one
    list, source or tag.
    """
    valid_source = valid_text(source, LONGEST_SOURCE)
    if sum(map(bool, (prospecting_list, valid_source, tag))) != 1:
        raise Refused(_("A cost is for one prospecting list, one source or one tag."))
    exact = valid_amount(amount)
    if exact is None or exact < 0:
        raise Refused(_("A cost cannot be negative."))
    first, last = valid_day(first_on), valid_day(last_on or first_on)
    if first is None or last is None or last < first:
        raise Refused(_("The last day is before the first day."))
    if (last - first).days >= MOST_DAYS:
        raise Refused(_("A cost can be spread over ten years at most."))
    return {
        "name": valid_line(name, LONGEST_COST_NAME),
        "amount": exact,
        "first_on": first,
        "last_on": last,
        "prospecting_list": prospecting_list,
        "source": valid_source,
        "tag": tag,
    }


def values_of(cost: Cost) -> dict[str, Any]:
    """Return the values of a cost that an undo compares and restores, as values of JSON."""
    values = {
        field.attname: getattr(cost, field.attname)
        for field in Cost._meta.concrete_fields
        if field.name not in ("id", "key")
    }
    return {
        name: value if value is None or isinstance(value, int) else str(value)
        for name, value in values.items()
    }


def in_words(cost: Cost) -> str:
    """Return the subject, amount and days of a cost as one line, for the audit log."""
    days = " – ".join(dict.fromkeys((f"{cost.first_on}", f"{cost.last_on}")))
    return f"{cost.subject} · {cost.amount} · {days}"


def differences() -> Iterator[str]:
    """Yield a sentence for each cost whose values `checked` refuses."""
    for cost in Cost.objects.select_related("prospecting_list", "tag").order_by("pk").iterator():
        try:
            checked(**{name: getattr(cost, name) for name in NAMES})
        except Refused as refusal:
            yield f"Cost {cost.pk} ({cost}): {refusal}"


# Undo


def undo_changes(action: Action, by: User, *, keeps_changed: bool = False) -> None:
    """Restore the costs that an action changed, newest change first.

    A cost that was changed again since stays as it is if `keeps_changed`; otherwise `Refused` is
    raised.
    """
    for one in list(action.cost_changes.order_by("-pk")):
        cost = Cost.objects.select_for_update(of=("self",)).filter(key=one.cost_key).first()
        if (cost and values_of(cost)) == one.new:
            _restore(cost, one, by)
        elif not keeps_changed:
            raise Refused(_("This cost has changed since. Nothing was undone."))


def _restore(cost: Cost | None, changed: CostChange, by: User) -> None:
    """Restore the values of a cost before a change; delete it if the change created it."""
    restored = cost or Cost(key=changed.cost_key)
    with _logged(restored, by):
        if changed.old is None:
            restored.delete()
            return
        lists = ProspectingList.objects.filter(pk=changed.old["prospecting_list_id"])
        if changed.old["prospecting_list_id"] and not lists.exists():
            raise Refused(_("This list no longer exists."))
        fields = {field.attname: field for field in Cost._meta.concrete_fields}
        _set(restored, {name: fields[name].to_python(v) for name, v in changed.old.items()})


# Locking and logging


def _held(cost: Cost) -> Cost:
    """Return a cost, locked. Raises `Refused` if it was deleted."""
    held = Cost.objects.select_for_update(of=("self",)).filter(key=cost.key).first()
    if held is None:
        raise Refused(_("This cost no longer exists."))
    return held


def _set(cost: Cost, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(cost, name, value)
    cost.save()


@contextmanager
def _logged(cost: Cost, by: User) -> Iterator[None]:
    """Record how the block changes a cost, for the undo of the action and in the audit log."""
    with transaction.atomic():
        old, before = _state(cost)
        yield
        new, after = _state(cost)
        if old == new:
            return
        if action := current_action():
            CostChange.objects.create(action=action, cost_key=cost.key, old=old, new=new)
        audit.record(Kind.SETTINGS, "cost", by=by, subject=cost, old=before, new=after)


def _state(cost: Cost) -> tuple[dict[str, Any] | None, str]:
    """Return `values_of` and `in_words` of a cost; (None, "") if it is not in the database."""
    return (None, "") if cost.pk is None else (values_of(cost), in_words(cost))

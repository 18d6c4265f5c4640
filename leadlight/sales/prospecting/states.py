"""State of a prospect, declared once: the first condition of `CONDITIONS` that holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import Case, Exists, OuterRef, Q, Value, When

from leadlight.sales.models import Activity, Prospect
from leadlight.sales.search.writing import batches

State = Prospect.State
CONDITIONS: tuple[tuple[str, Q], ...] = (
    (State.CONVERTED, Q(converted_at__isnull=False)),
    (State.DECLINED, Q(is_declined=True)),
    (State.CALL_BACK, Q(call_back_on__isnull=False)),
    (State.CALLED, Q(Exists(Activity.objects.filter(prospect=OuterRef("pk"))))),
)
STATE = Case(
    *(When(condition, then=Value(state)) for state, condition in CONDITIONS),
    default=Value(State.TO_QUALIFY),
)


def refresh(ids: Iterable[int]) -> None:
    """Compute the state of prospects again from their values and activities."""
    for batch in batches(ids):
        rows = Prospect.objects.filter(pk__in=batch)
        wrong = dict(rows.annotate(right=STATE).exclude(state=STATE).values_list("pk", "right"))
        for state in set(wrong.values()):
            named = [pk for pk, right in wrong.items() if right == state]
            Prospect.objects.filter(pk__in=named).update(state=state)


def differences() -> Iterator[str]:
    """Yield a sentence for each prospect whose stored state differs from its computed state."""
    wrong = Prospect.objects.annotate(right=STATE).exclude(state=STATE).order_by("pk")
    for pk, state, right in wrong.values_list("pk", "state", "right"):
        yield f"Prospect {pk}: state {state} instead of {right}."

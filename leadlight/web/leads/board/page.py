"""Pages of the board: all columns, more cards of one, and the result of a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from leadlight.sales.models import Lead
from leadlight.sales.models.event_log import CLOSED, Kind
from leadlight.web.leads.board.cards import Card, cards_of
from leadlight.web.leads.board.closed import closed_columns
from leadlight.web.leads.board.columns import (
    Column,
    Position,
    columns_of,
    counted_columns,
    page_of,
)
from leadlight.web.leads.board.place import QUERY, Place
from leadlight.web.leads.change_page import ChangePage
from leadlight.web.leads.filter_bar import filter_bar
from leadlight.web.leads.forms.change import BEFORE, ChangeForm
from leadlight.web.leads.forms.values import StepForm
from leadlight.web.leads.lead_page import shown_conflicts
from leadlight.web.leads.list_panel import panel_of, quick_filters, view_links
from leadlight.web.leads.list_query import ListQuery
from leadlight.web.shell.auth import ReaderRequest, signed_in

# Parameters of parts of the board.
AFTER, COUNTS = "after", "counts"
ALL = "all"


@dataclass(frozen=True)
class ShownColumn:
    """Column with its cards; `more_address` is that of the next ones, "" if there are none."""

    column: Column
    cards: tuple[Card, ...]
    more_address: str
    list_address: str


def board(request: ReaderRequest, query: ListQuery) -> HttpResponse:
    """Show the board of a query."""
    place = Place.of(query)
    response = _page(request, place)
    if request.htmx:
        response.headers["HX-Push-Url"] = place.address
    return response


@signed_in
@require_safe
def more(request: ReaderRequest, step: str) -> HttpResponse:
    """Show the cards of a column after a position."""
    place = Place.returned_to(request)
    after = Position.parse(request.GET.get(AFTER, ""))
    found = [one for one in place.steps if one.key == step]
    if not found or after is None:
        raise Http404
    page = page_of(place.leads(request).filter(step=found[0]), after)
    cards = cards_of(request.user, page.ids, timezone.now())
    context = {
        "cards": [cards[pk] for pk in page.ids if pk in cards],
        "more_address": _more_address(place, step, page.end),
        "list_address": place.list_address(step),
        "place": place,
    }
    return render(request, "leads/board/cards.html", context)


@signed_in
@require_safe
def counts(request: ReaderRequest) -> HttpResponse:
    """Show the numbers and amounts of the columns.

    With `counts=all` they are those of all leads, however many there are.
    """
    place = Place.returned_to(request)
    counts_all = request.GET.get(COUNTS) == ALL
    if not request.htmx:
        return _page(request, place, counts_all=counts_all)
    found = counted_columns(place.leads(request), place.steps, counts_all=counts_all)
    return render(request, "leads/board/counts.html", _counts(place, found, counts_all=counts_all))


def show(
    request: ReaderRequest,
    lead: Lead,
    *,
    form: ChangeForm | None = None,
    what: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show the board with the form of a change open, or with the reason for which it was refused.

    A refused move has no form: the card shows the conflict, or a message the reason.
    """
    place = Place.returned_to(request)
    if not request.htmx:
        return _page(request, place, lead=lead, form=form, what=what, status=status)
    is_refused_move = what == "step" and request.method == "POST" and form is not None
    if is_refused_move and form is not None:
        for errors in form.errors.values():
            for error in errors:
                messages.error(request, str(error))
        return _changed(request, place, lead, refused=form, status=status)
    return render(request, "leads/board/panel.html", _panel(place, lead, form, what), status=status)


def made(request: ReaderRequest, lead: Lead, what: str) -> HttpResponse:
    """Show the lead at its new place on the board."""
    place = Place.returned_to(request)
    if not request.htmx:
        return redirect(place.address)
    return _changed(request, place, lead)


PAGE = ChangePage(show, made)


def _page(
    request: ReaderRequest,
    place: Place,
    *,
    counts_all: bool = False,
    lead: Lead | None = None,
    form: ChangeForm | None = None,
    what: str = "",
    status: int = 200,
) -> HttpResponse:
    found = columns_of(place.leads(request), place.steps)
    if counts_all:
        counted = counted_columns(place.leads(request), place.steps, counts_all=True)
        found = [replace(one, total=other.total) for one, other in zip(found, counted, strict=True)]
    query = place.query
    context: dict[str, Any] = {
        **_counts(place, found, counts_all=counts_all),
        "shown_columns": list(_with_cards(request, place, found)),
        "pipeline_links": [(one, place.of_pipeline(one).address) for one in place.pipelines],
        "closed_columns": closed_columns(request, place),
        "query": query,
        "quick": quick_filters(query),
        "views": view_links(query),
        "panel": panel_of(query),
        "searched": query.searched,
        "bar": filter_bar(request.user, query),
    }
    if lead is not None and form is not None:
        form.focus()
        context |= _panel(place, lead, form, what)
    context |= {"return_params": place.return_params, "closings": CLOSED}
    return render(request, "leads/board/page.html", context, status=status)


def _counts(place: Place, columns: Sequence[Column], *, counts_all: bool) -> dict[str, Any]:
    """Return the context of the column heads and of the sentence above the board."""
    return {
        "place": place,
        "columns": columns,
        "count": sum(column.total.count for column in columns),
        "is_cut": any(column.total.is_more for column in columns),
        "counts_all": counts_all,
        "counts_address": _address("board_counts", place, (COUNTS, ALL)),
        "recount_address": _address("board_counts", place, *[(COUNTS, ALL)] * counts_all),
    }


def _with_cards(
    request: ReaderRequest, place: Place, columns: Iterable[Column]
) -> Iterator[ShownColumn]:
    columns = list(columns)
    ids = [pk for column in columns for pk in column.page.ids]
    cards = cards_of(request.user, ids, timezone.now())
    for column in columns:
        yield ShownColumn(
            column,
            tuple(cards[pk] for pk in column.page.ids if pk in cards),
            _more_address(place, column.step.key, column.page.end),
            place.list_address(column.step.key),
        )


def _changed(
    request: ReaderRequest,
    place: Place,
    lead: Lead,
    *,
    refused: ChangeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the parts of the board that a change replaces: the card, and the heads of columns.

    The card of a lead that is no longer on the board is removed.
    """
    leads = place.leads(request)
    counts_all = request.POST.get(COUNTS) == ALL
    is_here = leads.filter(pk=lead.pk).exists()
    card = cards_of(request.user, [lead.pk], timezone.now()).get(lead.pk) if is_here else None
    context = {
        **_counts(place, columns_of(leads, place.steps), counts_all=counts_all),
        "return_params": place.return_params,
        "lead": lead,
        "card": card,
        "stays": request.POST.get(BEFORE + Kind.STEP) in (None, str(lead.step_id)),
        "conflict": _conflict(refused),
        "closed_columns": closed_columns(request, place),
    }
    return render(request, "leads/board/changed.html", context, status=status)


def _conflict(form: ChangeForm | None) -> dict[str, Any] | None:
    """Return the values of a move that conflicts with another user's; None for other refusals."""
    if not isinstance(form, StepForm) or not form.conflicts:
        return None
    shown = next(shown_conflicts(form.conflicts))
    return {"before": shown.before, "theirs": shown.theirs, "mine": form.cleaned_data["step"]}


def _panel(place: Place, lead: Lead, form: ChangeForm | None, what: str) -> dict[str, Any]:
    if form is not None:
        form.focus()
    return {
        "place": place,
        "lead": lead,
        "form": form,
        "what": what,
        "back": place.address,
        "conflicts": list(shown_conflicts(form.conflicts)) if form else [],
        "return_params": place.return_params,
        "closings": CLOSED,
    }


def _address(name: str, place: Place, *pairs: tuple[str, str], args: Iterable[str] = ()) -> str:
    query = urlencode([(QUERY, place.query_string), *pairs])
    return f"{reverse(name, args=[*args])}?{query}"


def _more_address(place: Place, step: str, end: Position | None) -> str:
    if end is None:
        return ""
    return _address("board_more", place, (AFTER, str(end)), args=[step])

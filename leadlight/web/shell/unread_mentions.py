"""Unread mentions of the user who makes a request: their number, and those that a page shows."""

from __future__ import annotations

from leadlight.presentation import formats
from leadlight.sales import access
from leadlight.sales.models import Lead, Mention
from leadlight.web.shell.auth import ReaderRequest

MOST_UNREAD = 99
KEPT = "_unread_mentions"  # attribute of the request: the frame and the page share one query


def unread_count(request: ReaderRequest) -> int:
    """Return the number of unread mentions, at most `MOST_UNREAD` + 1."""
    return len(_unread(request))


def count_text(count: int) -> str:
    """Return a number of unread mentions as text, "99+" for more."""
    return formats.up_to(count, MOST_UNREAD)


def mark_read(request: ReaderRequest, lead: Lead) -> None:
    """Mark the unread mentions in comments on a lead as read, before its page is shown."""
    unread = _unread(request)
    ids = [mention for mention, lead_id in unread.items() if lead_id == lead.pk]
    if ids:
        Mention.objects.filter(pk__in=ids).update(is_read=True)
        setattr(request, KEPT, {one: lead_id for one, lead_id in unread.items() if one not in ids})


def mark_all_read(request: ReaderRequest) -> None:
    """Mark all unread mentions as read, before the page that lists the mentions is shown."""
    if _unread(request):
        access.unread_mentions(request.user).update(is_read=True)
        setattr(request, KEPT, {})


def _unread(request: ReaderRequest) -> dict[int, int]:
    """Return the ids of unread mentions with those of their leads."""
    if not hasattr(request, KEPT):
        rows = access.unread_mentions(request.user).values_list("pk", "comment__lead")
        setattr(request, KEPT, dict(rows[: MOST_UNREAD + 1]))
    unread: dict[int, int] = getattr(request, KEPT)
    return unread

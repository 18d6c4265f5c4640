"""Page of the audit log, for admins, and its export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadlight.accounts import teams
from leadlight.accounts.models import AuditEntry, User
from leadlight.accounts.models.audit_entries import Kind
from leadlight.analytics.export.sheets import Heading, Sheet
from leadlight.analytics.query.phrases import BadFilter
from leadlight.presentation import formats
from leadlight.web.settings.audit_query import AuditQuery
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in
from leadlight.web.shell.downloads import download, kinds, record_export, refuse_unknown_kind
from leadlight.web.shell.errors import refused_query
from leadlight.web.shell.query_string import params_of

ENTRIES_ON_A_PAGE = 50


@dataclass(frozen=True)
class Line:
    """Entry as texts in the reader's language. `link` is the address of an exported page."""

    instant: str
    actor: str
    title: str
    subject: str
    old: str
    new: str
    link: str
    address: str

    @classmethod
    def of(cls, entry: AuditEntry) -> Line:
        is_page = entry.kind == Kind.EXPORT and entry.new_value.startswith("/")
        return cls(
            formats.instant(entry.recorded_at),
            _actor(entry),
            entry.title,
            " · ".join(str(one) for one in (_subject(entry), entry.about) if one),
            _value(entry, entry.old_value),
            "" if is_page else _value(entry, entry.new_value),
            entry.new_value if is_page else "",
            entry.address or "",
        )


def _actor(entry: AuditEntry) -> str:
    if entry.actor:
        return str(entry.actor)
    return _("Command line") if entry.is_by_command else _("Not signed in")


def _subject(entry: AuditEntry) -> str:
    """Return the subject; titles of exported pages are stored untranslated."""
    is_title = entry.kind == Kind.EXPORT and entry.subject
    return _(entry.subject) if is_title else entry.subject


def _value(entry: AuditEntry, text: str) -> str:
    """Return a stored value in the words of the pages."""
    if text and (entry.kind, entry.action) == (Kind.ORGANIZATION, "logo"):
        return _("a picture")
    words: dict[str, Any] = {}
    if entry.kind == Kind.PEOPLE and entry.action in ("role", "added"):
        words = dict(User.Role.choices)
    elif entry.kind == Kind.TEAMS and entry.action == "member":
        words = {
            teams.NONE: _("not a member"),
            teams.MEMBER: _("member"),
            teams.MANAGER: _("manager of the team"),
        }
    return str(words.get(text, text))


@signed_in
@for_admins
@require_safe
def audit_log(request: ReaderRequest) -> HttpResponse:
    """Show the entries found, newest first, one page at a time."""
    try:
        query = AuditQuery.from_params(params_of(request))
    except BadFilter as bad:
        return refused_query(request, bad, _("Audit log"), "audit_log")
    entries, has_older = query.page(ENTRIES_ON_A_PAGE)
    older = query.query_string(before=str(entries[-1].pk)) if has_older else ""
    context = {
        "query": query,
        "lines": [Line.of(entry) for entry in entries],
        "kinds": Kind.choices,
        "older": older,
        "newest": query.query_string() or "?",
        "exports": [
            (reverse("audit_export", args=[kind]) + query.query_string(), title)
            for kind, title in kinds()
        ],
    }
    return render(request, "settings/audit_log.html", context)


@signed_in
@for_admins
@require_safe
def export(request: ReaderRequest, kind: str) -> HttpResponseBase:
    """Download all entries found. The export is an entry itself."""
    refuse_unknown_kind(kind)
    try:
        query = AuditQuery.from_params(params_of(request))
    except BadFilter as bad:
        return refused_query(request, bad, _("Audit log"), "audit_log")
    address = reverse("audit_log") + query.query_string()
    record_export(request, "list", "Audit log", address)
    now = timezone.now().astimezone(formats.company().zone)
    return download(_sheet(query), f"audit-log_{now:%Y-%m-%d-%H%M}", kind)


def _sheet(query: AuditQuery) -> Sheet:
    titles = {
        "recorded_at": _("Instant"),
        "actor": _("Person"),
        "kind": _("Kind"),
        "action": _("What happened"),
        "subject": _("Subject"),
        "old_value": _("Before"),
        "new_value": _("After"),
        "address": _("Network address"),
    }
    return Sheet(
        title=_("Audit log"),
        headings=tuple(Heading(key, title, "text") for key, title in titles.items()),
        rows=(_cells(entry) for entry in query.every()),
        about=((_("Time zone"), str(formats.company().zone)),),
    )


def _cells(entry: AuditEntry) -> tuple[str, ...]:
    line = Line.of(entry)
    at = entry.recorded_at.astimezone(formats.company().zone).isoformat(timespec="seconds")
    kind = entry.get_kind_display()
    new = line.link or line.new
    return (at, line.actor, kind, line.title, line.subject, line.old, new, line.address)

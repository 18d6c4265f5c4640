"""Files of leads: downloads and thumbnails."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from django.http import FileResponse, Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from leadlight.accounts.models import User
from leadlight.sales import access, file_store
from leadlight.sales.models import Attachment
from leadlight.sales.thumbnails import thumbnail_of
from leadlight.web.shell.auth import ReaderRequest, signed_in

# If a browser shows a file in spite of its other headers, it runs no script in it.
SANDBOX = "sandbox; default-src 'none'"


@signed_in
@require_safe
def download(request: ReaderRequest, key: str) -> HttpResponseBase:
    """Send a file to be saved. Browsers never show it as a page of this site."""
    attachment = _visible(request.user, key)
    content_type = mimetypes.guess_type(attachment.name, strict=False)[0]
    return _sent(
        file_store.path_of(attachment.digest),
        content_type or "application/octet-stream",
        save_as=attachment.name,
    )


@signed_in
@require_safe
def thumbnail(request: ReaderRequest, key: str) -> HttpResponseBase:
    """Show the thumbnail of a picture; respond with 404 if it cannot be made."""
    path = thumbnail_of(_visible(request.user, key))
    if path is None:
        raise Http404
    return _sent(path, "image/webp")


def _visible(user: User, key: str) -> Attachment:
    """Return a file of a lead that a user may see; raise Http404 for all others."""
    return get_object_or_404(
        Attachment, key=key, is_removed=False, lead__in=access.visible_leads(user)
    )


def _sent(path: Path, content_type: str, *, save_as: str = "") -> HttpResponseBase:
    try:
        content = path.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        content, content_type=content_type, as_attachment=bool(save_as), filename=save_as
    )
    response.headers["Content-Security-Policy"] = SANDBOX
    return response

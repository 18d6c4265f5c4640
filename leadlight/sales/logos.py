"""Logo of the organisation: a WebP picture in the file store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from leadlight.accounts.models import Organization
from leadlight.sales import file_store
from leadlight.sales.pictures import webp_of
from leadlight.sales.refusals import Refused

LARGEST_LOGO = 5_000_000  # bytes
FORMATS = ("JPEG", "PNG", "WEBP")
SIZE = (480, 120)  # pixels


def stored_logo(content: IO[bytes], size: int) -> str:
    """Store an uploaded logo, scaled down to `SIZE`, and return its digest; refuse other files."""
    if size > LARGEST_LOGO:
        sentence = _("The logo is larger than %(most)d MB.")
        raise Refused(sentence % {"most": LARGEST_LOGO // 1_000_000})
    picture = webp_of(content, SIZE, FORMATS)
    if picture is None:
        raise Refused(_("This is not a picture. Choose a PNG, JPEG or WebP file."))
    digest, _size = file_store.store([picture])
    return digest


def path_of_logo(organization: Organization) -> Path | None:
    """Return the path of the logo; None if there is none, or its file is missing."""
    if not organization.logo:
        return None
    path = file_store.path_of(organization.logo)
    return path if path.exists() else None


def faults() -> Iterator[str]:
    """Yield a sentence if the content of the logo is missing or changed."""
    organization = Organization.current()
    path = path_of_logo(organization)
    if organization.logo and path is None:
        yield _("The content of “%(file)s” is missing.") % {"file": _("logo")}
    elif path and file_store.digest_of(path) != organization.logo:
        yield _("The content of “%(file)s” has changed.") % {"file": _("logo")}


def is_logo(content: Path) -> bool:
    """Return whether a file is a picture as `stored_logo` makes it."""
    return content.stat().st_size <= LARGEST_LOGO and webp_of(content, SIZE, ("WEBP",)) is not None

"""Thumbnails of attached pictures, made when they are first shown."""

from __future__ import annotations

from pathlib import Path

from leadlight.sales import file_store
from leadlight.sales.models import Attachment
from leadlight.sales.pictures import webp_of

SIDE = 160  # pixels
FORMATS = ("GIF", "JPEG", "PNG", "WEBP")
SUFFIX = ".thumbnail"


def thumbnail_of(attachment: Attachment) -> Path | None:
    """Return the path of the thumbnail, a WebP picture; None if the content is not a picture."""
    if not attachment.is_picture:
        return None
    content = file_store.path_of(attachment.digest)
    path = content.with_name(content.name + SUFFIX)
    if not path.exists():
        made = webp_of(content, (SIDE, SIDE), FORMATS)
        if made is None:
            return None
        file_store.store_beside(path, made)
    return path

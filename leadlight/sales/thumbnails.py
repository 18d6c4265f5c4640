"""Thumbnails of attached pictures, made when they are first shown."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from leadlight.sales import file_store
from leadlight.sales.models import Attachment

SIDE = 160  # pixels
MOST_PIXELS = 60_000_000
FORMATS = ("GIF", "JPEG", "PNG", "WEBP")
SUFFIX = ".thumbnail"


def thumbnail_of(attachment: Attachment) -> Path | None:
    """Return the path of the thumbnail, a WebP picture; None if the content is not a picture."""
    if not attachment.is_picture:
        return None
    content = file_store.path_of(attachment.digest)
    path = content.with_name(content.name + SUFFIX)
    if not path.exists():
        made = _thumbnail(content)
        if made is None:
            return None
        file_store.store_beside(path, made)
    return path


def _thumbnail(content: Path) -> bytes | None:
    # Pillow warns of pictures with many pixels, and refuses only those with twice as many.
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(content, formats=FORMATS) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    return None
                picture.draft("RGB", (2 * SIDE, 2 * SIDE))
                upright = ImageOps.exif_transpose(picture)
                upright.thumbnail((SIDE, SIDE))
                made = io.BytesIO()
                has_alpha = "A" in upright.getbands() or "transparency" in upright.info
                upright.convert("RGBA" if has_alpha else "RGB").save(made, "WEBP", quality=80)
        except (
            *(Image.DecompressionBombWarning, Image.DecompressionBombError),
            *(UnidentifiedImageError, OSError, ValueError, SyntaxError),
        ):
            return None
    return made.getvalue()

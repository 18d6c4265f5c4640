"""Small WebP pictures, made by Pillow from uploaded pictures."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 60_000_000


def webp_of(
    content: Path | IO[bytes], size: tuple[int, int], formats: tuple[str, ...]
) -> bytes | None:
    """Return a picture of at most this width and height in pixels, without its metadata.

    None if the content is not a picture of one of the formats, or has too many pixels.
    """
    # Pillow warns of pictures with many pixels, and refuses only those with twice as many.
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(content, formats=formats) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    return None
                picture.draft("RGB", (2 * size[0], 2 * size[1]))
                upright = ImageOps.exif_transpose(picture)
                upright.thumbnail(size)
                made = io.BytesIO()
                has_alpha = "A" in upright.getbands() or "transparency" in upright.info
                upright.convert("RGBA" if has_alpha else "RGB").save(made, "WEBP", quality=80)
        except (
            *(Image.DecompressionBombWarning, Image.DecompressionBombError),
            *(UnidentifiedImageError, OSError, ValueError, SyntaxError),
        ):
            return None
    return made.getvalue()

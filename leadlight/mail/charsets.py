"""Decoding of bytes whose charset is unknown, wrong or invented."""

from __future__ import annotations

import codecs

# Codecs of Python that are no charsets of mails, or take quadratic time.
REFUSED = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"}


def decoded(content: bytes, charset: str) -> str:
    """Decode bytes by their charset, else as UTF-8, else as Windows-1252. Never fails."""
    for name in (charset.strip("\"' "), "utf-8"):
        try:
            codec = codecs.lookup(name) if name else None
            if codec and codec.name not in REFUSED and codec._is_text_encoding:
                return content.decode(codec.name)
        except (LookupError, ValueError):
            continue
    return content.decode("cp1252", "replace")

"""Errors about an unknown name, with the most similar known name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from django.utils.translation import gettext as _

from leadlight.presentation import formats


def suggestion(kind: str, name: str, known: Iterable[str]) -> str:
    """Return the error about an unknown name of this kind: “report”, “figure” or “column”."""
    names = list(known)
    unknown = {
        "report": _("Unknown report: “%(key)s”."),
        "figure": _("This report has no figure “%(key)s”."),
        "column": _("The table has no column “%(key)s”."),
    }[kind] % {"key": name}
    near = get_close_matches(name, names, n=1)
    if near:
        hint = _("Did you mean %(name)s?") % {"name": near[0]}
    else:
        hint = _("Available: %(names)s.") % {"names": formats.listed(names)}
    return f"{unknown} {hint}"

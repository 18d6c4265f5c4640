"""Error messages for refused queries, worded with the controls of the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from leadlight.analytics.query.phrases import BadFilter
from leadlight.presentation import labels
from leadlight.presentation.labels import Words

# Parameter → the title of its control, and the texts of its choices.
CONTROLS: Mapping[str, tuple[Any, Words]] = {
    "period": (_("Period"), labels.PRESETS),
    "compare": (_("Compare"), {**labels.COMPARISONS, "none": _("No comparison")}),
    "group_by": (_("Rows"), labels.GROUPINGS),
    "bucket": (_("Group by"), labels.UNITS),
    "from": (_("First day"), {}),
    "to": (_("Last day"), {}),
    "as_of": (_("As of"), {}),
    "sort": (_("Order of the rows"), {}),
    "rows": (_("Number of rows"), {}),
    "page": (_("Page"), {}),
    "view": (_("Table"), {}),
    **labels.SWITCHES,
    **{name: (title, {}) for name, title in labels.GROUPINGS.items() if name != "bucket"},
}


def refusal(bad: BadFilter) -> str:
    """Translate a refusal, with the names of the controls instead of those of the parameters."""
    phrase = bad.phrase
    title, words = CONTROLS.get(str(phrase.values.get("name")), ("", {}))
    if not title:
        return labels.say(phrase)
    shown: dict[str, Callable[[Any], Any]] = {
        "name": lambda name: str(title),
        "choices": lambda choices: [str(words.get(one, one)) for one in choices],
    }
    values = {
        name: shown.get(name, lambda value: value)(value) for name, value in phrase.values.items()
    }
    return labels.say(replace(phrase, values=values))

"""An effect on a figure is shown only if the two formatted figures differ."""

from __future__ import annotations

from decimal import Decimal

import pytest

from leadlight.analytics.insight.data_quality import Effect
from leadlight.analytics.metrics import deals
from leadlight.web.reports.data_quality_strip import sentences_of


@pytest.mark.parametrize(
    ("column", "now", "without", "sentences"),
    [
        (deals.MEAN_DAYS_TO_WIN, 46.5, 46.49999999999999, []),
        (deals.MEAN_DAYS_TO_WIN, 46.5, 46.52, []),
        (deals.MEAN_DAYS_TO_WIN, 46.5, 46.4, ["46.4 days instead of 46.5 days"]),
        (deals.MEAN_DEAL, Decimal("10.01"), Decimal("10.02"), ["10.02 instead of €10.01"]),
    ],
)
def test_differences_that_formatting_hides_are_not_shown(column, now, without, sentences, cast):
    found = list(sentences_of([Effect(column, now, without)]))
    assert len(found) == len(sentences)
    for sentence, end in zip(found, sentences, strict=True):
        assert sentence.endswith(end), sentence

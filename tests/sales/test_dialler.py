"""Settings of phone numbers: the country, and the link that calls a number."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from leadlight.accounts.models import Organization


@pytest.mark.parametrize(
    "dialler",
    ["tel:%s", "sip:%s@pbx.example", "callto:%s", "https://pbx.example/call?to=%s&from=7"],
)
def test_links_that_may_call_a_number(dialler):
    Organization(dialler=dialler).clean_fields()


@pytest.mark.parametrize(
    "dialler",
    [
        "",
        "tel:",
        "%s",
        "javascript:alert(%s)",
        "data:text/html,%s",
        "tel:%s %s",
        "tel:%s\n",
        "TEL%s",
    ],
)
def test_other_links_are_refused(dialler):
    with pytest.raises(ValidationError, match="dialler"):
        Organization(dialler=dialler).clean_fields()


@pytest.mark.parametrize("country", ["fr", "FRA", "XX", "F", "001"])
def test_other_countries_are_refused(country):
    with pytest.raises(ValidationError, match="country"):
        Organization(country=country).clean_fields()

"""Deactivation of a client on its page, and its undo."""

from __future__ import annotations

from html import unescape

import pytest

from leadlight.sales.models import Client

pytestmark = pytest.mark.database


@pytest.fixture
def hotel(cast):
    """The client of Olga's lead."""
    return Client.objects.get()


def address_of(client, verb=""):
    return f"/clients/{client.key}/{f'{verb}/' if verb else ''}"


def test_deactivating_offers_to_undo_it(cast, hotel, visit):
    browser = visit(cast.ada)
    answer = browser.post(address_of(hotel, "deactivate"), follow=True)
    html = unescape(answer.content.decode())
    assert "“Hôtel Élysée” is inactive." in html
    undo = f'<form class="undo" method="post" action="{address_of(hotel, "reactivate")}">'
    assert undo in html
    hotel.refresh_from_db()
    assert not hotel.is_active
    answer = browser.post(address_of(hotel, "reactivate"), follow=True)
    html = unescape(answer.content.decode())
    assert "“Hôtel Élysée” is active again." in html
    hotel.refresh_from_db()
    assert hotel.is_active


def test_the_undo_is_offered_to_admins_and_only_for_what_was_done(cast, hotel, visit):
    for who, query in (("olga", "done=reactivated"), ("ada", "done=deactivated"), ("ada", "")):
        html = unescape(
            visit(getattr(cast, who)).get(f"{address_of(hotel)}?{query}").content.decode()
        )
        assert 'class="undo"' not in html


def test_a_double_click_deactivates_once(cast, hotel, visit):
    browser = visit(cast.ada)
    browser.post(address_of(hotel, "deactivate"))
    answer = browser.post(address_of(hotel, "deactivate"), follow=True)
    assert "“Hôtel Élysée” is already inactive." in unescape(answer.content.decode())
    hotel.refresh_from_db()
    assert not hotel.is_active

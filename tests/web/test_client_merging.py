"""Pages that merge clients, with access and double clicks."""

from __future__ import annotations

import pytest

from leadlight.accounts.models import Organization
from leadlight.sales.models import (
    Action,
    Client,
    ClientDifference,
    CustomField,
    Lead,
    Shortcut,
)
from tests.web.pages import Page

pytestmark = pytest.mark.database

KEY = "0123456789abcdef0123"
LIST = "/settings/duplicates/clients/"


@pytest.fixture
def pair(cast):
    """Return the client of the lead of Olga and a twin of it, with a lead of hers."""
    kept = cast.lead.client
    twin = Client.create(name=f"{kept.name} SARL", by=cast.olga, description="By the lake")
    Lead.create(title="Twin lead", by=cast.olga, owner=cast.olga, client=twin)
    return kept, twin


def text_of(response):
    return " ".join(Page.read(response.content.decode()).text.split())


def page_of(browser, kept, other):
    return browser.get(f"/merge-client/{kept.key}/", {"with": other.key, "chosen": "1"})


def merge(browser, kept, other, **sent):
    sent = {"with": other.key, "action": KEY} | sent
    return browser.post(f"/merge-client/{kept.key}/", sent)


# The choice of the other client


def test_the_page_of_a_client_offers_to_merge_it_with_similar_ones(cast, visit, pair):
    kept, twin = pair
    browser = visit(cast.olga)
    assert (
        f'href="/merge-client/{kept.key}/"' in browser.get(f"/clients/{kept.key}/").content.decode()
    )
    html = browser.get(f"/merge-client/{kept.key}/").content.decode()
    assert f'href="/merge-client/{kept.key}/?with={twin.key}"' in html


def test_any_client_that_one_may_change_is_found_by_its_name(cast, visit, pair):
    kept, _twin = pair
    quartz = Client.create(name="Quartz", by=cast.olga)
    hidden = Client.create(name="Quartz of Uma", by=cast.uma)
    html = visit(cast.olga).get(f"/merge-client/{kept.key}/", {"q": "quartz"}).content.decode()
    assert f"with={quartz.key}" in html
    assert hidden.key not in html
    text = text_of(visit(cast.olga).get(f"/merge-client/{kept.key}/", {"q": "nothing"}))
    assert "No matching client that you can change." in text


# Comparison and merge


def test_the_comparison_marks_differences_and_proposes_values(cast, visit, pair):
    field = CustomField.define("client", "City", "text")
    pair[1].set_field(field, "Annecy")
    response = page_of(visit(cast.olga), *pair)
    html = response.content.decode()
    for name, chosen in (
        ("name", "kept"),
        ("description", "other"),
        (f"field:{field.key}", "other"),
    ):
        assert f'name="take:{name}" value="{chosen}" checked' in html
    assert 'name="take:active"' not in html
    assert "1 lead of the other client moves" in text_of(response)


def test_merging_moves_the_leads_and_the_page_tells_it(cast, visit, pair):
    kept, twin = pair
    browser = visit(cast.olga)
    response = merge(browser, kept, twin, **{"take:name": "other", "take:description": "other"})
    assert response.url == f"/clients/{kept.key}/"
    text = text_of(browser.get(response.url))
    assert f"“{twin.name}” was merged into “{twin.name}”." in text
    assert "Twin lead" in text
    assert "By the lake" in text
    assert "Merged clients" in text
    assert twin.key in text


def test_the_address_of_a_merged_client_leads_to_the_kept_one(cast, visit, pair):
    kept, twin = pair
    last = Client.create(name="Last", by=cast.olga)
    merge(visit(cast.olga), kept, twin)
    assert visit(cast.ada).get(f"/clients/{twin.key}/").url == f"/clients/{kept.key}/"
    merge(visit(cast.ada), last, kept, action="b" * 20)
    assert visit(cast.ada).get(f"/clients/{twin.key}/").url == f"/clients/{last.key}/"
    assert visit(cast.uma).get(f"/clients/{twin.key}/").status_code == 404
    assert visit(cast.ada).get(f"/clients/{twin.key}/edit/?part=name").status_code == 404


def test_the_merged_client_is_in_no_list_and_no_search(cast, visit, pair):
    kept, twin = pair
    browser = visit(cast.ada)
    merge(browser, kept, twin)
    for address in ("/clients/?state=all", "/search/?q=SARL", f"/merge-client/{kept.key}/?q=SARL"):
        assert f"/clients/{twin.key}/" not in browser.get(address).content.decode()
    assert twin.key not in browser.get("/lead-choices/client/?search=SARL").content.decode()


def test_a_saved_view_by_the_merged_client_shows_the_leads_of_the_kept_one(cast, visit, pair):
    kept, twin = pair
    browser = visit(cast.olga)
    view = Shortcut.objects.create(
        owner=cast.olga, name="Twins", report="lead_list", query=f"client={twin.key}"
    )
    merge(browser, kept, twin)
    response = browser.get(f"/shortcuts/{view.key}/", follow=True)
    assert response.status_code == 200
    assert "Twin lead" in text_of(response)


@pytest.mark.parametrize("leads_in_the_bin", [False, True])
def test_merge_and_undo_from_the_page_of_the_client(cast, visit, pair, leads_in_the_bin):
    kept, twin = pair
    if leads_in_the_bin:
        Lead.objects.get(title="Twin lead").bin(by=cast.olga)
    browser = visit(cast.olga)
    merge(browser, kept, twin)
    assert f'action="/undo/{KEY}/"' in browser.get(f"/clients/{kept.key}/").content.decode()
    undone = browser.post(f"/undo/{KEY}/", {"next": f"/clients/{kept.key}/"})
    assert undone.url == f"/clients/{kept.key}/"
    assert browser.get(f"/clients/{twin.key}/").status_code == 200
    assert "Merged clients" not in text_of(browser.get(f"/clients/{kept.key}/"))
    assert Lead.objects.get(title="Twin lead").client == twin


def test_the_undo_is_offered_to_who_merged_only(cast, visit, pair):
    kept, twin = pair
    merge(visit(cast.olga), kept, twin)
    html = visit(cast.ada).get(f"/clients/{kept.key}/").content.decode()
    assert "Merged clients" in html
    assert f"/undo/{KEY}/" not in html
    assert visit(cast.ada).post(f"/undo/{KEY}/").status_code == 404


def test_a_form_sent_twice_merges_once(cast, visit, pair):
    browser = visit(cast.olga)
    urls = {merge(browser, *pair).url, merge(browser, *pair).url}
    urls.add(merge(visit(cast.ada), *pair, action="a" * 20).url)
    assert urls == {f"/clients/{pair[0].key}/"}
    assert Action.objects.count() == 1


def test_a_form_with_stale_values_is_a_conflict(cast, visit, pair):
    kept, twin = pair
    browser = visit(cast.olga)
    html = page_of(browser, kept, twin).content.decode()
    before = dict(
        part.split('" value="')
        for part in html.replace('"before:', "\0").split("\0")[1:]
        for part in [part.split('">')[0]]
    )
    sent = {f"before:{name}": digest for name, digest in before.items()}
    twin.describe("In the town")
    response = merge(browser, kept, twin, **sent, **{"take:name": "other"})
    assert response.status_code == 409
    html = response.content.decode()
    assert html.count("changed meanwhile") == 1
    assert 'name="take:name" value="other" checked' in html
    assert not Client.objects.filter(merged_into__isnull=False).exists()


@pytest.mark.parametrize("text", ["\0", "a\0b", "\u202e", "x" * 5_000, "😀", "=1+1", "<script>"])
def test_any_text_as_a_key_or_a_search_is_answered(text, cast, visit, pair):
    browser, key = visit(cast.olga), pair[0].key
    status = 200 if text == "\0" else 404
    assert browser.get(f"/merge-client/{key}/", {"with": text}).status_code == status
    assert browser.post(f"/merge-client/{key}/", {"with": text}).status_code == 404
    response = browser.get(f"/merge-client/{key}/", {"q": text})
    assert response.status_code == 200
    assert "<script>" not in response.content.decode().split("<main", 1)[1].split("</main>")[0]


def test_a_client_is_not_merged_with_itself(cast, visit, pair):
    assert merge(visit(cast.olga), pair[0], pair[0]).status_code == 400


# Access


def test_who_sees_both_clients_but_may_not_change_one_is_refused(cast, visit, pair):
    Organization.objects.update(privacy="shared")
    mine = Client.create(name="Mine", by=cast.uma)
    browser = visit(cast.uma)
    assert browser.get(f"/merge-client/{pair[0].key}/").status_code == 403
    for kept, other in ((mine, pair[0]), (pair[0], mine)):
        assert page_of(browser, kept, other).status_code == 403
        assert merge(browser, kept, other).status_code == 403
    html = browser.get(f"/clients/{pair[0].key}/").content.decode()
    assert "merge-client" not in html
    assert not Client.objects.filter(merged_into__isnull=False).exists()


# The list for admins


@pytest.mark.parametrize(("who", "status"), [("ada", 200), ("mona", 403), ("olga", 403)])
def test_only_admins_see_the_duplicates_of_the_company(who, status, cast, visit):
    assert visit(getattr(cast, who)).get(LIST).status_code == status


def test_similar_names_and_key_fields_make_groups(cast, visit, pair, django_assert_num_queries):
    field = CustomField.define("client", "SIREN", "text", is_key=True)
    one, two = (Client.create(name=name, by=cast.ada) for name in ("Quartz", "Rubis"))
    for client in (one, two):
        client.set_field(field, "552 100 554")
    browser = visit(cast.ada)
    html = browser.get(LIST).content.decode()
    text = " ".join(Page.read(html).text.split())
    assert "Same “SIREN”: 552 100 554" in text
    assert "Very similar name" in text
    assert f'/merge-client/{one.key}/?with={two.key}"' in html
    assert f'/merge-client/{pair[0].key}/?with={pair[1].key}"' in html
    assert "All clients were compared." in text
    with django_assert_num_queries(10):
        browser.get(LIST)
    merge(browser, one, two)
    merge(browser, *pair, action="c" * 20)
    assert "No duplicates were found." in browser.get(LIST).content.decode()


# Clients that are no duplicates


def keep_apart(browser, one, *others, **sent):
    sent = {"other": [other.key for other in others], "next": LIST} | sent
    return browser.post(f"/different-clients/{one.key}/", sent)


def groups_of(browser):
    return browser.get(LIST).content.decode()


def test_clients_that_are_no_duplicates_leave_the_list_until_it_is_undone(cast, visit, pair):
    browser = visit(cast.ada)
    assert f"with={pair[1].key}" in groups_of(browser)
    assert keep_apart(browser, *pair, action=KEY).url == LIST
    assert "No duplicates were found." in groups_of(browser)
    assert browser.post(f"/undo/{KEY}/", {"next": LIST}).url == LIST
    assert f"with={pair[1].key}" in groups_of(browser)


def test_a_pair_is_kept_apart_once_in_either_order(cast, visit, pair):
    browser = visit(cast.ada)
    keep_apart(browser, *pair)
    keep_apart(browser, *reversed(pair))
    assert ClientDifference.objects.count() == 1


def test_one_client_of_three_leaves_the_group_and_the_others_stay(cast, visit, pair):
    third = Client.create(name=f"{pair[0].name} SA", by=cast.olga)
    browser = visit(cast.ada)
    keep_apart(browser, third, *pair)
    html = groups_of(browser)
    assert f"with={pair[1].key}" in html
    assert third.key not in html


def test_the_comparison_can_say_that_the_clients_are_no_duplicates(cast, visit, pair):
    browser = visit(cast.olga)
    assert f'action="/different-clients/{pair[0].key}/"' in page_of(browser, *pair).content.decode()
    assert keep_apart(browser, *pair, next="").url == f"/clients/{pair[0].key}/"


def test_only_those_who_may_change_both_clients_keep_them_apart(cast, visit, pair):
    hidden = Client.create(name="Quartz of Uma", by=cast.uma)
    assert keep_apart(visit(cast.olga), pair[0], hidden).status_code == 404
    assert keep_apart(visit(cast.olga), pair[0]).status_code == 404
    assert keep_apart(visit(cast.uma), *pair).status_code == 404
    assert not ClientDifference.objects.exists()

"""Pages of duplicates: banners, comparison and merge, with access and double clicks."""

from __future__ import annotations

import pytest

from leadlight.accounts.models import Organization
from leadlight.sales.models import Action, Lead, LeadEvent, Relation
from leadlight.sales.models.relations import relate, relations_of
from tests.web.pages import Page

pytestmark = pytest.mark.database

MAIL = "jo@lake-hotel.example"
KEY = "0123456789abcdef0123"


@pytest.fixture
def pair(cast):
    """Return the lead of Olga and a younger twin of it."""
    cast.lead.describe(f"Windows\n{MAIL}", by=cast.olga)
    cast.lead.set_source("", by=cast.olga)
    twin = Lead.create(
        title="Twin", by=cast.olga, owner=cast.olga, description=MAIL, amount=7, source="Fair"
    )
    return cast.lead, twin


def text_of(response):
    return " ".join(Page.read(response.content.decode()).text.split())


def page_of(browser, kept, other):
    return browser.get(f"/merge/{kept.key}/", {"with": other.key, "chosen": "1"})


def merge(browser, kept, other, **sent):
    sent = {"with": other.key, "action": KEY} | sent
    return browser.post(f"/merge/{kept.key}/", sent)


# Banners


def test_the_page_of_a_lead_names_its_probable_duplicates(cast, visit, pair):
    lead, _twin = pair
    text = text_of(visit(cast.olga).get(f"/leads/{lead.key}/"))
    assert "1 probable duplicate" in text
    assert "Twin" in text
    assert "same email address" in text
    assert "Compare and merge" in text


def test_readers_who_may_not_edit_a_lead_see_no_duplicates(cast, visit, pair):
    cast.organization.privacy = "shared"
    cast.organization.save()
    assert "probable" not in text_of(visit(cast.tom).get(f"/leads/{pair[0].key}/"))


def test_typing_a_new_lead_shows_duplicates(cast, visit, pair):
    sent = {"title": "", "client": "", "description": f"Hello {MAIL}"}
    response = visit(cast.olga).post("/new-lead/duplicates/", sent)
    assert "Twin" in text_of(response)
    assert "Compare and merge" not in text_of(response)
    nothing = visit(cast.olga).post("/new-lead/duplicates/", {"title": "\0", "description": ""})
    assert nothing.content.decode().strip() == ""


def test_a_hidden_duplicate_is_told_without_its_content(cast, visit, pair):
    sent = {"title": "Windows", "client": "", "description": MAIL}
    html = visit(cast.uma).post("/new-lead/duplicates/", sent).content.decode()
    assert "A colleague has a lead with the same email address" in html
    assert "Twin" not in html
    assert pair[1].key not in html


# Comparison


def test_the_comparison_marks_differences_and_proposes_values(cast, visit, pair):
    lead, twin = pair
    html = page_of(visit(cast.olga), lead, twin).content.decode()
    for name, chosen in (("title", "kept"), ("source", "other"), ("description", "kept")):
        assert f'name="take:{name}" value="{chosen}" checked' in html
    assert 'name="take:owner"' not in html


def test_the_older_of_two_open_leads_is_proposed_to_be_kept(cast, visit, pair):
    lead, twin = pair
    for first, second in ((lead, twin), (twin, lead)):
        html = visit(cast.olga).get(f"/merge/{first.key}/", {"with": second.key}).content.decode()
        assert f'action="/merge/{lead.key}/"' in html


def test_two_won_leads_are_shown_with_a_warning(cast, visit, pair):
    for lead in pair:
        lead.win(by=cast.olga)
    assert "Their amounts are not added" in text_of(page_of(visit(cast.olga), *pair))


# Merge


def test_merging_keeps_one_lead_whose_page_tells_both_histories(cast, visit, pair):
    lead, twin = pair
    twin.comment("Called on Monday", by=cast.olga)
    browser = visit(cast.olga)
    response = merge(browser, lead, twin, **{"take:source": "other", "take:title": "other"})
    assert response.url == f"/leads/{lead.key}/"
    lead.refresh_from_db()
    assert (lead.title, lead.source) == ("Twin", "Fair")
    text = text_of(browser.get(f"/leads/{lead.key}/"))
    assert "History of the merged lead “Twin”" in text
    assert "Called on Monday" in text
    assert "Merged with" in text


def test_the_address_of_a_merged_lead_leads_to_the_kept_one(cast, visit, pair):
    lead, twin = pair
    merge(visit(cast.olga), lead, twin)
    assert visit(cast.ada).get(f"/leads/{twin.key}/").url == f"/leads/{lead.key}/"
    assert visit(cast.uma).get(f"/leads/{twin.key}/").status_code == 404


def test_without_the_right_to_assign_the_page_offers_no_owner_and_a_merge_keeps_it(
    cast, visit, pair
):
    Organization.objects.update(may_assign="admins")
    lead, twin = pair
    for one, owner in ((lead, cast.tom), (twin, cast.olga)):
        one.assign_to(owner, by=cast.ada)
    assert 'name="take:owner"' in page_of(visit(cast.ada), lead, twin).content.decode()
    browser = visit(cast.mona)
    assert 'name="take:owner"' not in page_of(browser, lead, twin).content.decode()
    merge(browser, lead, twin, **{"take:owner": "other", "take:title": "other"})
    lead.refresh_from_db()
    assert (lead.title, lead.owner) == ("Twin", cast.tom)


def test_merge_and_undo_from_the_message(cast, visit, pair):
    lead, twin = pair
    browser = visit(cast.olga)
    merge(browser, lead, twin)
    assert Lead.objects.get(pk=twin.pk).is_deleted
    undone = browser.post(f"/undo/{KEY}/", {"next": f"/leads/{lead.key}/"})
    assert undone.url == f"/leads/{lead.key}/"
    assert not Lead.objects.get(pk=twin.pk).is_deleted
    assert browser.get(f"/leads/{twin.key}/").status_code == 200
    assert "History of the merged lead" not in text_of(browser.get(f"/leads/{lead.key}/"))


def test_a_form_sent_twice_merges_once(cast, visit, pair):
    lead, twin = pair
    browser = visit(cast.olga)
    first = merge(browser, lead, twin)
    events = LeadEvent.objects.count()
    second = merge(browser, lead, twin)
    assert (first.url, second.url) == (f"/leads/{lead.key}/",) * 2
    assert LeadEvent.objects.count() == events
    assert Action.objects.count() == 1


def test_of_two_people_who_merge_the_same_pair_the_second_is_shown_the_kept_lead(cast, visit, pair):
    lead, twin = pair
    merge(visit(cast.olga), lead, twin)
    again = merge(visit(cast.mona), lead, twin, action=KEY[::-1])
    assert again.url == f"/leads/{lead.key}/"
    assert Action.objects.count() == 1
    # The other way round, the lead to keep is gone.
    assert merge(visit(cast.mona), twin, lead, action="a" * 20).status_code == 404
    assert not Lead.objects.get(pk=lead.pk).is_deleted


def test_a_form_with_stale_values_is_a_conflict(cast, visit, pair):
    lead, twin = pair
    browser = visit(cast.olga)
    html = page_of(browser, lead, twin).content.decode()
    before = dict(
        part.split('" value="')
        for part in html.replace('"before:', "\0").split("\0")[1:]
        for part in [part.split('">')[0]]
    )
    sent = {f"before:{name}": digest for name, digest in before.items()}
    twin.set_amount(8, by=cast.mona)
    response = merge(browser, lead, twin, **sent, **{"take:title": "other"})
    assert response.status_code == 409
    html = response.content.decode()
    assert html.count("changed meanwhile") == 1
    assert 'name="take:title" value="other" checked' in html
    assert not Lead.objects.get(pk=twin.pk).is_deleted


def test_a_won_lead_is_not_merged_into_an_open_one(cast, visit, pair):
    lead, twin = pair
    twin.win(by=cast.olga)
    response = merge(visit(cast.olga), lead, twin)
    assert response.status_code == 400
    assert "is won" in text_of(response)


def test_keeping_a_closed_lead_instead_of_an_open_one_is_warned_of(cast, visit, pair):
    lead, twin = pair
    twin.lose(by=cast.olga)
    assert "still open" in text_of(page_of(visit(cast.olga), twin, lead))
    assert "still open" not in text_of(page_of(visit(cast.olga), lead, twin))


@pytest.mark.parametrize("text", ["\0", "a\0b", "\u202e", "x" * 5_000, "😀", "=1+1", "<script>"])
def test_any_text_as_a_key_is_not_found(text, cast, visit, pair):
    browser, key = visit(cast.olga), pair[0].key
    assert browser.get(f"/merge/{key}/", {"with": text}).status_code == 404
    assert browser.post(f"/merge/{key}/", {"with": text}).status_code == 404
    assert browser.post(f"/not-duplicate/{key}/", {"other": text}).status_code == 404
    sent = {"title": text, "client": text, "description": text, "signature": text, "line": text}
    for address in ("/new-lead/duplicates/", "/new-lead/signature/"):
        assert browser.post(address, sent).status_code == 200
    assert browser.post("/new-lead/", sent | {"add": "1"}).status_code == 200


def test_a_lead_is_not_merged_with_itself(cast, visit, pair):
    assert merge(visit(cast.olga), pair[0], pair[0]).status_code == 400


# Access


@pytest.mark.parametrize(("who", "status"), [("olga", 200), ("mona", 200), ("uma", 404)])
def test_leads_are_compared_by_people_who_may_edit_both(who, status, cast, visit, pair):
    browser = visit(getattr(cast, who))
    assert page_of(browser, *pair).status_code == status
    assert (merge(browser, *pair).status_code == 302) == (status == 200)


def test_who_may_see_but_not_edit_gets_no_merge(cast, visit, pair):
    cast.organization.privacy = "shared"
    cast.organization.save()
    lead, _twin = pair
    browser = visit(cast.uma)
    own = Lead.create(title="Own", by=cast.uma, owner=cast.uma, description=MAIL)
    assert "Compare and merge" not in text_of(browser.get(f"/leads/{own.key}/"))
    assert page_of(browser, own, lead).status_code == 403
    assert merge(browser, own, lead).status_code == 403
    assert browser.post(f"/not-duplicate/{lead.key}/", {"other": own.key}).status_code == 403
    assert not Lead.objects.filter(is_deleted=True).exists()


# Not a duplicate


def test_not_a_duplicate_hides_the_pair_until_it_is_undone(cast, visit, pair):
    lead, twin = pair
    browser = visit(cast.olga)
    sent = {"other": twin.key, "action": KEY, "next": f"/leads/{lead.key}/"}
    assert browser.post(f"/not-duplicate/{lead.key}/", sent).url == f"/leads/{lead.key}/"
    for one in pair:
        assert "probable" not in text_of(browser.get(f"/leads/{one.key}/"))
    browser.post(f"/undo/{KEY}/")
    assert "probable" in text_of(browser.get(f"/leads/{twin.key}/"))


@pytest.mark.parametrize("other", ["nothing", "HIDDEN", ""])
def test_not_a_duplicate_of_a_hidden_lead_is_not_found(other, cast, visit, pair):
    hidden = Lead.create(title="Hidden", by=cast.uma, owner=cast.uma)
    key = hidden.key if other == "HIDDEN" else other
    response = visit(cast.olga).post(f"/not-duplicate/{pair[0].key}/", {"other": key})
    assert response.status_code == 404


def test_titles_of_hidden_related_leads_are_not_shown(cast, visit, pair):
    lead, _twin = pair
    hidden = Lead.create(title="Secret", by=cast.uma, owner=cast.uma)
    relate(lead, hidden.key, Relation.COPY_OF, by=cast.ada)
    assert relations_of(lead)
    text = text_of(visit(cast.olga).get(f"/leads/{lead.key}/"))
    assert "Copy of another lead" in text
    assert "Secret" not in text

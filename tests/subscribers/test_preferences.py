"""The preferences page over real sockets: looking changes nothing, the page's own form does."""

from urllib.parse import urlsplit

import pytest

from flows.resources import open_resources
from subscribers import store
from subscribers.consent import Ruling
from subscribers.preference_store import changes_of
from tests.fakes import NOON
from tests.subscribers.conftest import Page
from tests.subscribers.lists import dump


@pytest.fixture
def page(site, newsletter) -> str:
    """The address of Ada's preferences."""
    with open_resources(newsletter) as resources:
        ada = next(store.all_subscribers(resources.db))
        path = f"/preferences/{resources.preferences.sign(ada.id)}"
    return urlsplit(site.ada)._replace(path=path).geturl()


def one(site) -> store.Subscriber:
    return next(store.all_subscribers(site.db))


def test_looking_changes_nothing(site, client, page):
    before = dump(site.db)
    got, seen = client.get(page), client.head(page)
    assert (got.status_code, seen.status_code, seen.content) == (200, 200, b"")
    assert got.headers["Cache-Control"] == "no-store"
    assert 'value="Ada"' in got.text
    assert "ada.lovelace@example.com" not in got.text
    assert dump(site.db) == before


def test_the_form_as_it_stands_changes_nothing_but_says_which_language(site, client, page):
    answer = Page(client.get(page)).press(client, "Save")
    assert answer.status_code == 200
    assert "Saved." in answer.text
    assert [change.field for change in changes_of(site.db, one(site).id)] == ["language"]


def test_a_reader_says_how_they_would_like_it(site, client, page):
    wished = {"name": "  Countess\u202e \n of L. <b>", "frequency": "quarterly"}
    wished |= {"paused_until": "2027-01-31", "language": "de", "offers": None}
    answer = Page(client.get(page)).press(client, "Save", **wished)
    ada = one(site)
    assert 'value="Countess of L. &lt;b&gt;"' in answer.text
    assert (ada.name, ada.frequency, ada.language) == ("Countess of L. <b>", "quarterly", "de")
    assert (str(ada.paused_until), ada.wants_offers) == ("2027-01-31", False)
    assert ada.ruling(NOON.date()) is Ruling.PAUSED


@pytest.mark.parametrize("day", ["2026-12-01", "2026-11-01", "2030-01-01", "soon", "2027-02-30"])
def test_a_break_that_cannot_be_is_told_and_changes_nothing(site, client, page, day):
    before = dump(site.db)
    answer = Page(client.get(page)).press(client, "Save", paused_until=day)
    assert (answer.status_code, Page(answer).all("p")[0].get("role")) == (422, "alert")
    assert dump(site.db) == before


def test_leaving_from_the_preferences_is_leaving(site, client, page):
    answer = Page(client.get(page)).press(client, "Unsubscribe me")
    assert "You are unsubscribed." in answer.text
    assert one(site).ruling(NOON.date()) is Ruling.SUPPRESSED


def test_all_that_is_known_is_one_file(site, client, page):
    answer = Page(client.get(page)).press(client, "Download my data")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    known = answer.json()
    assert known["person"]["address"] == "ada.lovelace@example.com"
    assert [past["action"] for past in known["consents"]] == ["imported", "confirmed"]
    assert known["letters"] == []


def test_erasing_asks_once_more_and_then_forgets(site, client, page):
    asked = Page(client.get(page)).press(client, "Erase me")
    assert one(site).address == "ada.lovelace@example.com"
    done = Page(asked).press(client, "Erase me for good")
    assert "You are forgotten." in done.text
    assert "ada.lovelace" not in str(dump(site.db))
    assert "You are unsubscribed." in client.get(page).text
    assert client.post(page, data={"do": "download"}).status_code == 200


@pytest.mark.parametrize("body", [b"", b"List-Unsubscribe=One-Click", b"offers=yes", b"\xff" * 99])
def test_a_post_that_is_not_the_form_changes_nothing(site, client, page, body):
    before = dump(site.db)
    assert client.post(page, data=body).status_code == 200
    assert dump(site.db) == before


def test_a_token_for_the_way_out_opens_no_preferences_and_the_other_way_round(site, client, page):
    token = site.ada.rpartition("/")[2]
    other = page.replace(page.rpartition("/")[2], token)
    assert client.get(other).status_code == 404
    assert client.post(page.replace("/preferences/", "/unsubscribe/")).status_code == 404
    assert one(site).name == "Ada"


def test_somebody_who_has_left_may_see_and_erase_what_is_known(site, client, page):
    client.post(site.ada)
    before = dump(site.db)
    answer = Page(client.get(page))
    assert "You are unsubscribed." in answer.html
    assert answer.press(client, "Download my data").json()["person"]["status"] == "unsubscribed"
    client.post(page, data={"do": "save", "name": "Eve"})
    assert dump(site.db) == before

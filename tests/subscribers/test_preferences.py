"""The preferences page over real sockets: looking changes nothing, the page's own form does."""

from urllib.parse import urlsplit

import pytest

from flows.resources import open_resources
from subscribers import store
from tests.subscribers.conftest import Page
from tests.subscribers.lists import dump


@pytest.fixture
def page(site, newsletter) -> str:
    """The address of Ada's preferences."""
    with open_resources(newsletter) as resources:
        ada = next(store.all_subscribers(resources.db))
        path = f"/preferences/{resources.preferences.sign(ada.id)}"
    return urlsplit(site.ada)._replace(path=path).geturl()


def ada(site) -> tuple[str, bool]:
    person = next(store.all_subscribers(site.db))
    return person.name, person.wants_offers


def test_looking_changes_nothing(site, client, page):
    before = dump(site.db)
    got, seen = client.get(page), client.head(page)
    assert (got.status_code, seen.status_code, seen.content) == (200, 200, b"")
    assert got.headers["Cache-Control"] == "no-store"
    assert 'value="Ada"' in got.text
    assert "ada.lovelace@example.com" not in got.text
    assert dump(site.db) == before


def test_the_form_as_it_stands_changes_nothing_and_says_saved(site, client, page):
    answer = Page(client.get(page)).press_the_button(client)
    assert answer.status_code == 200
    assert "Saved." in answer.text
    assert ada(site) == ("Ada", True)


def test_a_reader_says_what_to_be_called_and_that_offers_are_not_wanted(site, client, page):
    answer = client.post(page, data={"name": "  Countess\u202e \n of L. <b>"})
    assert 'value="Countess of L. &lt;b&gt;"' in answer.text
    assert ada(site) == ("Countess of L. <b>", False)
    client.post(page, data={"name": "", "offers": "yes"})
    assert ada(site) == ("", True)


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
    assert ada(site) == ("Ada", True)


def test_somebody_who_has_left_is_told_so(site, client, page):
    client.post(site.ada)
    answer = client.get(page)
    assert "You are unsubscribed." in answer.text
    assert not Page(answer).all("form")

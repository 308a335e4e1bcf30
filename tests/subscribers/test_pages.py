"""The way out over real sockets: looking changes nothing, one POST is enough, nothing leaks."""

import base64
import hashlib
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote, urlsplit

import pytest
import requests

from tests.fakes import SCANNERS
from tests.subscribers.conftest import ADA, BO, Page, Site
from tests.subscribers.lists import consents, dump, people

# The newsletter of the sample lives at this moment for ever.
AT = "2026-12-01T17:00:00+00:00"


def gone(who: tuple[str, str]) -> tuple[str, str, str]:
    return (*who, "suppressed")


def stays(who: tuple[str, str]) -> tuple[str, str, str]:
    return (*who, "may send")


def test_a_scanner_that_gets_and_heads_every_link_changes_nothing(site, client):
    before = dump(site.db)
    for name in SCANNERS:
        headers = {"User-Agent": name, "Sec-Purpose": "prefetch", "Purpose": "preview"}
        for url in (site.ada, site.bo, f"{site.ada}?List-Unsubscribe=One-Click&from=page"):
            got = client.get(url, headers=headers, data=b"List-Unsubscribe=One-Click")
            seen = client.head(url, headers=headers)
            assert (got.status_code, seen.status_code, seen.content) == (200, 200, b"")
            assert len(Page(got).all("form")) == 1
    assert dump(site.db) == before


def test_the_button_of_the_page_takes_a_person_off_and_answers_with_a_page(site, client):
    answer = Page(client.get(site.ada)).press(client, "Unsubscribe me")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "You are unsubscribed." in answer.text
    assert people(site.db) == [gone(ADA), stays(BO)]
    assert consents(site.db)[-1] == ("withdrawn", AT, "page")


def test_after_leaving_the_page_says_so_and_takes_it_back_at_a_press(site, client):
    Page(client.get(site.ada)).press(client, "Unsubscribe me")
    page = client.get(site.ada)
    assert "You are unsubscribed." in page.text
    assert people(site.db) == [gone(ADA), stays(BO)]
    assert "You are back" in Page(page).press(client, "Undo").text
    assert people(site.db) == [stays(ADA), stays(BO)]
    assert [action for action, *_ in consents(site.db)][-2:] == ["withdrawn", "restored"]


def test_an_undo_of_what_was_not_done_does_nothing(site, client):
    before = dump(site.db)
    assert "Leave this list?" in client.post(site.ada, data={"undo": "yes"}).text
    assert dump(site.db) == before


def test_after_a_day_a_leaving_stands(site, client):
    client.post(site.ada)
    long_ago = "2026-11-29T16:59:59+00:00"
    site.db.execute("DROP TRIGGER consents_are_never_changed")
    with site.db.atomic():
        site.db.execute("UPDATE consents SET at = ? WHERE action = 'withdrawn'", [long_ago])
    assert Page(client.get(site.ada)).all("form") == []
    client.post(site.ada, data={"undo": "yes"})
    assert people(site.db) == [gone(ADA), stays(BO)]


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PAIR = b"List-Unsubscribe=One-Click"


@pytest.mark.parametrize(
    "how",
    [
        {"data": PAIR, "headers": {**FORM, "User-Agent": "Google-Gmail-OneClick"}},
        {"data": PAIR, "headers": {**FORM, "Cookie": "a=b", "Origin": "https://evil.example"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"data": PAIR, "headers": {"Content-Type": "multipart/form-data"}},
        {"data": PAIR, "headers": {"Content-Type": "application/json; charset=no-such"}},
        {"data": PAIR},
        {"data": b""},
        {"data": b"", "headers": FORM},
        {"data": b"\xff\x00\xfe%%%&&==", "headers": FORM},
        {"data": iter([b"List-Unsubscribe", b"=One-Click"]), "headers": FORM},
        {"data": b"x" * 2**20},
        {"data": b"x" * 2**20, "headers": FORM},
    ],
    ids=[
        "Gmail", "cookie and origin", "multipart", "multipart without boundary", "wrong type",
        "no type", "empty", "empty form", "rubbish", "chunked", "1 MB", "1 MB form",
    ],
)  # fmt: skip
def test_one_click_of_whatever_shape_takes_a_reader_off_in_one_request(site, client, how):
    answer = client.post(site.ada, **how, allow_redirects=False)
    assert (answer.status_code, answer.text) == (200, "You are unsubscribed.\n")
    assert {"Set-Cookie", "Location"}.isdisjoint(answer.headers)
    assert people(site.db) == [gone(ADA), stays(BO)]
    assert consents(site.db)[-1] == ("withdrawn", AT, "one-click")


def test_leaving_twice_is_answered_alike_and_written_down_once(site, client):
    first = client.post(site.ada, data=PAIR)
    once = dump(site.db)
    again = client.post(site.ada, data=PAIR)
    by_page = client.post(site.ada, data={"from": "page"})
    assert (again.status_code, again.text) == (first.status_code, first.text)
    assert by_page.status_code == 200
    assert dump(site.db) == once


def test_leaving_many_times_at_the_same_moment_is_leaving_once(site):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(requests.post, [site.ada] * 24))
    assert {answer.status_code for answer in answers} == {200}
    assert [action for action, *_ in consents(site.db)].count("withdrawn") == 1


def test_a_reader_who_hangs_up_in_the_middle_has_left_and_the_log_stays_quiet(site, caplog):
    address = urlsplit(site.ada)
    with socket.create_connection((address.hostname, address.port)) as wire:
        head = f"POST {address.path} HTTP/1.1\r\nHost: n\r\nContent-Length: 26\r\n\r\n"
        wire.sendall(head.encode() + PAIR[:9])
        wire.shutdown(socket.SHUT_WR)
        wire.recv(1024)
    site.stop()
    assert [record.getMessage() for record in caplog.records] == []
    assert people(site.db) == [gone(ADA), stays(BO)]


def test_the_link_of_somebody_whom_we_forgot_says_that_they_are_off(site, client):
    site.db["subscribers"].delete_where()
    before = dump(site.db)
    assert "You are unsubscribed." in client.get(site.ada).text
    assert client.post(site.ada).status_code == 200
    assert dump(site.db) == before


def wrong_links(site: Site) -> list[str]:
    """Whatever may be left of a token after its way through mail, or comes from a stranger."""
    ada, bo = (url.removeprefix(site.root) for url in (site.ada, site.bo))
    return [
        *("", ".", "forged.token", "%00", "%ff%fe", "..%2f..%2fetc%2fpasswd", "{{7*7777}}"),
        *("%3Cscript%3Ealert(1)%3C%2Fscript%3E", "secret" * 1700, "%E2%98%83" * 1000),
        *(ada[:-1], ada[:12], ada[13:], ada.lower(), ada + "/", f"{ada}.{ada}"),
        ada.split(".")[0] + "." + bo.split(".")[1],
    ]


def test_a_link_that_is_not_ours_is_a_plain_page_that_repeats_nothing_of_it(site, client, caplog):
    before = dump(site.db)
    for token in wrong_links(site):
        pieces = [piece for piece in re.split(r"[./]", unquote(token)) if len(piece) > 4]
        for answer in (client.get(site.root + token), client.post(site.root + token, data=PAIR)):
            assert (answer.status_code, Page(answer).all("form")) == (404, [])
            assert "We cannot read this link." in answer.text
            assert [piece for piece in pieces if piece in answer.text] == []
        assert client.head(site.root + token).status_code == 404
    assert dump(site.db) == before
    assert [record.getMessage() for record in caplog.records] == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
def test_no_other_method_does_anything(site, client, method):
    before = dump(site.db)
    assert client.request(method, site.ada, data=PAIR).status_code == 405
    assert dump(site.db) == before


def every_answer(site: Site, client: requests.Session) -> list[requests.Response]:
    """All that the way out ever says: asked, looked at, not understood, done, done by one click."""
    asked = client.get(site.ada)
    return [
        asked,
        client.head(site.ada),
        client.get(site.root + "forged.token"),
        client.post(site.root + "forged.token"),
        Page(asked).press(client, "Unsubscribe me"),
        client.get(site.ada),
        client.post(site.bo, data=PAIR),
    ]


def test_no_answer_is_kept_listed_framed_or_told_to_others(site, client):
    for answer in every_answer(site, client):
        said = answer.headers
        rules = dict(part.split(maxsplit=1) for part in said["Content-Security-Policy"].split(";"))
        assert (said["Cache-Control"], said["Referrer-Policy"]) == ("no-store", "no-referrer")
        assert (said["X-Robots-Tag"], said["X-Content-Type-Options"]) == ("noindex", "nosniff")
        if answer.headers["Content-Type"].startswith("text/html"):
            assert rules.pop("form-action") == "'self'"
            assert re.fullmatch("'sha256-.{44}'", rules["style-src"])
            said_of = rules.pop("style-src")
            for style in re.findall("<style>(.*?)</style>", answer.text, re.DOTALL):
                digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
                assert said_of == f"'sha256-{digest}'"
        assert rules == {
            "default-src": "'none'",
            "frame-ancestors": "'none'",
            "base-uri": "'none'",
        }
        assert {"Set-Cookie", "Location", "ETag", "Last-Modified"}.isdisjoint(said)


def test_no_page_runs_loads_or_sends_anything_or_says_who_is_reading(site, client):
    plain = {"html", "head", "meta", "title", "style", "body", "main", "header", "section", "h1"}
    for answer in every_answer(site, client):
        elements = Page(answer).elements
        assert {tag for tag, _ in elements} <= plain | {"p", "a", "form", "input", "button"}
        assert {name for _, attributes in elements for name in attributes} <= {
            *("lang", "dir", "charset", "name", "content", "class", "method", "type", "value"),
            *("href", "rel"),
        }
        assert re.search(r"url\(|@import|ada\.|lovelace|example\.com", answer.text, re.I) is None
        assert answer.url.removeprefix(site.root) not in answer.text

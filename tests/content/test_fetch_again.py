"""A second request asks for changes only, and listens to what the blog says about asking."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.errors import FeedUnreachable
from content.fetch import retry_after
from content.fetched import NOTHING_KNOWN, Validators

MONDAY = "Mon, 02 Nov 2026 10:00:00 GMT"
DAY = 24 * 60 * 60


def answer_conditionally(httpserver, etag: str = '"v1"', **headers: str) -> str:
    """A blog that sends the feed once, and 304 to who has it already."""
    seen = {"If-None-Match": etag}
    httpserver.expect_request("/feed", headers=seen).respond_with_data(status=304, headers=headers)
    said = {"ETag": etag, "Last-Modified": MONDAY}
    httpserver.expect_request("/feed").respond_with_data("<rss/>", headers=said)
    return httpserver.url_for("/feed")


def test_a_feed_that_has_not_changed_is_not_sent_again(httpserver, get):
    source = answer_conditionally(httpserver)
    first = get(source)
    assert (first.unchanged, first.validators) == (False, Validators('"v1"', MONDAY))
    second = get(source, last=first.validators)
    assert (second.unchanged, second.body) == (True, b"")
    assert httpserver.log[1][0].headers["If-Modified-Since"] == MONDAY


def test_what_an_unchanged_feed_does_not_say_again_is_kept(httpserver, get):
    last = Validators('"v1"', MONDAY)
    assert get(answer_conditionally(httpserver), last=last).validators == last


def test_what_an_unchanged_feed_says_anew_is_taken(httpserver, get):
    source = answer_conditionally(httpserver, ETag='W/"v2"')
    assert get(source, last=Validators('"v1"', MONDAY)).validators == Validators('W/"v2"', MONDAY)


def test_a_feed_that_has_changed_is_read_whole_and_its_old_marks_forgotten(httpserver, get):
    httpserver.expect_request("/feed").respond_with_data("<rss/>")
    found = get(httpserver.url_for("/feed"), last=Validators('"v1"', MONDAY))
    assert (found.unchanged, found.body, found.validators) == (False, b"<rss/>", NOTHING_KNOWN)


def test_no_marks_are_sent_where_none_are_known(httpserver, get):
    get(answer_conditionally(httpserver))
    assert not {"If-None-Match", "If-Modified-Since"} & set(httpserver.log[0][0].headers.keys())


def test_a_date_alone_is_enough_to_ask_for_changes(httpserver, get):
    seen = {"If-Modified-Since": MONDAY}
    httpserver.expect_request("/feed", headers=seen).respond_with_data(status=304)
    assert get(httpserver.url_for("/feed"), last=Validators(last_modified=MONDAY)).unchanged


def test_not_changed_is_no_answer_to_who_knows_nothing(httpserver, refusal):
    httpserver.expect_request("/feed").respond_with_data(status=304)
    moved_only = Validators(moved_to="")
    assert refusal(httpserver.url_for("/feed"), last=moved_only) == "the blog answered HTTP 304"


@pytest.mark.parametrize("line", [b"ETag: a\0b", b"ETag: " + b"x" * 1001, b"ETag: \x01", b"ETag:"])
def test_a_mark_that_could_not_be_sent_back_is_not_kept(blog_that, get, line):
    answer = b"HTTP/1.1 200 OK\r\n" + line + b"\r\nContent-Length: 6\r\n\r\n<rss/>"
    source = blog_that(lambda wire, _: wire.sendall(answer))
    found = get(source)
    assert (found.body, found.validators) == (b"<rss/>", NOTHING_KNOWN)


def test_a_mark_with_foreign_letters_goes_back_as_it_came(blog_that, get):
    head = b'HTTP/1.1 200 OK\r\nConnection: close\r\nETag: "caf\xe9"\r\nContent-Length: 0\r\n\r\n'
    heard = []

    def answer(wire, request):
        heard.append(request)
        wire.sendall(head)

    source = blog_that(answer)
    get(source, last=get(source).validators)
    assert b'If-None-Match: "caf\xe9"\r\n' in heard[1]


@pytest.mark.parametrize("status", [429, 503])
def test_a_blog_that_asks_for_patience_is_heard(httpserver, get, status):
    httpserver.expect_request("/feed").respond_with_data(
        status=status, headers={"Retry-After": "7200"}
    )
    with pytest.raises(FeedUnreachable) as caught:
        get(httpserver.url_for("/feed"))
    assert caught.value.retry_after == 7200


def test_patience_asked_for_with_any_other_answer_is_not_meant_for_us(httpserver, get):
    httpserver.expect_request("/feed").respond_with_data(
        status=404, headers={"Retry-After": "7200"}
    )
    with pytest.raises(FeedUnreachable) as caught:
        get(httpserver.url_for("/feed"))
    assert caught.value.retry_after == 0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("0", 0),
        ("86401", DAY),
        ("9" * 5000, DAY),
        ("Mon, 02 Nov 2026 10:02:00 GMT", 120),
        ("Monday, 02-Nov-26 10:02:00 GMT", 120),
        ("Mon Nov  2 10:02:00 2026", 120),
        ("Mon, 02 Nov 2026 09:00:00 GMT", 0),
        ("Tue, 02 Nov 2027 10:00:00 GMT", DAY),
        ("-5", 0),
        ("1.5", 0),
        ("\u00b2", 0),
        ("tomorrow", 0),
        ("Mon, 02 Nov 99999 10:00:00 GMT", 0),
        ("Mon, 02 Nov 2026 10:00:00 +9999999999", 0),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 0),
        ("", 0),
    ],
)
def test_how_long_to_wait_is_read_as_the_standard_says_and_never_more_than_a_day(value, seconds):
    assert retry_after({"retry-after": value, "date": MONDAY}) == seconds


def test_a_date_without_a_zone_is_in_universal_time_wherever_we_are(monkeypatch):
    with monkeypatch.context() as west:
        west.setenv("TZ", "America/New_York")
        time.tzset()
        date = "Mon Nov  2 10:02:00 2026"
        assert retry_after({"retry-after": date, "date": MONDAY}) == 120
    time.tzset()


def test_a_date_to_wait_for_says_nothing_without_the_servers_own():
    assert retry_after({"retry-after": MONDAY}) == 0
    assert retry_after({"retry-after": MONDAY, "date": "no date"}) == 0


@given(st.text(max_size=40), st.text(max_size=40))
def test_nothing_a_server_says_about_waiting_is_an_accident(value, date):
    assert 0 <= retry_after({"retry-after": value, "date": date}) <= DAY


@given(st.from_regex(r"[A-Z][a-z]{2}, -?[0-9]{1,9} [A-Z][a-z]{2} [0-9]{1,9} [0-9:]{1,12} [-+0-9]*"))
def test_no_date_a_server_names_is_an_accident(date):
    assert 0 <= retry_after({"retry-after": date, "date": MONDAY}) <= DAY

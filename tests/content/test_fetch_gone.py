"""Whether a post was taken down is asked at its own page, and any doubt is a no."""

import time

import pytest
from werkzeug import Response

from content import fetch
from content.fetch import is_gone


@pytest.fixture
def gone(web):
    return lambda link, private=True: is_gone(link, session=web, private=private)


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_not_there_is_gone(httpserver, gone, status):
    httpserver.expect_request("/post", method="GET").respond_with_data(status=status)
    assert gone(httpserver.url_for("/post"))


@pytest.mark.parametrize("status", [200, 204, 302, 304, 401, 403, 429, 451, 500, 503])
def test_a_page_with_any_other_answer_is_not_gone(httpserver, gone, status):
    httpserver.expect_request("/post").respond_with_data(status=status)
    assert not gone(httpserver.url_for("/post"))


def test_a_page_is_looked_for_where_it_has_moved_to(httpserver, gone):
    for page, place in (("/a", "/b"), ("/b", "/lost")):
        httpserver.expect_request(page).respond_with_data(status=301, headers={"Location": place})
    httpserver.expect_request("/lost").respond_with_data(status=404)
    assert gone(httpserver.url_for("/a"))


def test_a_page_that_leads_in_a_circle_is_not_gone(httpserver, gone):
    httpserver.expect_request("/a").respond_with_data(status=302, headers={"Location": "/a"})
    assert not gone(httpserver.url_for("/a"))
    assert len(httpserver.log) == 6


@pytest.mark.parametrize(
    "link",
    ["http://127.0.0.1:1/", "mailto:ada@blog.example", "http://[bad/", "", "post.html", "//"],
)
def test_a_link_that_leads_nowhere_says_nothing(gone, link):
    assert not gone(link)


def test_a_link_comes_from_the_feed_and_may_not_lead_to_a_private_address(httpserver, gone):
    httpserver.expect_request("/post").respond_with_data(status=404)
    assert not gone(httpserver.url_for("/post"), private=False)
    assert httpserver.log == []


def test_a_page_is_not_waited_for_once_its_status_is_known(blog_that, gone):
    def begin(wire, _):
        wire.sendall(b"HTTP/1.1 200 OK\r\n\r\n<html>")
        wire.recv(1)  # until the other side hangs up

    started = time.monotonic()
    assert not gone(blog_that(begin))
    assert time.monotonic() - started < 1


def test_a_page_that_does_not_come_says_nothing(httpserver, gone, monkeypatch):
    monkeypatch.setattr(fetch, "PAGE_SECONDS", 0.1)

    def dawdle(_):
        time.sleep(0.6)
        return Response(status=404)

    httpserver.expect_request("/post").respond_with_handler(dawdle)
    started = time.monotonic()
    assert not gone(httpserver.url_for("/post"))
    assert time.monotonic() - started < 0.5

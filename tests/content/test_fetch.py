"""Fetching gives the bytes of a feed, or says in one line why there are none."""

import gzip
import socket

import brotli
import pytest

from content.errors import ContentError, FeedGone, FeedUnreachable
from content.fetch import fetch_feed
from content.fetched import Fetched
from content.web.connection import AGENT

MIB = 1024 * 1024


def test_a_feed_arrives_as_it_is_with_its_address_and_lower_case_headers(httpserver, get):
    httpserver.expect_request("/feed").respond_with_data(
        b"\x00<rss/>\xff", headers={"X-Blog": "Tide"}, content_type="text/xml; charset=latin-1"
    )
    found = get(httpserver.url_for("/feed"))
    kept = {name: found.headers[name] for name in ("x-blog", "content-type")}
    assert kept == {"x-blog": "Tide", "content-type": "text/xml; charset=latin-1"}
    url = httpserver.url_for("/feed")
    assert found == Fetched(url, url, b"\x00<rss/>\xff", found.headers)


def test_an_address_may_be_written_in_capitals(httpserver, get):
    httpserver.expect_request("/feed").respond_with_data("<rss/>")
    assert get(httpserver.url_for("/feed").replace("http:", "HTTP:")).body == b"<rss/>"


def test_the_blog_hears_who_asks_and_what_for(httpserver, get):
    httpserver.expect_request("/feed").respond_with_data("<rss/>")
    get(httpserver.url_for("/feed"))
    (request, _), *_ = httpserver.log
    assert request.headers["User-Agent"] == AGENT
    assert "Lettermill" in AGENT
    assert {"application/atom+xml", "application/rss+xml"} <= set(request.accept_mimetypes.values())
    assert {"gzip", "br"} <= set(request.accept_encodings.values())


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b"<rss/>")),
        ("br", brotli.compress(b"<rss/>")),
        ("gzip, br", brotli.compress(gzip.compress(b"<rss/>"))),
    ],
    ids=["gzip", "br", "both"],  # a name for a test that is not of this second, as gzip's bytes are
)
def test_a_compressed_answer_is_unpacked(httpserver, get, coding, body):
    httpserver.expect_request("/feed").respond_with_data(body, headers={"Content-Encoding": coding})
    assert get(httpserver.url_for("/feed")).body == b"<rss/>"


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_what_says_it_is_compressed_and_is_not_is_not_readable(httpserver, refusal, coding):
    httpserver.expect_request("/feed").respond_with_data(
        "<rss/>", headers={"Content-Encoding": coding}
    )
    assert refusal(httpserver.url_for("/feed")) == "not readable (ContentDecodingError)"


@pytest.mark.parametrize("status", [204, 302, 304, 403, 404, 429, 500, 503])
def test_any_answer_but_200_is_no_feed_and_is_named(httpserver, refusal, status):
    httpserver.expect_request("/feed").respond_with_data("<rss/>", status=status)
    assert refusal(httpserver.url_for("/feed")) == f"the blog answered HTTP {status}"


def test_a_feed_that_is_gone_for_good_is_said_to_be_so(httpserver, get):
    httpserver.expect_request("/feed").respond_with_data(status=410)
    url = httpserver.url_for("/feed")
    with pytest.raises(FeedGone, match=f"^{url}: the blog says this feed is gone .*410.*take it"):
        get(url)


def test_a_blog_that_is_not_there_is_said_to_be_so(refusal):
    assert refusal("http://127.0.0.1:1/feed") == "no connection; is the address right?"


def test_a_server_without_tls_is_not_blamed_for_breaking_off(httpserver, refusal):
    address = httpserver.url_for("/feed").replace("http:", "https:")
    assert refusal(address).startswith("the connection is not secure")


def test_a_path_is_read_from_the_newsletters_folder(get, tmp_path):
    (tmp_path / "blog.rss").write_bytes(b"<rss/>")
    assert get("blog.rss") == Fetched("blog.rss", "", b"<rss/>", {})
    whole = str(tmp_path / "blog.rss")
    assert get(whole) == Fetched(whole, "", b"<rss/>", {})


def test_a_path_without_a_file_is_said_to_be_so(refusal, tmp_path):
    (tmp_path / "folder").mkdir()
    assert refusal("blog.rss") == "cannot be read (No such file or directory)"
    assert refusal("folder") == "cannot be read (Is a directory)"


def test_a_file_of_more_than_ten_mebibytes_is_no_feed(get, refusal, tmp_path):
    with (tmp_path / "blog.rss").open("wb") as file:
        file.truncate(10 * MIB)
        assert len(get("blog.rss").body) == 10 * MIB
        file.truncate(10 * MIB + 1)
    assert refusal("blog.rss") == "larger than 10 MiB, which no feed is"


@pytest.mark.parametrize("source", ["ftp://blog.example/feed", "file:///etc/passwd", "feed://x"])
def test_only_http_addresses_and_paths_are_feeds(refusal, source):
    assert refusal(source) == "a feed is an http(s) address or a path"


@pytest.mark.parametrize(
    "source", ["http://[bad/feed", f"http://{'a' * 64}.example/", "http://", "feed\0.xml"]
)
def test_an_address_with_a_typing_mistake_is_told_in_one_line(refusal, source):
    assert refusal(source)


@pytest.mark.parametrize("password", ["hunter2", "hunt@er2", "hunt:er2", "hunt%2Fer2"])
def test_a_password_in_an_address_is_sent_and_not_shown(httpserver, get, password):
    httpserver.expect_request("/feed").respond_with_data("<rss/>")
    plain = httpserver.url_for("/feed")
    found = get(plain.replace("//", f"//ada:{password}@"))
    assert httpserver.log[0][0].authorization.username == "ada"
    assert (found.url, found.source) == (plain, plain.replace("//", f"//ada:{password}@"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(FeedUnreachable) as caught:
        get(f"http://ada:{password}@127.0.0.1:{port}/feed")
    assert str(caught.value).startswith(f"http://127.0.0.1:{port}/feed: no connection")


def test_no_password_is_shown_of_an_address_that_is_none_of_the_web(get):
    with pytest.raises(FeedUnreachable, match=r"^ftp://blog\.example/feed: a feed is"):
        get("ftp://ada:hunter2@blog.example/feed")


def test_an_at_sign_further_on_belongs_to_the_address(refusal):
    assert refusal("http://127.0.0.1:1/feed/@ada?by=@bo")


def test_the_authors_own_address_may_be_private(httpserver, web, tmp_path):
    httpserver.expect_request("/feed").respond_with_data("<rss/>")
    found = fetch_feed(httpserver.url_for("/feed"), session=web, folder=tmp_path)
    assert found.body == b"<rss/>"


def test_what_went_wrong_with_content_has_one_base():
    assert issubclass(FeedGone, ContentError)
    assert not issubclass(FeedGone, FeedUnreachable)

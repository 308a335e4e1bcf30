"""Fetching gives the bytes of a feed, or says in one line why there are none."""

import gzip
import socket
import socketserver
import time
from contextlib import suppress
from threading import Thread

import pytest
from werkzeug import Response

from content import fetch
from content.errors import FeedUnreachable
from content.fetch import Fetched, fetch_feed, open_session

MIB = 1024 * 1024


@pytest.fixture
def session():
    with open_session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def get(session, tmp_path):
    return lambda source: fetch_feed(source, session=session, folder=tmp_path)


@pytest.fixture
def refusal(get):
    """Fetch what cannot be fetched; the line the author reads, without the address."""

    def ask(source: str) -> str:
        with pytest.raises(FeedUnreachable) as caught:
            get(source)
        where, _, why = str(caught.value).partition(f"{source}: ")
        assert where == ""
        return why

    return ask


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


def test_a_compressed_answer_is_unpacked(httpserver, get):
    httpserver.expect_request("/feed").respond_with_data(
        gzip.compress(b"<rss/>"), headers={"Content-Encoding": "gzip"}
    )
    assert get(httpserver.url_for("/feed")).body == b"<rss/>"


def redirect(httpserver, hops: int) -> str:
    """An address that leads to the feed after so many redirects."""
    for hop in range(hops, 0, -1):
        httpserver.expect_request(f"/{hop}").respond_with_data(
            status=302, headers={"Location": f"/{hop - 1}"}
        )
    httpserver.expect_request("/0").respond_with_data("<rss/>")
    return httpserver.url_for(f"/{hops}")


def test_five_redirects_are_followed_and_the_last_address_is_kept(httpserver, get):
    source = redirect(httpserver, hops=5)
    found = get(source)
    assert (found.source, found.url, found.body) == (source, httpserver.url_for("/0"), b"<rss/>")


def test_a_sixth_redirect_is_one_too_many(httpserver, refusal):
    assert refusal(redirect(httpserver, hops=6)) == "more than 5 redirects"
    assert len(httpserver.log) == 6


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://127.0.0.1/feed"])
def test_a_redirect_to_somewhere_that_is_no_web_address_is_refused(httpserver, refusal, place):
    httpserver.expect_request("/feed").respond_with_data(status=301, headers={"Location": place})
    assert refusal(httpserver.url_for("/feed")) == "not readable (InvalidSchema)"


@pytest.mark.parametrize("status", [204, 304, 403, 404, 410, 429, 500, 503])
def test_any_answer_but_200_is_no_feed_and_is_named(httpserver, refusal, status):
    httpserver.expect_request("/feed").respond_with_data("<rss/>", status=status)
    assert refusal(httpserver.url_for("/feed")) == f"the blog answered HTTP {status}"


def test_ten_mebibytes_are_a_feed_and_one_byte_more_is_not(httpserver, get, refusal):
    httpserver.expect_request("/full").respond_with_data(b"x" * 10 * MIB)
    httpserver.expect_request("/over").respond_with_data(b"x" * (10 * MIB + 1))
    assert len(get(httpserver.url_for("/full")).body) == 10 * MIB
    assert refusal(httpserver.url_for("/over")) == "larger than 10 MiB, which no feed is"


def test_a_small_answer_that_unpacks_to_a_huge_one_is_refused(httpserver, refusal):
    httpserver.expect_request("/bomb").respond_with_data(
        gzip.compress(bytes(200 * MIB), compresslevel=1), headers={"Content-Encoding": "gzip"}
    )
    assert refusal(httpserver.url_for("/bomb")) == "larger than 10 MiB, which no feed is"


def test_a_feed_without_end_is_given_up(broken_blog, refusal):
    assert refusal(f"{broken_blog}/endless") == "larger than 10 MiB, which no feed is"


def test_what_says_it_is_compressed_and_is_not_is_not_readable(httpserver, refusal):
    httpserver.expect_request("/feed").respond_with_data(
        "<rss/>", headers={"Content-Encoding": "gzip"}
    )
    assert refusal(httpserver.url_for("/feed")) == "not readable (ContentDecodingError)"


def test_a_blog_that_is_not_there_is_said_to_be_so(refusal):
    assert refusal("http://127.0.0.1:1/feed") == "no connection; is the address right?"


def test_a_blog_that_keeps_silent_is_given_up(httpserver, refusal, monkeypatch):
    monkeypatch.setattr(fetch, "READ_SECONDS", 0.1)

    def keep_silent(_):
        time.sleep(0.5)
        return Response("<rss/>")

    httpserver.expect_request("/feed").respond_with_handler(keep_silent)
    assert refusal(httpserver.url_for("/feed")) == "no answer in 0.1 seconds"


HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<rss/>"
MOVED = b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: http://%s/\r\n\r\n"
ENDLESS = b"HTTP/1.1 200 OK\r\n\r\n"
ANSWERS = {
    b"/endless": ENDLESS,
    b"/cut": HALF,
    b"/stall": HALF,
    b"/typing-mistake": MOVED % b"[bad",
    b"/long-name": MOVED % (b"a" * 64 + b".example"),
}


class _Raw(socketserver.BaseRequestHandler):
    """A server that no library would let us write; /stall and /endless it never ends itself."""

    def handle(self):
        path = self.request.recv(4096).split()[1]
        self.request.sendall(ANSWERS[path])
        if path == b"/stall":
            self.request.recv(1)  # until the other side gives up
        with suppress(OSError):
            while path == b"/endless":
                self.request.sendall(bytes(MIB))


@pytest.fixture
def broken_blog():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Raw) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.01,)).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_half_an_answer_is_not_taken_for_the_whole_feed(broken_blog, refusal):
    assert refusal(f"{broken_blog}/cut") == "not readable (ChunkedEncodingError)"


def test_an_answer_that_stalls_half_way_is_not_blamed_on_the_address(
    broken_blog, refusal, monkeypatch
):
    monkeypatch.setattr(fetch, "READ_SECONDS", 0.1)
    assert "is the address right" not in refusal(f"{broken_blog}/stall")


@pytest.mark.parametrize("path", ["/typing-mistake", "/long-name"])
def test_a_redirect_with_a_typing_mistake_is_told_in_one_line(broken_blog, refusal, path):
    assert refusal(broken_blog + path).startswith("not readable")


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


def test_a_password_in_an_address_is_not_shown(session, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(FeedUnreachable) as caught:
        fetch_feed(f"http://ada:hunter2@127.0.0.1:{port}/feed", session=session, folder=tmp_path)
    assert str(caught.value).startswith(f"http://127.0.0.1:{port}/feed: no connection")


def test_a_server_without_tls_is_not_blamed_for_breaking_off(httpserver, refusal):
    address = httpserver.url_for("/feed").replace("http:", "https:")
    assert refusal(address).startswith("the connection is not secure")

"""No blog, however slow, large or broken, takes more than a minute and ten mebibytes."""

import gzip
import socket
import subprocess
import sys
import time
from threading import Event

import brotli
import pytest
from werkzeug import Response

from content import fetch
from content.web import connection
from tests.conftest import ROOT

MIB = 1024 * 1024
TOO_LARGE = "larger than 10 MiB, which no feed is"
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
HALF = OK + b"Content-Length: 100\r\n\r\n<rss/>"
ZEROES = bytes(200 * MIB)
GZIP = gzip.compress(ZEROES, compresslevel=1)
BOMBS = {
    "gzip": GZIP,
    "br": brotli.compress(ZEROES, quality=2),
    "gzip, gzip": gzip.compress(GZIP),
    "gzip, br": brotli.compress(GZIP, quality=5),
    "gzip" + ", gzip" * 9: gzip.compress(GZIP),
}
del ZEROES


def test_ten_mebibytes_are_a_feed_and_one_byte_more_is_not(httpserver, get, refusal):
    httpserver.expect_request("/full").respond_with_data(b"x" * 10 * MIB)
    httpserver.expect_request("/over").respond_with_data(b"x" * (10 * MIB + 1))
    assert len(get(httpserver.url_for("/full")).body) == 10 * MIB
    assert refusal(httpserver.url_for("/over")) == TOO_LARGE


@pytest.mark.parametrize("coding", list(BOMBS)[:4])
def test_a_small_answer_that_unpacks_to_a_huge_one_is_refused(httpserver, refusal, coding):
    httpserver.expect_request("/bomb").respond_with_data(
        BOMBS[coding], headers={"Content-Encoding": coding}
    )
    assert refusal(httpserver.url_for("/bomb")) == TOO_LARGE


def test_an_answer_packed_ten_times_is_not_unpacked(httpserver, refusal):
    coding = list(BOMBS)[4]
    httpserver.expect_request("/bomb").respond_with_data(
        BOMBS[coding], headers={"Content-Encoding": coding}
    )
    assert refusal(httpserver.url_for("/bomb")) == "not readable (ContentDecodingError)"


MEASURE = """
import re, sys
from pathlib import Path
from content.web.connection import Web
from content.errors import FeedUnreachable
from content.fetch import fetch_feed

def peak():
    # Not getrusage: its peak is at least what the process had that started this one.
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024

before = peak()
for source in sys.argv[1:] * 5:
    with Web(trust_env=False) as web:
        try:
            fetch_feed(source, session=web, folder=Path(), private=True)
        except FeedUnreachable:
            pass
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_no_bomb_takes_much_memory_nor_does_one_in_a_redirect(httpserver, blog_that):
    for number, (coding, bomb) in enumerate(BOMBS.items()):
        packed = {"Content-Encoding": coding}
        httpserver.expect_request(f"/{number}").respond_with_data(bomb, headers=packed)
        httpserver.expect_request(f"/moved/{number}").respond_with_data(
            bomb, status=302, headers=packed | {"Location": f"/{number}"}
        )
    places = [f"{way}/{number}" for number in range(len(BOMBS)) for way in ("", "/moved")]
    endless = blog_that(lambda wire, _: pour(wire, OK + b"\r\n", bytes(MIB)))
    line = blog_that(lambda wire, _: pour(wire, CHUNKED, b"0" * MIB))
    command = [sys.executable, "-c", MEASURE, *map(httpserver.url_for, places), endless, line]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert 5 < int(run.stdout) < 60  # MiB: the 10 that were read, and room to unpack


def pour(wire: socket.socket, head: bytes, more: bytes) -> None:
    wire.sendall(head)
    while True:
        wire.sendall(more)


def test_a_feed_without_end_is_given_up(blog_that, refusal):
    assert refusal(blog_that(lambda wire, _: pour(wire, OK + b"\r\n", bytes(MIB)))) == TOO_LARGE


def test_the_page_that_comes_with_an_error_is_not_read(blog_that, refusal):
    head = b"HTTP/1.1 404 Not Found\r\n\r\n"
    source = blog_that(lambda wire, _: pour(wire, head, bytes(MIB)))
    assert refusal(source) == "the blog answered HTTP 404"


def test_a_redirect_that_says_no_end_of_things_is_followed_all_the_same(httpserver, blog_that, get):
    httpserver.expect_request("/feed").respond_with_data("<rss/>")
    there = httpserver.url_for("/feed").encode()
    head = b"HTTP/1.1 302 Found\r\nLocation: %s\r\n\r\n" % there
    source = blog_that(lambda wire, _: pour(wire, head, bytes(MIB)))
    assert get(source).body == b"<rss/>"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (HALF, "not readable (ChunkedEncodingError)"),
        (CHUNKED + b"6\r\n<rss/>\r\n", "not readable (ChunkedEncodingError)"),
        (CHUNKED + b"6\r\n<rs", "not readable (ChunkedEncodingError)"),
        (CHUNKED + b"six\r\n<rss/>\r\n0\r\n\r\n", "not readable (ChunkedEncodingError)"),
        (CHUNKED + b"-6\r\n<rss/>\r\n0\r\n\r\n", "not readable (ValueError)"),
        (OK + b"Content-Length: 6, 7\r\n\r\n<rss/>", "not readable (InvalidHeader)"),
        (b"", "the connection broke before the end"),
        (b"good morning\r\n\r\n", "the connection broke before the end"),
        (OK + b"X: x\r\n" * 200 + b"\r\n<rss/>", "the connection broke before the end"),
        (OK + b"X: " + b"x" * 70000 + b"\r\n\r\n", "the connection broke before the end"),
    ],
    ids=[*"abcdefghij"],
)
def test_half_an_answer_or_a_wrong_one_is_not_taken_for_a_feed(blog_that, refusal, answer, why):
    assert refusal(blog_that(lambda wire, _: wire.sendall(answer))) == why


def test_a_blog_that_keeps_silent_is_given_up(httpserver, refusal, monkeypatch):
    monkeypatch.setattr(connection, "READ_SECONDS", 0.1)

    def keep_silent(_):
        time.sleep(0.3)
        return Response("<rss/>")

    httpserver.expect_request("/feed").respond_with_handler(keep_silent)
    assert refusal(httpserver.url_for("/feed")) == "no answer in 0.1 seconds"


def test_an_answer_that_stalls_half_way_is_not_blamed_on_the_address(
    blog_that, refusal, monkeypatch
):
    monkeypatch.setattr(connection, "READ_SECONDS", 0.1)

    def stall(wire, _):
        wire.sendall(HALF)
        wire.recv(1)  # until the other side gives up

    assert refusal(blog_that(stall)) == "no answer in 0.1 seconds"


DRIPS = {
    "status": b"HTTP/1.1 200 " + b"O" * 1000,
    "headers": OK + b"X: " + b"x" * 1000,
    "body": HALF,
    "chunk": CHUNKED + b"0" * 60,
    "gzip": OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(50000)),
    "continue": b"HTTP/1.1 100 Continue\r\n\r\n" * 100,
}


@pytest.mark.parametrize("part", DRIPS)
def test_an_answer_in_single_drops_is_given_up_and_nothing_goes_on_behind_our_back(
    blog_that, refusal, monkeypatch, part
):
    monkeypatch.setattr(fetch, "TRANSFER_SECONDS", 0.3)
    hung_up = Event()

    def drip(wire, _):
        try:
            for at in range(len(DRIPS[part])):
                wire.sendall(DRIPS[part][at : at + 1])
                time.sleep(0.02)
        except OSError:
            hung_up.set()

    started = time.monotonic()
    assert refusal(blog_that(drip)) == "longer than 0.3 seconds"
    assert time.monotonic() - started < 0.9
    assert hung_up.wait(3)


def test_redirects_do_not_start_the_time_anew(httpserver, refusal, monkeypatch):
    monkeypatch.setattr(fetch, "TRANSFER_SECONDS", 0.3)

    def dawdle(_):
        time.sleep(0.2)
        return Response(status=302, headers={"Location": "/feed"})

    httpserver.expect_request("/feed").respond_with_handler(dawdle)
    assert refusal(httpserver.url_for("/feed")) == "longer than 0.3 seconds"


@pytest.mark.parametrize("private", [True, False])
def test_a_name_service_that_does_not_answer_is_given_up(refusal, monkeypatch, private):
    monkeypatch.setattr(fetch, "TRANSFER_SECONDS", 0.1)
    over = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(5) or [])
    try:
        assert refusal("http://blog.example/feed", private=private) == "longer than 0.1 seconds"
    finally:
        over.set()


def test_a_door_that_does_not_open_is_given_up(refusal, monkeypatch):
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.1)
    with socket.socket() as full, socket.socket() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting.connect(full.getsockname())
        port = full.getsockname()[1]
        with socket.socket() as another:
            another.setblocking(False)
            another.connect_ex(full.getsockname())
            started = time.monotonic()
            assert refusal(f"http://127.0.0.1:{port}/feed") == "no connection in 0.1 seconds"
            assert time.monotonic() - started < 2


def test_a_minute_is_what_a_feed_gets_and_ten_seconds_a_page():
    assert (fetch.TRANSFER_SECONDS, fetch.PAGE_SECONDS) == (60, 10)
    assert (connection.CONNECT_SECONDS, connection.READ_SECONDS) == (5, 30)

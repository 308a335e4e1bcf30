"""What is too long, slow or much has an end at the site, and others are served meanwhile."""

import socket
import time

import pytest

from flows.serving import group_commit
from flows.serving.timed_connection import TimedConnection
from tests.flows.homes import bring_in
from tests.flows.wire import PAIR, on_the_wire
from tests.subscribers.lists import dump, people

ADA = "reader00000@example.com"


@pytest.fixture
def wire(newsletter):
    bring_in(newsletter, 3)
    with on_the_wire(newsletter) as running:
        yield running


def resident() -> int:
    """KiB of memory that this process holds."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


MUCH = 10 * 2**20
ENDLESS = {
    "10 MB of URL": lambda: b"GET /unsubscribe/" + b"x" * MUCH + b" HTTP/1.1\r\nHost: n\r\n\r\n",
    "10 MB of query": lambda: b"GET /?" + b"x" * MUCH + b" HTTP/1.1\r\nHost: n\r\n\r\n",
    "10 MB of one header": lambda: b"GET / HTTP/1.1\r\nCookie: " + b"x" * MUCH + b"\r\n\r\n",
    "100,000 headers": lambda: b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 100_000 + b"\r\n",
    "10 MB of method": lambda: b"G" * MUCH + b" / HTTP/1.1\r\n\r\n",
    "10 MB of chunk size": lambda: (
        b"POST /subscribe HTTP/1.1\r\nHost: n\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * MUCH
    ),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_what_does_not_end_is_cut_off_and_memory_stays_as_it_was(wire, what):
    request = ENDLESS[what]()
    before = resident()
    for _ in range(5):
        assert wire.say(request).status in (0, 400)
    assert resident() - before < 4 * 1024  # half of a single one of them
    assert wire.ask("GET", "/subscribe").status == 200


def test_a_body_of_10_mb_is_not_kept_and_a_one_click_with_one_acts(wire):
    before = resident()
    token = wire.tokens(ADA)["/unsubscribe/"]
    for target in ("/subscribe", "/find-my-link", f"/unsubscribe/{token}"):
        answer = wire.ask("POST", target, b"email=" + b"x" * MUCH)
        assert answer.status in (0, 200, 422)  # 0: it was answered while we were still speaking
    assert (ADA, "Reader 0", "suppressed") in people(wire.seen)
    assert resident() - before < 14 * 1024  # 10 MB of it are ours, the asker's


def test_who_asks_slowly_or_not_at_all_is_hung_up_on_and_others_are_served(wire, monkeypatch):
    monkeypatch.setattr(TimedConnection, "patience", 0.3)
    slow = [wire.connect() for _ in range(200)]
    began = time.monotonic()
    for n, connection in enumerate(slow):
        connection.sendall([b"", b"GET /subscr", b"POST /subscribe HTTP/1.1\r\nHost: n\r\n"][n % 3])
        if n % 3 == 2:
            connection.sendall(b"Content-Length: 900\r\n\r\nemail")
    assert wire.ask("GET", "/subscribe").status == 200
    for connection in slow:
        drip_until_closed(connection)
        connection.close()
    assert 0.3 < time.monotonic() - began < 15


def drip_until_closed(connection: socket.socket) -> None:
    """A byte now and then, which must not count as asking."""
    connection.settimeout(0.05)
    for _ in range(200):
        try:
            if connection.recv(1000) == b"":
                return
        except TimeoutError:
            try:
                connection.sendall(b"x")
            except ConnectionError:
                return
        except ConnectionError:
            return
    raise AssertionError("it is still listened to")


def test_who_asks_again_and_again_on_one_connection_is_not_hung_up_on(wire, monkeypatch):
    # Long enough for a machine that is busy with other tests to come back in between.
    monkeypatch.setattr(TimedConnection, "patience", 1.0)
    with wire.connect() as connection:
        for _ in range(8):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: n\r\n\r\n")
            assert connection.recv(4000).startswith(b"HTTP/1.1 200")
            time.sleep(0.35)


def test_who_waits_for_our_answer_is_not_hung_up_on(wire, monkeypatch):
    monkeypatch.setattr(TimedConnection, "patience", 0.1)
    wire.seen.execute("BEGIN IMMEDIATE")
    with wire.connect() as connection:
        target = "/unsubscribe/" + wire.tokens(ADA)["/unsubscribe/"]
        connection.sendall(f"POST {target} HTTP/1.1\r\nHost: n\r\n\r\n".encode())
        time.sleep(0.5)
        wire.seen.rollback()
        assert connection.recv(4000).startswith(b"HTTP/1.1 200")


def test_more_connections_than_we_hold_are_told_to_come_later_and_then_served(
    newsletter, monkeypatch
):
    monkeypatch.setattr("flows.serving.server._MOST_CONNECTIONS", 20)
    bring_in(newsletter, 3)
    with on_the_wire(newsletter) as wire:
        open_ones = [wire.connect() for _ in range(40)]
        time.sleep(0.1)
        assert wire.ask("GET", "/subscribe").status == 503
        for connection in open_ones:
            connection.close()
        time.sleep(0.1)
        assert wire.ask("GET", "/subscribe").status == 200


def test_when_too_many_wait_a_one_click_is_told_when_to_come_again(wire, monkeypatch):
    before = dump(wire.seen)
    monkeypatch.setattr(group_commit, "_MOST_WAITING", 0)
    target = "/unsubscribe/" + wire.tokens(ADA)["/unsubscribe/"]
    answer = wire.ask("POST", target, PAIR)
    assert (answer.status, answer.headers["retry-after"]) == (503, "30")
    assert b"try again in half a minute" in answer.body
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert dump(wire.seen) == before
    monkeypatch.undo()
    assert wire.ask("POST", target, PAIR).status == 200


def test_templates_that_are_broken_are_an_apology_without_words_of_theirs(newsletter, caplog):
    bring_in(newsletter, 3)
    pages = newsletter / "templates" / "pages"
    pages.mkdir(parents=True)
    (pages / "base.html").write_text("{{ no.such.thing('reader00000@example.com') }}")
    with on_the_wire(newsletter) as wire:
        target = "/unsubscribe/" + wire.tokens(ADA)["/unsubscribe/"]
        answer = wire.ask("GET", target)
        assert (answer.status, answer.body[:23]) == (500, b"Something is broken her")
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert wire.ask("POST", target, PAIR).status == 200  # who leaves by one click has left
        assert (ADA, "Reader 0", "suppressed") in people(wire.seen)
    assert "500: TemplateBroken at " in caplog.text
    assert "reader0" not in caplog.text
    assert "Traceback" not in caplog.text


def test_only_a_proxy_that_we_know_says_where_a_sign_up_comes_from(wire):
    for n in range(10):
        body = f"email=a{n}@new.example".encode()
        assert wire.ask("POST", "/subscribe", body, X_Forwarded_For="192.0.2.7").status == 200
    beyond = {"X_Forwarded_For": "203.0.113.9, 192.0.2.7"}  # the first is what the client wrote
    assert wire.ask("POST", "/subscribe", b"email=b@new.example", **beyond).status == 429
    other = wire.ask("POST", "/subscribe", b"email=b@new.example", X_Forwarded_For="192.0.2.8")
    assert other.status == 200
    ips = {row["ip"] for row in wire.seen["consents"].rows if row["action"] == "requested"}
    assert ips == {"192.0.2.7", "192.0.2.8"}

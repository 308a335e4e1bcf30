"""What the site writes down of those who visit it: nothing that leads to anybody."""

import logging
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.serving.access_log import masked
from flows.serving.site import ACCESS
from subscribers import store
from tests.flows.homes import bring_in
from tests.flows.wire import PAIR, Wire, on_the_wire, wait_until

ADDRESS = "reader00000@example.com"
SPELLINGS = [ADDRESS, ADDRESS.replace("@", "%40"), ADDRESS.replace("@", "%2540"), f"<{ADDRESS}>"]
LINE = re.compile(r"(GET|HEAD|POST|PUT|OPTIONS|\?) \S{1,130} \d{3} \d+ ms")


@pytest.fixture
def wire(newsletter, caplog):
    bring_in(newsletter, 3)
    caplog.set_level(logging.DEBUG)
    with on_the_wire(newsletter) as running:
        yield running


def everywhere(wire: Wire, secret: str) -> None:
    """Say a secret in every place that a request has."""
    for path in ("/", "/unsubscribe/", "//unsubscribe/", "/x/", "/archive/", "/subscribe/", "/.."):
        wire.ask("GET", path + secret)
        wire.ask("HEAD", path + secret + "/" + secret)
        wire.ask("POST", f"{path}?{secret}={secret}", secret.encode(), Referer=secret)
        wire.ask("OPTIONS", path, Origin=secret, Cookie=f"a={secret}", User_Agent=secret)
        wire.ask("PUT", path, Accept_Language=secret, X_Forwarded_For=secret, Host=secret)
    for method in (secret[:8], "PROPFIND", "CONNECT"):
        wire.ask(method, f"http://news.example/{secret}")
    wire.say(f"{secret} {secret} {secret}\r\n{secret}\r\n\r\n".encode(), whole=False)
    wire.ask("POST", "/subscribe", f"email={secret}".encode())
    wire.ask("POST", "/find-my-link", f"email={secret}".encode())


def test_a_flood_of_tokens_and_addresses_leaves_none_in_any_log(wire, caplog):
    reader = next(iter(store.all_subscribers(wire.resources.db)))
    tokens = list(wire.tokens(ADDRESS).values())
    for start, token in wire.tokens(ADDRESS).items():
        wire.ask("GET", start + token)
        wire.ask("POST", start + token, PAIR)
        wire.ask("GET", (start + token).replace("/", "%2F").replace(".", "%2E"))
    for secret in (*SPELLINGS, *tokens):
        everywhere(wire, secret)
    said = caplog.text
    assert len(caplog.records) > 200
    assert not re.search(r"reader0|example\.com|127\.0\.0\.1", said, re.IGNORECASE)
    for token in tokens:
        signature = token.rpartition(".")[2]
        assert signature not in said
        assert signature[:30] not in said
    assert f"/{reader.id}" not in said


def test_each_request_is_one_line_of_method_path_status_and_time(wire, caplog):
    token = wire.tokens(ADDRESS)["/unsubscribe/"]
    for method, target in [("GET", f"/unsubscribe/{token}?a=b"), ("POST", f"/unsubscribe/{token}"),
                           ("GET", "/archive/"), ("BREW", "/archive/digest-2026-11")]:  # fmt: skip
        wire.ask(method, target)
    wait_until(lambda: len(lines_of(caplog)) == 4)  # an answer leaves before its line is written
    lines = lines_of(caplog)
    assert all(LINE.fullmatch(line) for line in lines)
    assert [line.rpartition(" ")[0].rpartition(" ")[0] for line in lines] == [
        "GET /unsubscribe/… 200",
        "POST /unsubscribe/… 200",
        "GET /archive/ 200",
        "? /archive/digest-2026-11 405",
    ]


def lines_of(caplog) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.name == ACCESS.name]


@given(st.text())
def test_whatever_the_path_its_line_is_short_and_printable(path):
    assert re.fullmatch(r"[A-Za-z0-9_./…-]{0,130}", masked(path))


@given(st.sampled_from(["/unsubscribe/", "/preferences/", "/confirm/", "/x/", "//"]), st.emails())
def test_no_address_can_be_read_from_a_path(start, address):
    assert "@" not in masked(start + address)
    assert address not in masked(start + address)

"""Strangers at the site: whatever they say, no 5xx, no row changed by looking, no word in the log.

The routes come from the site's own table, so that a route that is added is attacked too.
"""

from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscribers.pages.shell import HEADERS
from tests.flows.homes import bring_in, change, digest
from tests.flows.wire import PAIR, Answer, Wire, on_the_wire
from tests.subscribers.lists import dump, people

ADA, BO = "reader00000@example.com", "reader00001@example.com"
METHODS = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "PROPFIND", "get", "BREW"]
HARD = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def wire(newsletter):
    change(newsletter, 'approval = "none"', 'approval = "required"')
    bring_in(newsletter, 3)
    digest()
    with on_the_wire(newsletter) as running:
        yield running


def targets(wire: Wire) -> list[str]:
    """Every route of the site, with a token that is good where it has a gap."""
    good = wire.tokens(ADA) | {"/confirm/": wire.sign_up("new@new.example")}
    starts = [route.partition("{")[0] for route in wire.routes if "/decide/" not in route]
    decide = [route for route in wire.routes if "/decide/" in route]
    ticket = wire.ticket("digest-2026-11")
    return [start + good.get(start, "") for start in starts] + [
        route.replace("{token}", ticket).replace("{act}", "approve") for route in decide
    ]


def paths(wire: Wire) -> st.SearchStrategy[str]:
    """Targets that are good, and those with bent and foreign tokens or rubbish in their gaps."""
    good = targets(wire)
    starts = st.sampled_from([route.partition("{")[0] for route in wire.routes])
    token = st.sampled_from([target.rpartition("/")[2] for target in good])
    bent = st.builds(bend, token, st.integers(0, 99), st.characters())
    rubbish = token | bent | st.text(max_size=60) | st.just("x" * 9_000)
    odd = st.sampled_from(["//", "/./", "/%2e%2e/", "/\\", "/favicon.ico", "/archive"])
    wrong = st.builds(str.__add__, starts | odd, rubbish)
    private = [target for target in good if target.count("/") > 1]
    return evenly(*map(st.sampled_from, (private, private, good)), wrong, odd).map(as_target)


def evenly(*ways: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """One of these as often as another; `|` would weigh each by what it is made of."""
    return st.sampled_from(ways).flatmap(lambda way: way)


def as_target(path: str) -> str:
    return quote(path, safe="/%:@!$&'()*+,;=~-._", errors="surrogatepass") or "/"


def bend(token: str, place: int, letter: str) -> str:
    place %= len(token) + 1
    return token[:place] + letter + token[place + 1 :]


WORDS = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=40)
QUERIES = st.sampled_from(["", "?", "?language=xx", "?List-Unsubscribe=One-Click", "?do=erase"]) | (
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=4).map(
        lambda pairs: "?" + urlencode(pairs, errors="surrogatepass")
    )
)
HEADER = {
    "Content-Type": st.sampled_from(
        ["application/x-www-form-urlencoded", "multipart/form-data", "application/json", "\xff",
         "multipart/form-data; boundary=b", "multipart/form-data; boundary*0=b; charset=no-such",
         "multipart/form-data; boundary=" + "b" * 5_000, "text/plain; charset=utf-7"]),
    "Accept-Language": st.sampled_from(["de", "es-MX,es;q=0.9", "*;q=nan", "de;q=1e999", "../.."]),
    "Host": st.sampled_from(["", "[", "evil.example", "a b", "x:99999999", "\xe4"]),
    "Origin": st.sampled_from(["null", "http://[", "https://evil.example", "//"]),
    "Referer": st.sampled_from(["http://[::1", "https://blog.example/join?who=me"]),
    "X-Forwarded-For": st.sampled_from(["", "::1", "[", ",,,", "fe80::1%eth0", "1.2.3.4:x", ADA]),
    "X-Forwarded-Proto": st.sampled_from(["https", "javascript", ""]),
    "If-None-Match": st.sampled_from(["*", 'W/"', ",,,"]),
    "Range": st.just("bytes=0-,-1"),
    "Expect": st.just("100-continue"),
    "Upgrade": st.sampled_from(["websocket", "h2c"]),
    "Connection": st.sampled_from(["close", "upgrade, close"]),
    "Cookie": st.just("session=1"),
}  # fmt: skip
HEADERS_OF_STRANGERS = st.fixed_dictionaries(
    {}, optional={name.replace("-", "_"): values | WORDS for name, values in HEADER.items()}
)
FIELD = st.sampled_from(
    ["email", "name", "language", "wording", "website", "do", "sure", "from", "undo", "offers",
     "frequency", "paused_until", "List-Unsubscribe", ""]) | st.text(max_size=9)  # fmt: skip
VALUE = st.sampled_from(
    ["save", "leave", "download", "erase", "yes", "page", "One-Click", "quarterly", "2026-12-24",
     "9999-12-31", "-1", "a@b.example", "ä@bücher.example", "a@b.example\r\nBcc: c@d.example",
     "x" * 320 + "@b.example", "\0", "' OR 1=1 --", "<script>"]) | st.text(max_size=30)  # fmt: skip
FIELDS = st.lists(st.tuples(FIELD, VALUE), max_size=8)


def as_form(fields: list[tuple[str, str]]) -> bytes:
    return urlencode(fields, errors="surrogatepass").encode()


# What may stand in the head of a part besides its name.
HEADS = st.sampled_from(
    ["", '; filename="f"', "; filename*=utf-7''x", "\r\nContent-Transfer-Encoding: base64",
     f"\r\nContent-Transfer-Encoding: {ADA}", "\r\nContent-Type: multipart/mixed; boundary=b",
     "\r\nno colon", "\r\n: no name"])  # fmt: skip


def as_multipart(fields: list[tuple[str, str]], head: str = "") -> bytes:
    start = "--b\r\nContent-Disposition: form-data; name="
    parts = (f'{start}"{name}"{head}\r\n\r\n{value}\r\n' for name, value in fields)
    return "".join([*parts, "--b--\r\n"]).encode("utf-8", "surrogatepass")


BODIES = (
    FIELDS.map(as_form)
    | st.builds(as_multipart, FIELDS, HEADS)
    | st.binary(max_size=200)
    | st.just(PAIR)
)


def is_well_behaved(answer: Answer, target: str) -> None:
    """What holds of every answer there is, bar one that HTTP itself refused."""
    assert 200 <= answer.status < 500, (answer.status, target)
    said = {name.title(): value for name, value in answer.headers.items()}
    if answer.status == 400:  # never ours
        return
    policy = said["Content-Security-Policy"]
    for rule in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert rule in policy
    assert "script-src" not in policy
    assert said["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in said
    assert "Server" not in said
    if "'unsafe-inline'" not in policy:  # a page of the archive is for everybody
        assert {name: said.get(name) for name in KEPT} == KEPT


KEPT = {name.title(): HEADERS[name] for name in HEADERS if name != "Content-Security-Policy"}


def no_failure_was_logged(caplog) -> None:
    assert [each.getMessage() for each in caplog.records if each.levelname == "ERROR"] == []
    assert ADA not in caplog.text


def test_no_method_but_post_does_anything_at_any_route_with_a_good_token(wire, caplog):
    there = targets(wire)
    before = dump(wire.seen)
    for target in there:
        for method in METHODS:
            answer = wire.ask(method, target, PAIR, Content_Type=HEADER_FORM)
            is_well_behaved(answer, target)
            assert (answer.status == 405) == (method not in ("GET", "HEAD")), (method, target)
    assert dump(wire.seen) == before
    no_failure_was_logged(caplog)


def test_looking_in_any_way_is_answered_and_changes_nothing(wire, caplog):
    there, methods = paths(wire), st.sampled_from(METHODS) | st.sampled_from(METHODS[:2])
    before = dump(wire.seen)

    @HARD
    @given(methods, there, QUERIES, HEADERS_OF_STRANGERS, BODIES)
    def look(method, path, query, headers, body):
        version = wire.seen.execute("PRAGMA data_version").fetchone()
        is_well_behaved(wire.ask(method, path + query, body, **headers), path)
        assert wire.seen.execute("PRAGMA data_version").fetchone() == version

    look()
    assert dump(wire.seen) == before
    no_failure_was_logged(caplog)


def test_a_post_of_whatever_kind_is_answered_and_touches_nobody_else(wire, caplog):
    @HARD
    @given(paths(wire), QUERIES, HEADERS_OF_STRANGERS, BODIES, st.ip_addresses())
    def post(path, query, headers, body, somewhere):
        headers.setdefault("X_Forwarded_For", str(somewhere))
        is_well_behaved(wire.ask("POST", path + query, body, **headers), path)

    post()
    assert (BO, "Reader 1", "may send") in people(wire.seen)
    no_failure_was_logged(caplog)


@pytest.mark.parametrize("start", ["/unsubscribe/", "/preferences/", "/confirm/"])
def test_forms_of_whatever_content_at_the_right_token_are_answered(wire, caplog, start):
    [target] = [each for each in targets(wire) if each.startswith(start)]

    @settings(HARD, max_examples=150)
    @given(FIELDS, st.booleans(), HEADS)
    def post(fields, by_parts, head):
        kind = "multipart/form-data; boundary=b" if by_parts else HEADER_FORM
        body = as_multipart(fields, head) if by_parts else as_form(fields)
        is_well_behaved(wire.ask("POST", target, body, Content_Type=kind), target)

    post()
    assert (BO, "Reader 1", "may send") in people(wire.seen)
    no_failure_was_logged(caplog)


HEADER_FORM = "application/x-www-form-urlencoded"
LINES = st.sampled_from(
    [b"GET / HTTP/1.1", b"GET / HTTP/9.9", b"GET  /", b"POST /subscribe HTTP/1.1", b"\x16\x03\x01",
     b"PRI * HTTP/2.0", b"GET /\xff\x00 HTTP/1.1", b"Host: a", b"Host: b", b"Content-Length: 5",
     b"Content-Length: -1", b"Content-Length: 99999999999999999999", b"Transfer-Encoding: chunked",
     b"Transfer-Encoding: chunked, identity", b" folded", b"no colon", b"a\x00b: c", b"",
     b"5\r\nemail\r\n0\r\n", b"FFFFFFFFFFFFFFFF", b"Expect: 100-continue"])  # fmt: skip
RAW = st.lists(LINES | st.binary(max_size=30), max_size=8).map(b"\r\n".join)


def test_what_is_no_http_is_refused_and_changes_nothing(wire, caplog):
    before = dump(wire.seen)

    @HARD
    @given(RAW, st.sampled_from([b"\r\n\r\n", b"\n\n", b""]))
    def shout(words, end):
        assert wire.say(words + end, whole=False).status < 500

    shout()
    assert dump(wire.seen) == before
    assert wire.ask("GET", "/subscribe").status == 200
    no_failure_was_logged(caplog)

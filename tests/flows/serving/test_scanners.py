"""Programs that follow every link of a letter change nothing; mail programs' one click acts."""

import re
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

import lxml.html
import pytest

from tests.fakes import SCANNERS
from tests.flows.homes import bring_in, digest
from tests.flows.wire import PAIR, Answer, Wire, on_the_wire
from tests.subscribers.lists import consents, dump, people

ADA, BO, NEW = "reader00000@example.com", "reader00001@example.com", "new@new.example"
# The addresses that the sample's letters lead to, and we are.
PUBLIC = "http://127.0.0.1:8000"


@pytest.fixture
def wire(newsletter):
    """A site whose readers have got a digest, somebody a confirmation, another their links."""
    bring_in(newsletter, 2)
    digest()
    with on_the_wire(newsletter) as running:
        running.ask("POST", "/find-my-link", f"email={ADA}".encode())
        running.sign_up(NEW)
        yield running


def letters(home: Path) -> list[Path]:
    return sorted(home.glob("outbox/*/batch-*/*.eml"))


def links_of(letter: Path) -> set[str]:
    """Every address in a letter: of its headers, its HTML and its text."""
    mail = message_from_bytes(letter.read_bytes(), policy=policy.default)
    found = set(re.findall(r"<(http[^>]+)>", str(mail["List-Unsubscribe"] or "")))
    for part in mail.walk():
        if part.get_content_type() == "text/html":
            links = lxml.html.fromstring(part.get_content()).iterlinks()
            found |= {url for _, name, url, _ in links if name in ("href", "src", "background")}
        elif part.get_content_type() == "text/plain":
            found |= set(re.findall(r"https?://[^\s<>\"]+", part.get_content()))
    return found


def ours(urls: set[str]) -> set[str]:
    """Of these addresses, the targets that are answered by our site."""
    return {url.removeprefix(PUBLIC).partition("#")[0] for url in urls if url.startswith(PUBLIC)}


def ways_on(target: str, answer: Answer) -> set[str]:
    """Where a page leads: its links, and its forms as a program would send them by GET."""
    if not answer.headers.get("content-type", "").startswith("text/html") or not answer.body:
        return set()
    page = lxml.html.fromstring(answer.body)
    page.make_links_absolute(PUBLIC + target)
    found = {url for _, name, url, _ in page.iterlinks() if name in ("href", "src")}
    for form in page.forms:
        url = urljoin(PUBLIC + target, form.get("action") or "")
        buttons = [(b.get("name"), b.get("value") or "") for b in form.iter("button")]
        for button in buttons or [("", "")]:
            pairs = [(name, value or "") for name, value in [*form.form_values(), button] if name]
            found.add(f"{url.partition('?')[0]}?{urlencode(pairs)}")
    return ours(found)


def everything_within_reach(wire: Wire, start: set[str]) -> set[str]:
    """All targets of ours that are reached from these, in three steps."""
    reached, newest = set(start), set(start)
    for _ in range(3):
        newest = set().union(*(ways_on(each, wire.ask("GET", each)) for each in newest)) - reached
        reached |= newest
    return reached


def test_scanners_that_follow_every_link_and_form_of_every_letter_change_no_row(newsletter, wire):
    before = dump(wire.seen)
    sent = letters(newsletter)
    assert len(sent) == 4  # two digests, a confirmation, a letter with links
    start = set().union(*(ours(links_of(letter)) for letter in sent))
    reached = everything_within_reach(wire, start)
    kinds = {"/" + urlsplit(target).path.split("/")[1] for target in reached}
    assert kinds >= {"/unsubscribe", "/preferences", "/confirm", "/archive"}
    for agent in SCANNERS:
        for target in reached:
            for method in ("GET", "HEAD"):
                hint = {
                    "User_Agent": agent,
                    "Sec_Purpose": "prefetch;prerender",
                    "Purpose": "prefetch",
                }
                assert wire.ask(method, target, **hint).status in (200, 404, 410), target
            wire.ask("GET", target, PAIR, User_Agent=agent, Content_Type=FORM)
            wire.ask("OPTIONS", target, User_Agent=agent, Origin="https://scanner.example")
    assert dump(wire.seen) == before


def test_each_digest_has_one_address_that_its_one_click_is_posted_to(newsletter, wire):
    for letter in newsletter.glob("outbox/digest-*/batch-*/*.eml"):
        mail = message_from_bytes(letter.read_bytes(), policy=policy.default)
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        [target] = ours(set(re.findall(r"<(http[^>]+)>", mail["List-Unsubscribe"])))
        assert wire.ask("POST", target, PAIR, Content_Type=FORM).status == 200
    assert {ruling for *_, ruling in people(wire.seen)} == {"suppressed", "unconfirmed"}


FORM = "application/x-www-form-urlencoded"
BOUNDARY = "---FormBoundaryjWmhtjORrn"
BY_PARTS = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
    f"One-Click\r\n--{BOUNDARY}--\r\n"
).encode()
PARTS = f"multipart/form-data; boundary={BOUNDARY}"
BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
# RFC 8058, 8.1 and 8.2, and Gmail's documented body. Yahoo and Apple publish no sample: theirs are
# the RFC's two encodings with headers that such programs add; then what others leave out.
ONE_CLICKS = {
    "RFC 8058 8.1, in parts": (BY_PARTS, {"Content_Type": PARTS}),
    "RFC 8058 8.2, urlencoded": (PAIR, {"Content_Type": FORM}),
    "Gmail": (PAIR, {"Content_Type": FORM, "Accept_Encoding": "gzip, deflate, br",
                     "User_Agent": "Mozilla/5.0 (compatible; Google-Gmail)"}),
    "Yahoo": (PAIR, {"Content_Type": FORM, "User_Agent": "YahooMailProxy", "Accept": "*/*"}),
    "Apple": (BY_PARTS, {"Content_Type": PARTS, "User_Agent": BROWSER, "Accept": "*/*",
                         "Accept_Language": "en-GB,en;q=0.9", "Priority": "u=3, i"}),
    "a web mail's page": (PAIR, {"Content_Type": FORM, "Origin": "https://mail.example",
                                 "Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors",
                                 "Referer": "https://mail.example/", "Cookie": "a=b"}),
    "no type": (PAIR, {}),
    "no body": (b"", {}),
    "a charset": (PAIR, {"Content_Type": FORM + "; charset=UTF-8", "DNT": "1"}),
    "asks before it speaks": (PAIR, {"Content_Type": FORM, "Expect": "100-continue"}),
}  # fmt: skip


@pytest.mark.parametrize("program", ONE_CLICKS)
def test_one_request_without_cookie_or_redirect_is_enough_for_every_mail_program(wire, program):
    body, headers = ONE_CLICKS[program]
    target = "/unsubscribe/" + wire.tokens(ADA)["/unsubscribe/"]
    for _ in range(2):
        answer = wire.ask("POST", target, body, **headers)
        assert (answer.status, answer.body) == (200, b"You are unsubscribed.\n")
        assert not {"set-cookie", "location", "www-authenticate"} & {
            n.lower() for n in answer.headers
        }
    assert (ADA, "Reader 0", "suppressed") in people(wire.seen)
    assert (BO, "Reader 1", "may send") in people(wire.seen)
    assert [each for each in consents(wire.seen) if each[0] == "withdrawn"] == [
        ("withdrawn", "2026-12-01T17:00:00+00:00", "one-click")
    ]

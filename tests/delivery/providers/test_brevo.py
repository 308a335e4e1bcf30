"""Brevo over real sockets: the exact request, the key it refuses twice, every kind of answer."""

import html
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.headerregistry import Address

import pytest
from werkzeug import Response

from delivery.errors import (
    AccountHalted,
    AddressRefused,
    LetterRefused,
    OutcomeUnknown,
    ProviderUnavailable,
    QuotaExhausted,
    Throttled,
)
from delivery.providers.base import BarReason, Barred
from delivery.providers.brevo import Brevo
from tests.delivery.providers.contract import MESSAGES, ProviderContract, batch
from tests.delivery.providers.recorded import faults, recorded
from tests.fakes import LETTER, NOON

TOKENS = re.compile(
    r"(?P<off>{% autoescape off %})|(?P<on>{% endautoescape %})|{{ *params\.(?P<name>\w+) *}}"
)


def rendered(template: str, params: dict[str, str]) -> str:
    """What Brevo makes of a text; it escapes each value unless it is told not to."""
    escape = True

    def put(token: re.Match[str]) -> str:
        nonlocal escape
        if token["name"]:
            value = params[token["name"]]
            return html.escape(value) if escape else value
        escape = bool(token["on"])
        return ""

    made = TOKENS.sub(put, template)
    assert not re.search(r"{[{%#]", TOKENS.sub("", template)), "Brevo would not understand this"
    return made


class Stand:
    """Brevo as it says that it is: a key is taken once, and refused afterwards."""

    def __init__(self):
        self.bodies = []
        self.keys = set()
        self.broken_once = False

    def take(self, request):
        assert request.headers["api-key"] == "xkeysib-1"
        body = json.loads(request.data)
        key = body["headers"]["idempotencyKey"]
        if key in self.keys:
            return refused(400, "duplicate_parameter")
        self.keys.add(key)
        self.bodies.append(body)
        if self.broken_once:
            self.broken_once = False
            return Response("<html>bad gateway</html>", status=502)
        ids = [f"<{n}.{key}@smtp-relay.mailin.fr>" for n, _ in enumerate(body["messageVersions"])]
        answer = {"messageIds": ids} if len(ids) > 1 else {"messageId": ids[0]}
        return Response(json.dumps(answer), status=201, content_type="application/json")


def refused(status, code, message="no: ada@example.com", **headers):
    body = json.dumps({"code": code, "message": message})
    return Response(body, status=status, headers=headers, content_type="application/json")


@pytest.fixture
def stand(httpserver):
    stand = Stand()
    httpserver.expect_request("/smtp/email", method="POST").respond_with_handler(stand.take)
    return stand


@pytest.fixture
def provider(httpserver):
    with_api = Brevo("xkeysib-1", api=httpserver.url_for("").rstrip("/"))
    yield with_api
    with_api.close()


def letters(body):
    return [
        {
            "to": Address(version["to"][0].get("name", ""), addr_spec=version["to"][0]["email"]),
            "subject": rendered(body["subject"], version["params"]),
            "headers": version["headers"],
            "html": rendered(body["htmlContent"], version["params"]),
            "text": rendered(body["textContent"], version["params"]),
        }
        for version in body["messageVersions"]
    ]


@pytest.fixture
def taken(stand):
    return lambda: [letter for body in stand.bodies for letter in letters(body)]


class TestBrevo(ProviderContract):
    """The contract, over HTTP."""


def encode(provider, letter=LETTER, messages=MESSAGES, batch_id="b1"):
    return provider.encode(batch_id, letter, messages, now=NOON)


def made(provider, letter=LETTER, messages=MESSAGES):
    return json.loads(encode(provider, letter, messages).body)


def test_the_request_is_the_recorded_one(provider):
    letter = replace(LETTER, reply_to="desk@clinic.example")
    body = encode(provider, letter).body
    assert json.loads(body) == recorded("brevo", body)


@pytest.mark.parametrize("messages", [MESSAGES, MESSAGES[:1]])
def test_the_request_is_what_brevo_describes(provider, messages):
    letter = replace(LETTER, reply_to="desk@clinic.example", list_name="Praxis Süd")
    assert faults("brevo", encode(provider, letter, messages).body) == []


def test_the_description_sees_what_is_wrong(provider):
    body = made(provider)
    body["messageVersions"][0]["headers"]["List-Id"] = "Süd"
    assert len(faults("brevo", json.dumps(body).encode())) == 1
    assert len(faults("brevo", json.dumps({**made(provider), "html": ""}).encode())) == 1


def test_a_batch_without_an_answer_is_handed_over_again_and_sent_once(provider, stand):
    stand.broken_once = True
    payload = encode(provider)
    with pytest.raises(OutcomeUnknown):
        provider.submit(payload)
    found = provider.reconcile(batch(body=payload.body), now=NOON)
    assert sorted(found) == sorted(m.send_key for m in MESSAGES)
    assert {receipt.provider_id for receipt in found.values()} == {""}
    assert len(stand.bodies) == 1


def test_a_batch_that_never_arrived_goes_out_when_it_is_asked_about(provider, stand):
    found = provider.reconcile(batch(body=encode(provider).body), now=NOON)
    assert len({receipt.provider_id for receipt in found.values()} - {""}) == len(MESSAGES)
    assert len(stand.bodies) == 1


def test_without_its_bytes_nothing_is_handed_over_again(provider, httpserver):
    assert provider.reconcile(batch(), now=NOON) == {}
    assert httpserver.log == []


def test_each_batch_has_a_key_of_its_own(provider):
    keys = [json.loads(encode(provider, batch_id=one).body)["headers"] for one in ("b1", "b2")]
    assert keys[0] != keys[1]


def test_a_letter_stands_in_a_call_once(provider):
    many = [replace(MESSAGES[0], send_key=f"digest-2026-11.r{n}") for n in range(1000)]
    letter = replace(LETTER, html=("<p>" + "x" * 40_000, "first_name", "</p>"))
    body = encode(provider, letter, many).body
    assert len(body) < 1024**2
    assert len(json.dumps([v["params"] for v in json.loads(body)["messageVersions"]])) < 1_000_000


WORDS = 'Crème «brûlée» عربي "quoted" {{{x}}} {% if %} {# no #} <b> & %recipient.x%'


def test_any_script_arrives_as_it_was_written(provider):
    page = (f"<p>{html.escape(WORDS)}", "first_name", "</p>")
    letter = replace(LETTER, subject=WORDS, html=page, text=(WORDS, "first_name", "\n"))
    to = replace(MESSAGES[0], values={**MESSAGES[0].values, "first_name": WORDS})
    [seen] = letters(made(provider, letter, [to]))
    assert seen["subject"].replace("\N{WORD JOINER}", "") == WORDS
    assert seen["text"].replace("\N{WORD JOINER}", "") == f"{WORDS}{WORDS}\n"
    assert html.unescape(seen["html"]) == f"<p>{WORDS}{WORDS}</p>"


def test_braces_of_a_style_sheet_stay_braces(provider):
    style = "<style>@media print{#head{color:red}}</style><p>{#</p>"
    letter = replace(LETTER, html=(style, "first_name", ""))
    assert made(provider, letter)["htmlContent"].startswith(
        "<style>@media print{ #head{color:red}}</style><p>&#123;#</p>"
    )


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("Zoë", {"email": "ada@example.com", "name": "Zoë"}),
        ("Zoë, M.D.", {"email": "ada@example.com", "name": "=?utf-8?q?Zo=C3=AB=2C_M=2ED=2E?="}),
        ("x" * 71, {"email": "ada@example.com"}),
        ("", {"email": "ada@example.com"}),
    ],
)
def test_a_name_is_written_so_that_brevo_keeps_it(provider, name, person):
    body = made(provider, messages=[replace(MESSAGES[0], name=name)])
    assert body["messageVersions"][0]["to"] == [person]


def test_the_name_of_a_list_is_left_out_where_brevo_would_garble_it(provider):
    body = made(provider, replace(LETTER, list_name="Praxis Süd"))
    headers = body["messageVersions"][0]["headers"]
    assert headers["List-Id"] == "<newsletter.clinic.example>"


def test_events_will_name_the_delivery(provider):
    headers = made(provider)["messageVersions"][0]["headers"]
    assert headers["X-Mailin-custom"] == "digest-2026-11.ada1"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(400, "invalid_parameter", "email is not valid in to"), AddressRefused),
        (refused(400, "invalid_parameter", "to is not valid in messageVersions"), AddressRefused),
        (refused(400, "invalid_parameter", "Sender a@b is not valid"), AccountHalted),
        (refused(400, "invalid_parameter", "unable to render"), LetterRefused),
        (refused(400, "missing_parameter"), LetterRefused),
        (refused(401, "unauthorized"), AccountHalted),
        (Response("", status=401), AccountHalted),
        (refused(402, "not_enough_credits"), QuotaExhausted),
        (refused(403, "permission_denied"), AccountHalted),
        (refused(403, "account_under_validation"), AccountHalted),
        (refused(404, "document_not_found"), AccountHalted),
        (Response("", status=413), LetterRefused),
        (refused(429, "too_many_requests"), Throttled),
        (Response("slow down", status=429), Throttled),
        (refused(500, "invalid_parameter"), OutcomeUnknown),
        (refused(500, "duplicate_parameter"), OutcomeUnknown),
        (Response("<html>bad gateway</html>", status=502), OutcomeUnknown),
        (Response("<html>bad request</html>", status=400), OutcomeUnknown),
        (Response("<html>welcome</html>", status=200), OutcomeUnknown),
        (Response("", status=301, headers={"Location": "/"}), OutcomeUnknown),
        (Response("{}", status=201), OutcomeUnknown),
        (Response("[]", status=201), OutcomeUnknown),
        (Response('{"messageIds": ["1"]}', status=201), OutcomeUnknown),
        (Response('{"messageIds": "1234"}', status=201), OutcomeUnknown),
        (Response('{"messageIds": [1, 2, 3, 4]}', status=201), OutcomeUnknown),
    ],
)
def test_an_answer_is_sorted_by_what_to_do_next(provider, httpserver, answer, error):
    httpserver.expect_request("/smtp/email").respond_with_response(answer)
    with pytest.raises(error) as raised:
        provider.submit(encode(provider))
    assert type(raised.value) is error
    assert "@" not in str(raised.value)
    assert len(httpserver.log) == 1


def test_the_wait_that_brevo_names_is_kept(provider, httpserver):
    answer = refused(429, "too_many_requests", **{"x-sib-ratelimit-reset": "12"})
    httpserver.expect_request("/smtp/email").respond_with_response(answer)
    with pytest.raises(Throttled) as raised:
        provider.submit(encode(provider))
    assert raised.value.wait == 12


CODES = ["hardBounce", "contactFlaggedAsSpam", "unsubscribedViaEmail", "adminBlocked"]


@pytest.fixture
def block_list(httpserver):
    """102 contacts, the latest first, one a minute."""
    contacts = [
        {
            "email": f"r{n}@example.com",
            "senderEmail": "hello@clinic.example",
            "reason": {"code": CODES[n % 4], "message": "-"},
            "blockedAt": f"2026-10-01T{12 - n // 60:02}:{59 - n % 60:02}:00.000+02:00",
        }
        for n in range(102)
    ]

    def page(request):
        assert request.args["sort"] == "desc"
        start = int(request.args["offset"])
        part = contacts[start : start + int(request.args["limit"])]
        body = json.dumps({"count": len(contacts), **({"contacts": part} if part else {})})
        return Response(body, content_type="application/json")

    httpserver.expect_request("/smtp/blockedContacts", method="GET").respond_with_handler(page)


@pytest.mark.usefixtures("block_list")
def test_the_block_list_is_read_page_by_page(provider, httpserver):
    found = list(provider.barred(None))
    assert len(found) == 102
    assert [one.reason for one in found[:4]] == [
        BarReason.BOUNCED,
        BarReason.COMPLAINED,
        BarReason.UNSUBSCRIBED,
        BarReason.UNSUBSCRIBED,
    ]
    at = datetime(2026, 10, 1, 10, 59, tzinfo=UTC)
    assert found[0] == Barred("r0@example.com", BarReason.BOUNCED, at)
    assert len(httpserver.log) == 2


@pytest.mark.usefixtures("block_list")
def test_what_is_known_of_the_block_list_is_not_read_again(provider, httpserver):
    found = list(provider.barred(datetime(2026, 10, 1, 10, 58, tzinfo=UTC)))
    assert [one.address for one in found] == ["r0@example.com", "r1@example.com"]
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(
    "body", ["[]", "{}", '{"count": 1, "contacts": 1}', '{"count": 1, "contacts": [{}]}']
)
def test_a_block_list_that_is_none_is_not_taken_for_an_empty_one(provider, httpserver, body):
    httpserver.expect_request("/smtp/blockedContacts").respond_with_data(body)
    with pytest.raises(ProviderUnavailable):
        list(provider.barred(None))

"""SendGrid over real sockets: the exact request, what it makes of it, every kind of answer."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
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
from delivery.providers.sendgrid import API, API_EU, SendGrid
from tests.delivery.providers.contract import MESSAGES, PEOPLE, ProviderContract, batch
from tests.delivery.providers.readers import (
    NAMES,
    assert_shown_as_written,
    bytes_a_reader,
    readers,
    seen,
    wordy,
)
from tests.delivery.providers.recorded import faults, recorded
from tests.fakes import LETTER, NOON

CALL = "xQ-1_aB"
MOST = 1000


def substituted(text: str, values: dict[str, str]) -> str:
    """What SendGrid makes of a text: one token after the other, in values put in before too."""
    for token, value in values.items():
        text = text.replace(token, value)
    return text


def received(body: dict) -> list[dict]:
    """The letters that go out for one call."""
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"]
    text, page = (part["value"] for part in body["content"])
    return [
        {
            "to": Address(one["to"][0].get("name", ""), addr_spec=one["to"][0]["email"]),
            "subject": substituted(body["subject"], one["substitutions"]),
            "html": substituted(page, one["substitutions"]),
            "text": substituted(text, one["substitutions"]),
            "headers": {**body.get("headers", {}), **one.get("headers", {})},
            "event": {**body["custom_args"], **one["custom_args"]},
        }
        for one in body["personalizations"]
    ]


class Stand:
    """SendGrid as it says that it is."""

    def __init__(self):
        self.bodies = []

    def take(self, request):
        assert request.headers["Authorization"] == "Bearer SG.1"
        body = json.loads(request.data)
        if len(body["personalizations"]) > MOST:
            return refused(400, "personalizations")
        self.bodies.append(body)
        return Response(status=202, headers={"X-Message-Id": CALL})


def refused(status, *fields, message="no: ada@example.com", **headers):
    errors = [{"field": field, "message": message, "help": None} for field in fields]
    return Response(json.dumps({"errors": errors}), status=status, headers=headers)


@pytest.fixture
def stand(httpserver):
    stand = Stand()
    httpserver.expect_request("/v3/mail/send", method="POST").respond_with_handler(stand.take)
    return stand


@pytest.fixture
def provider(httpserver):
    with_api = SendGrid("SG.1", api=httpserver.url_for("").rstrip("/"))
    yield with_api
    with_api.close()


@pytest.fixture
def taken(stand):
    return lambda: [letter for body in stand.bodies for letter in received(body)]


class TestSendGrid(ProviderContract):
    """The contract, over HTTP, without what SendGrid cannot do."""

    def test_there_is_one_receipt_for_each_message_in_the_same_order(self, provider, taken):
        receipts = self.submit(provider)
        assert [r.send_key for r in receipts] == [m.send_key for m in MESSAGES]
        assert {r.provider_id for r in receipts} == {CALL}  # SendGrid names the call

    def test_each_reader_gets_a_letter_of_their_own(self, provider, taken):
        self.submit(provider)
        names = {letter["to"].addr_spec: letter["to"].display_name for letter in taken()}
        assert names == {
            **{person.address: person.name for person in PEOPLE},
            "bo@example.net": 'Bo "B." <Larkin> Jr',  # a comma would make two addresses
        }

    def test_what_became_of_a_batch_can_be_asked(self, provider, taken, httpserver):
        """It cannot; nobody is asked, and nothing is ever held to be absent."""
        assert provider.reconcile(batch(), now=NOON) == {}
        assert not provider.limits.shows_absence(timedelta(days=1))
        assert httpserver.log == []


def encode(provider, letter=LETTER, messages=MESSAGES):
    return provider.encode("b1", letter, messages, now=NOON)


def made(provider, letter=LETTER, messages=MESSAGES):
    return json.loads(encode(provider, letter, messages).body)


def test_the_request_is_the_recorded_one(provider):
    body = encode(provider, replace(LETTER, reply_to="desk@clinic.example")).body
    assert json.loads(body) == recorded("sendgrid", body)


@pytest.mark.parametrize("messages", [MESSAGES, MESSAGES[:1]])
def test_the_request_is_what_sendgrid_describes(provider, messages):
    letter = replace(LETTER, reply_to="desk@clinic.example", list_name="Praxis Süd")
    assert faults("sendgrid", encode(provider, letter, messages).body) == []


def test_the_description_sees_what_is_wrong(provider):
    body = made(provider)
    assert len(faults("sendgrid", json.dumps({**body, "html": ""}).encode())) == 1
    body["personalizations"][0]["custom_args"]["send_key"] = 7
    assert len(faults("sendgrid", json.dumps(body).encode())) == 1


def test_nothing_is_tracked_and_the_way_out_is_ours(provider):
    body = made(provider)
    assert not any(setting["enable"] for setting in body["tracking_settings"].values())
    assert body["tracking_settings"]["click_tracking"]["enable_text"] is False
    assert "asm" not in body


def test_events_will_say_which_delivery_and_which_batch_they_are_about(provider, taken):
    provider.submit(encode(provider))
    assert [letter["event"] for letter in taken()] == [
        {"batch": "b1", "send_key": message.send_key} for message in MESSAGES
    ]


def test_one_more_reader_costs_few_bytes(provider):
    # Of them 201 are tokens: SendGrid puts none into a header, so the way out stands there twice.
    assert bytes_a_reader(provider) <= 450


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>Hello</p>", "Hello\n"),
        ("<html><body><p>Crème</p></body></html>", "Crème\x92s\n"),
        ("<p>中文</p>", "中文"),
        ("", ""),
    ],
)
def test_no_part_can_be_taken_for_latin(provider, taken, page, text):
    letter = replace(LETTER, html=(page,), text=(text,))
    provider.submit(encode(provider, letter))
    for part in (taken()[0]["html"], taken()[0]["text"]):
        with pytest.raises(UnicodeEncodeError):
            part.encode("latin-1")
    assert (seen(taken()[0]["html"]), seen(taken()[0]["text"])) == (page, text)


def test_the_sign_stands_within_the_page(provider):
    letter = replace(LETTER, html=("<html><body><p>Hello</p></body></html>",))
    page = made(provider, letter)["content"][1]["value"]
    assert page == "<html><body><p>Hello</p>\N{ZERO WIDTH NON-JOINER}</body></html>"


@pytest.mark.parametrize("name", NAMES)
def test_what_looks_like_a_token_is_shown_as_it_was_written(provider, taken, name):
    letter, to = wordy(name)
    provider.submit(encode(provider, letter, [to]))
    [only] = taken()
    assert_shown_as_written(only, name)
    assert not re.search("[,;]", only["to"].display_name)


def test_a_letter_that_has_its_own_token_in_it_gets_another(provider, taken):
    tokens = list(made(provider)["personalizations"][0]["substitutions"])
    named = replace(MESSAGES[0], values={**MESSAGES[0].values, "first_name": tokens[0]})
    provider.submit(encode(provider, messages=[named]))
    assert tokens[0] in taken()[0]["text"]
    assert not set(tokens) & set(
        made(provider, messages=[named])["personalizations"][0]["substitutions"]
    )


def test_a_name_of_several_lines_is_one_line(provider):
    lines = "Tide,\r\nBcc: x@evil.example;"
    letter, to = replace(LETTER, sender_name=lines), replace(MESSAGES[0], name=lines)
    body = made(provider, letter, [to])
    for person in (body["from"], body["personalizations"][0]["to"][0]):
        assert person["name"] == "Tide Bcc: x@evil.example"


@pytest.mark.parametrize("count", [1, MOST])
def test_a_call_takes_one_reader_and_as_many_as_sendgrid_does(provider, taken, count):
    handover = provider.submit(encode(provider, messages=readers(count)))
    assert len(handover.receipts) == len(taken()) == count


def test_one_reader_too_many_is_refused(provider, taken):
    assert provider.limits.paced(letters=MOST + 1).letters == MOST
    with pytest.raises(LetterRefused):
        provider.submit(encode(provider, messages=readers(MOST + 1)))
    assert taken() == []


def test_each_region_is_an_account_of_its_own():
    assert (API, API_EU) == ("https://api.sendgrid.com", "https://api.eu.sendgrid.com")
    assert SendGrid("SG.1").account != SendGrid("SG.1", api=API_EU).account


def answered(provider, httpserver, answer):
    httpserver.expect_request("/v3/mail/send").respond_with_response(answer)
    try:
        return provider.submit(encode(provider))
    finally:
        assert len(httpserver.log) == 1  # one call of submit is one request


@pytest.mark.parametrize(
    ("fields", "places"),
    [
        (["personalizations.2.to.0.email"], (2,)),
        (["personalizations.3.to", "personalizations.0.to.0.email"], (0, 3)),
    ],
)
def test_wrong_addresses_are_named_by_their_places(provider, httpserver, fields, places):
    with pytest.raises(AddressRefused) as raised:
        answered(provider, httpserver, refused(400, *fields))
    assert raised.value.places == places
    assert "@" not in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(400, None), LetterRefused),
        (refused(400, "content.0.value"), LetterRefused),
        (refused(400, "personalizations.0.substitutions"), LetterRefused),
        (refused(400, "personalizations.0.to.0.email", "subject"), LetterRefused),
        (refused(400, "personalizations.9.to.0.email"), LetterRefused),
        (refused(400), LetterRefused),
        (Response("<html>no</html>", status=400), LetterRefused),
        (Response('{"errors": 1}', status=400), LetterRefused),
        (refused(401, None), AccountHalted),
        (refused(401, None, message="Maximum credits exceeded"), QuotaExhausted),
        (refused(403, "from"), AccountHalted),
        (refused(404, None), AccountHalted),
        (refused(405, None), AccountHalted),
        (refused(413, None), LetterRefused),
        (refused(429, None, message="too many requests"), Throttled),
        (refused(451, None), AccountHalted),
        (refused(408, None), OutcomeUnknown),
        (refused(500, None), OutcomeUnknown),
        (Response("<html>bad gateway</html>", status=502), OutcomeUnknown),
        (Response(status=301), OutcomeUnknown),
        (Response("{}", status=200), OutcomeUnknown),  # how its sandbox answers
    ],
    ids=lambda it: getattr(it, "__name__", getattr(it, "status", "")),
)
def test_an_answer_is_sorted_by_what_to_do_next(provider, httpserver, answer, error):
    with pytest.raises(error) as raised:
        answered(provider, httpserver, answer)
    assert type(raised.value) is error
    assert "@" not in str(raised.value)


def test_the_wait_is_a_moment_in_a_header(provider, httpserver):
    reset = int(datetime.now(UTC).timestamp()) + 300
    answer = refused(429, None, **{"X-RateLimit-Reset": str(reset)})
    with pytest.raises(Throttled) as raised:
        answered(provider, httpserver, answer)
    assert raised.value.wait == pytest.approx(300, abs=60)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [({}, None), ({"X-RateLimit-Reset": "soon", "Retry-After": "7"}, 7)],
)
def test_without_that_moment_there_may_be_no_wait(provider, httpserver, headers, wait):
    with pytest.raises(Throttled) as raised:
        answered(provider, httpserver, refused(429, None, **headers))
    assert raised.value.wait == wait


def test_a_call_without_an_id_was_taken_all_the_same(provider, httpserver):
    handover = answered(provider, httpserver, Response(status=202))
    assert {receipt.provider_id for receipt in handover.receipts} == {""}


LISTS = {
    "bounces": [
        {"email": "a@x.example", "status": "5.1.1", "reason": "550 5.1.1 no such user"},
        {"email": "full@x.example", "status": "5.2.2", "reason": "552 5.2.2 mailbox full"},
        {"email": "policy@x.example", "status": "", "reason": "550 5.7.1 blocked"},
        {"email": "soon@x.example", "status": "4.0.0", "reason": "unable to get mx info"},
    ],
    "invalid_emails": [{"email": "b@x", "reason": "Mail domain is not known"}],
    "spam_reports": [{"email": "c@x.example", "ip": "192.0.2.1"}],
    "unsubscribes": [{"email": f"d{n}@x.example"} for n in range(500)],
}


@pytest.fixture
def lists(httpserver):
    def page(request):
        entries = LISTS[request.path.rpartition("/")[2]]
        begin, offset = int(request.args.get("start_time", "0")), int(request.args["offset"])
        dated = [{**entry, "created": int(NOON.timestamp())} for entry in entries]
        found = [entry for entry in dated if entry["created"] >= begin]
        return Response(json.dumps(found[offset : offset + int(request.args["limit"])]))

    for name in LISTS:
        httpserver.expect_request(f"/v3/suppression/{name}").respond_with_handler(page)


def test_the_lists_are_read_to_their_end_without_what_passes(provider, lists):
    found = list(provider.barred(None))
    assert found[:3] == [
        Barred("a@x.example", BarReason.BOUNCED, NOON),
        Barred("b@x", BarReason.BOUNCED, NOON),
        Barred("c@x.example", BarReason.COMPLAINED, NOON),
    ]
    assert [b.address for b in found[3:]] == [f"d{n}@x.example" for n in range(500)]
    assert {b.reason for b in found[3:]} == {BarReason.UNSUBSCRIBED}


def test_only_what_came_after_a_moment_is_asked_for(provider, lists):
    assert len(list(provider.barred(NOON))) == 503
    assert list(provider.barred(NOON + timedelta(seconds=1))) == []


@pytest.mark.parametrize("body", ["{}", "[1]", '[{"email": "a@x.example"}]', "<html>"])
def test_a_list_that_is_none_is_no_empty_list(provider, httpserver, body):
    httpserver.expect_request("/v3/suppression/bounces").respond_with_data(body)
    with pytest.raises(ProviderUnavailable):
        list(provider.barred(None))

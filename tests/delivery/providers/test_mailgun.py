"""Mailgun over real sockets: the exact form, what it makes of it, and every kind of answer."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.policy import default
from email.utils import format_datetime

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
from delivery.providers.mailgun import API, API_EU, Mailgun
from tests.delivery.providers.contract import KEY, MESSAGES, ProviderContract, batch
from tests.delivery.providers.readers import (
    NAMES,
    assert_shown_as_written,
    bytes_a_reader,
    readers,
    wordy,
)
from tests.delivery.providers.recorded import faults, recorded_text
from tests.fakes import LETTER, NOON

DOMAIN = "mg.clinic.example"
CALL = "20261201120000.1.A1B2@mg.clinic.example"
MOST = 1000


def merged(text: str, values: dict[str, str]) -> str:
    """What Mailgun makes of a text. Whether it looks into the values again nobody says: it does."""
    for _ in range(2):
        text = re.sub(r"%recipient\.(\w+)%", lambda m: values.get(m[1], m[0]), text)
    assert not re.search("%(recipient|unsubscribe_url|tag_unsubscribe|mailing_list)", text)
    return text


def received(form) -> list[dict]:
    """The letters that go out for one form."""
    variables = json.loads(form["recipient-variables"])  # else everybody would see everybody
    to = message_from_string(f"To: {form['to']}\n\n", policy=default)["To"].addresses
    return [
        {
            "to": person,
            "subject": merged(form["subject"], variables[person.addr_spec]),
            "html": merged(form["html"], variables[person.addr_spec]),
            "text": merged(form["text"], variables[person.addr_spec]),
            "headers": starting(form, "h:", variables[person.addr_spec]),
            "variables": starting(form, "v:", variables[person.addr_spec]),
        }
        for person in to
    ]


def starting(form, start: str, values: dict[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(start): merged(value, values)
        for name, value in form.items()
        if name.startswith(start)
    }


class Stand:
    """Mailgun as it says that it is."""

    def __init__(self):
        self.forms = []

    def take(self, request):
        assert (request.authorization.username, request.authorization.password) == ("api", "key-1")
        if len(json.loads(request.form["recipient-variables"])) > MOST:
            return refused(400, "Too many recipients, max is 1000")
        self.forms.append(request.form)
        return as_json({"id": f"<{CALL}>", "message": "Queued. Thank you."})

    def events(self, request):
        asked = request.args
        assert (asked["event"], asked["ascending"]) == ("accepted", "yes")
        hits = [
            {"message": {"headers": {"message-id": CALL}}, "user-variables": letter["variables"]}
            for form in self.forms
            if form["o:tag"] == asked["tags"]
            for letter in received(form)
        ]
        items = hits[: int(asked["limit"])] if int(asked["begin"]) < NOON.timestamp() else []
        return as_json({"items": items, "paging": {}})


def as_json(body, status=200, **headers):
    return Response(
        json.dumps(body), status=status, content_type="application/json", headers=headers
    )


def refused(status, message, **headers):
    return as_json({"message": message}, status, **headers)


@pytest.fixture
def stand(httpserver):
    stand = Stand()
    path = f"/v3/{DOMAIN}"
    httpserver.expect_request(f"{path}/messages", method="POST").respond_with_handler(stand.take)
    httpserver.expect_request(f"{path}/events", method="GET").respond_with_handler(stand.events)
    return stand


@pytest.fixture
def provider(httpserver):
    with_api = Mailgun("key-1", domain=DOMAIN, api=httpserver.url_for("").rstrip("/"))
    yield with_api
    with_api.close()


@pytest.fixture
def taken(stand):
    return lambda: [letter for form in stand.forms for letter in received(form)]


class TestMailgun(ProviderContract):
    """The contract, over HTTP."""

    def test_there_is_one_receipt_for_each_message_in_the_same_order(self, provider, taken):
        receipts = self.submit(provider)
        assert [r.send_key for r in receipts] == [m.send_key for m in MESSAGES]
        assert {r.provider_id for r in receipts} == {CALL}  # Mailgun names the call


def encode(provider, letter=LETTER, messages=MESSAGES):
    return provider.encode("b1", letter, messages, now=NOON)


def test_the_request_is_the_recorded_one(provider):
    payload = encode(provider, replace(LETTER, reply_to="desk@clinic.example"))
    boundary = payload.kind.partition("boundary=")[2]
    assert payload.body.decode() == recorded_text("mailgun", payload.body.decode())
    assert payload.body.endswith(f"--{boundary}--\r\n".encode())


def test_the_request_is_what_mailgun_describes(provider, stand):
    provider.submit(encode(provider, replace(LETTER, reply_to="desk@clinic.example")))
    form = dict(stand.forms[0])
    assert faults("mailgun", json.dumps(form).encode()) == []
    assert faults("mailgun", json.dumps({**form, "o:tracking": "perhaps"}).encode()) != []
    del form["recipient-variables"]
    assert faults("mailgun", json.dumps(form).encode()) != []


def test_events_will_say_which_delivery_and_which_batch_they_are_about(provider, taken):
    provider.submit(encode(provider))
    assert [letter["variables"] for letter in taken()] == [
        {"batch": "b1", "send_key": message.send_key} for message in MESSAGES
    ]


def test_messages_of_several_mailings_keep_their_names(provider, taken):
    mixed = [MESSAGES[0], replace(MESSAGES[1], send_key="note-confirm.zoe2")]
    provider.submit(encode(provider, messages=mixed))
    keys = [letter["variables"]["send_key"] for letter in taken()]
    assert keys == [message.send_key for message in mixed]


def test_one_more_reader_costs_few_bytes(provider):
    assert bytes_a_reader(provider) <= 260


@pytest.mark.parametrize("name", NAMES)
def test_words_that_mailgun_would_fill_in_are_shown_as_they_were_written(provider, taken, name):
    letter, to = wordy(name)
    provider.submit(encode(provider, letter, [to]))
    [only] = taken()
    assert_shown_as_written(only, name)
    assert only["to"].display_name.replace("\N{WORD JOINER}", "") == name
    assert only["to"].addr_spec == "ada@example.com"


def test_a_name_of_several_lines_is_one_line(provider, taken):
    lines = "Tide\r\nBcc: x@evil.example"
    letter, to = replace(LETTER, sender_name=lines), replace(MESSAGES[0], name=lines)
    provider.submit(encode(provider, letter, [to]))
    [only] = taken()
    assert only["to"].display_name == "Tide Bcc: x@evil.example"


@pytest.mark.parametrize("count", [1, MOST])
def test_a_call_takes_one_reader_and_as_many_as_mailgun_does(provider, taken, count):
    handover = provider.submit(encode(provider, messages=readers(count)))
    assert len(handover.receipts) == len(taken()) == count


def test_one_reader_too_many_is_a_batch_that_is_too_large(provider, taken):
    assert provider.limits.paced(letters=MOST + 1).letters == MOST
    with pytest.raises(LetterRefused, match="too large"):
        provider.submit(encode(provider, messages=readers(MOST + 1)))
    assert taken() == []


def test_each_region_has_an_address_of_its_own():
    assert API == "https://api.mailgun.net"
    assert API_EU == "https://api.eu.mailgun.net"
    accounts = {
        Mailgun("k", domain=domain, api=api).account
        for domain in ("a.example", "b.example")
        for api in (API, API_EU)
    }
    assert len(accounts) == 4  # what one has sent, another has never heard of


def test_one_accepted_message_proves_the_whole_call(provider, stand, httpserver):
    provider.submit(encode(provider))
    found = provider.reconcile(batch(), now=NOON)
    assert {receipt.provider_id for receipt in found.values()} == {CALL}
    asked = httpserver.log[-1][0].args
    assert int(asked["begin"]) == int((NOON - timedelta(minutes=5)).timestamp())


@pytest.mark.parametrize("body", ["[]", '{"items": 1}', '{"items": [{}]}', "<html>", ""])
def test_events_that_are_none_prove_nothing(provider, httpserver, body):
    httpserver.expect_request(f"/v3/{DOMAIN}/events").respond_with_data(body)
    with pytest.raises(ProviderUnavailable):
        provider.reconcile(batch(), now=NOON)


def answered(provider, httpserver, answer):
    httpserver.expect_request(f"/v3/{DOMAIN}/messages").respond_with_response(answer)
    try:
        return provider.submit(encode(provider))
    finally:
        assert len(httpserver.log) == 1  # one call of submit is one request


@pytest.mark.parametrize(
    ("status", "said", "error"),
    [
        (400, "'to' parameter is not a valid address. please check documentation", AddressRefused),
        (400, "to parameter is not a valid address: zoe@", AddressRefused),
        (400, "from parameter is not a valid address", LetterRefused),
        (400, "Too many recipients, max is 1000", LetterRefused),
        (400, "parameters are limited to 16 kB total", LetterRefused),
        (400, "Header name must be pure ASCII", LetterRefused),
        (400, "Domain mg.x is not allowed to send: The domain is unverified", AccountHalted),
        (400, "Sandbox subdomains are for test purposes only", AccountHalted),
        (400, "Free accounts are for test purposes only", AccountHalted),
        (400, "Please activate your Mailgun account", AccountHalted),
        (401, "Forbidden", AccountHalted),
        (402, "Request failed", QuotaExhausted),
        (403, "not allowed to send large batches yet", AccountHalted),
        (404, "Domain not found: mg.x", AccountHalted),
        (413, "too large", LetterRefused),
        (429, "slow down", Throttled),
        (408, "time-out", OutcomeUnknown),
        (500, "Internal Server Error", OutcomeUnknown),
        (502, "<html>bad gateway</html>", OutcomeUnknown),
        (301, "", OutcomeUnknown),
    ],
)
def test_an_answer_is_sorted_by_what_to_do_next(provider, httpserver, status, said, error):
    with pytest.raises(error) as raised:
        answered(provider, httpserver, refused(status, f"{said} (ada@example.com)"))
    assert type(raised.value) is error
    assert "@" not in str(raised.value)
    assert getattr(raised.value, "places", ()) == ()  # whose it is Mailgun does not say


@pytest.mark.parametrize(
    "body",
    [
        "Mailgun Magnificent API",
        "<html>welcome</html>",
        "[]",
        '"Queued"',
        '{"message": "Queued. Thank you."}',
        '{"id": 7, "message": "Queued. Thank you."}',
        '{"id": "<x@y>", "message": "Hello"}',
    ],
)
def test_a_200_that_does_not_say_queued_is_unknown(provider, httpserver, body):
    with pytest.raises(OutcomeUnknown):
        answered(provider, httpserver, Response(body))


def in_seconds(seconds: int) -> str:
    """A moment by the clock of the stand-in, which dates its own answers."""
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("said", "headers", "wait"),
    [
        ("too many requests, try again after {in_300}", {}, 300),
        ("recipient limit exceeded, try again after {in_300}.", {}, 300),
        ("bytes limit exceeded, try again after a while", {"Retry-After": "7"}, 7),
        ("try again after {an_hour_ago}", {}, 0),
        ("", {"Retry-After": "8"}, 8),
    ],
)
def test_the_wait_stands_in_the_sentence(provider, httpserver, said, headers, wait):
    sentence = said.format(in_300=in_seconds(300), an_hour_ago=in_seconds(-3600))
    with pytest.raises(Throttled) as raised:
        answered(provider, httpserver, refused(429, sentence, **headers))
    assert raised.value.wait == pytest.approx(wait, abs=60)


def test_a_429_need_not_be_json(provider, httpserver):
    answer = Response(f"try again after {in_seconds(300)}", status=429)
    with pytest.raises(Throttled) as raised:
        answered(provider, httpserver, answer)
    assert raised.value.wait == pytest.approx(300, abs=60)


def test_without_a_date_there_is_no_wait(provider, httpserver):
    with pytest.raises(Throttled) as raised:
        answered(provider, httpserver, refused(429, "slow down"))
    assert raised.value.wait is None


LISTS = {
    "bounces": [
        [
            {"address": "a@x.example", "code": "550", "error": "550 5.1.1 no such user"},
            {"address": "full@x.example", "code": "452", "error": "mailbox full"},
            {"address": "policy@x.example", "code": "550", "error": "550 5.7.1 blocked"},
        ],
        [{"address": "b@x.example", "code": "605", "error": ""}],
    ],
    "complaints": [[{"address": "c@x.example"}]],
    "unsubscribes": [[{"address": "d@x.example", "tags": ["*"]}]],
}


@pytest.fixture
def lists(httpserver):
    """The lists in pages: each names the next one, and behind the last is an empty one."""

    def page(request):
        name, number = request.path.rpartition("/")[2], int(request.args.get("page", "0"))
        pages = LISTS[name]
        items = pages[number] if number < len(pages) else []
        after = httpserver.url_for(f"{request.path}?page={min(number + 1, len(pages))}&limit=1000")
        dated = [
            {**item, "created_at": f"Tue, 0{number + 1} Dec 2026 12:00:00 UTC"} for item in items
        ]
        return as_json({"items": dated, "paging": {"next": after}})

    for name in LISTS:
        httpserver.expect_request(f"/v3/{DOMAIN}/{name}").respond_with_handler(page)


FIRST, SECOND = (datetime(2026, 12, day, 12, tzinfo=UTC) for day in (1, 2))


def test_the_lists_are_read_to_their_end_without_what_passes(provider, lists):
    assert list(provider.barred(None)) == [
        Barred("a@x.example", BarReason.BOUNCED, FIRST),
        Barred("b@x.example", BarReason.BOUNCED, SECOND),
        Barred("c@x.example", BarReason.COMPLAINED, FIRST),
        Barred("d@x.example", BarReason.UNSUBSCRIBED, FIRST),
    ]


def test_only_what_came_after_a_moment_is_given(provider, lists):
    assert [b.address for b in provider.barred(SECOND)] == ["b@x.example"]


@pytest.mark.parametrize("body", ["[]", '{"items": []}', '{"items": [{}], "paging": {"next": ""}}'])
def test_a_list_that_is_none_is_no_empty_list(provider, httpserver, body):
    httpserver.expect_request(f"/v3/{DOMAIN}/bounces").respond_with_data(body)
    with pytest.raises(ProviderUnavailable):
        list(provider.barred(None))


def test_the_key_of_the_mailing_stands_in_a_form_once_and_not_once_a_reader(provider):
    letter = replace(LETTER, exit_url=())  # and so without Feedback-ID, which has it too
    assert encode(provider, letter).body.count(KEY.encode()) == 1

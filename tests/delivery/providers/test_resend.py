"""Resend over real sockets: the exact request, what it remembers, and every kind of answer."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
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
from delivery.providers.resend import Resend
from delivery.providers.tags import as_tags, send_key_of
from tests.delivery.providers.contract import MESSAGES, ProviderContract, address, batch
from tests.delivery.providers.recorded import faults, recorded
from tests.fakes import LETTER, NOON


class Stand:
    """Resend as it says that it is: a key stands for one body, and is answered alike."""

    def __init__(self):
        self.letters = []
        self.answers = {}
        self.broken_once = False

    def take(self, request):
        assert request.headers["Authorization"] == "Bearer re_key"
        assert request.headers["x-batch-validation"] == "strict"
        key, body = request.headers["Idempotency-Key"], request.data
        if key not in self.answers:
            letters = json.loads(body)
            first = len(self.letters)
            ids = [{"id": f"id-{first + n}"} for n, _ in enumerate(letters)]
            self.letters += letters
            self.answers[key] = body, json.dumps({"data": ids})
        before, answer = self.answers[key]
        if before != body:
            return refused(409, "invalid_idempotent_request")
        if self.broken_once:
            self.broken_once = False
            return Response("<html>bad gateway</html>", status=502)
        return Response(answer, content_type="application/json")


def refused(status, name, message="no: ada@example.com", **headers):
    body = json.dumps({"statusCode": status, "name": name, "message": message})
    return Response(body, status=status, headers=headers, content_type="application/json")


@pytest.fixture
def stand(httpserver):
    stand = Stand()
    httpserver.expect_request("/emails/batch", method="POST").respond_with_handler(stand.take)
    return stand


@pytest.fixture
def provider(httpserver):
    with_api = Resend("re_key", api=httpserver.url_for("").rstrip("/"))
    yield with_api
    with_api.close()


@pytest.fixture
def taken(stand):
    def read():
        return [
            {
                "to": address(letter["to"][0]),
                "subject": letter["subject"],
                "headers": letter["headers"],
                "html": letter["html"],
                "text": letter["text"],
            }
            for letter in stand.letters
        ]

    return read


class TestResend(ProviderContract):
    """The contract, over HTTP."""


def encode(provider, letter=LETTER, messages=MESSAGES):
    return provider.encode("b1", letter, messages, now=NOON)


def test_the_request_is_the_recorded_one(provider):
    letter = replace(LETTER, reply_to="desk@clinic.example")
    body = encode(provider, letter).body
    assert json.loads(body) == recorded("resend", body)


@pytest.mark.parametrize("messages", [MESSAGES, MESSAGES[:1]])
def test_the_request_is_what_resend_describes(provider, messages):
    assert faults("resend", encode(provider, messages=messages).body) == []


def test_the_description_sees_what_is_wrong():
    letter = {"from": "a", "to": ["b"], "subject": "c", "tags": [{"name": "x", "value": "a.b"}]}
    assert len(faults("resend", json.dumps([letter]).encode())) == 1
    assert len(faults("resend", json.dumps([{**letter, "tags": [], "tracking": 1}]).encode())) == 1


def test_a_batch_without_an_answer_is_handed_over_again_and_sent_once(provider, stand):
    stand.broken_once = True
    payload = encode(provider)
    with pytest.raises(OutcomeUnknown):
        provider.submit(payload)
    found = provider.reconcile(batch(body=payload.body), now=NOON)
    assert [found[m.send_key].provider_id for m in MESSAGES] == ["id-0", "id-1", "id-2", "id-3"]
    assert len(stand.letters) == len(MESSAGES)


def test_a_batch_that_never_arrived_goes_out_when_it_is_asked_about(provider, stand):
    found = provider.reconcile(batch(body=encode(provider).body), now=NOON)
    assert sorted(found) == sorted(m.send_key for m in MESSAGES)
    assert len(stand.letters) == len(MESSAGES)


def test_without_its_bytes_nothing_is_handed_over_again(provider, httpserver):
    assert provider.reconcile(batch(), now=NOON) == {}
    assert httpserver.log == []


def test_the_batch_is_the_key(provider, stand):
    provider.submit(encode(provider))
    assert list(stand.answers) == ["b1"]


def test_another_body_under_the_same_key_is_held_for_a_person(provider, stand):
    provider.submit(encode(provider))
    with pytest.raises(OutcomeUnknown, match="under the same key"):
        provider.submit(encode(provider, messages=MESSAGES[1:]))


def test_a_name_that_would_need_quotes_is_an_encoded_word(provider):
    [letter] = json.loads(encode(provider, messages=MESSAGES[2:3]).body)
    assert letter["to"] == ["=?utf-8?q?Bo_=22B=2E=22_=3CLarkin=3E=2C_Jr?= <bo@example.net>"]


def test_the_sender_is_neither_quoted_nor_encoded(provider):
    letter = replace(LETTER, sender_name="Zoë\r\nClinic")
    [first] = json.loads(encode(provider, letter, MESSAGES[:1]).body)
    assert first["from"] == "Zoë Clinic <hello@clinic.example>"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Praxis Süd", "=?utf-8?q?Praxis_S=C3=BCd?= <newsletter.clinic.example>"),
        ('The "best"', '"The \\"best\\"" <newsletter.clinic.example>'),
    ],
)
def test_the_name_of_a_list_is_ascii_in_its_header(provider, name, value):
    [letter] = json.loads(encode(provider, replace(LETTER, list_name=name), MESSAGES[:1]).body)
    assert letter["headers"]["List-Id"] == value


WORDS = 'Crème «brûlée» عربي "quoted" \\ {{x}} %recipient.x% <b> & \u2028'


def test_any_script_arrives_as_it_was_written(provider):
    html, text = (f"<p>{WORDS}", "first_name", "</p>"), (WORDS, "first_name", "\n")
    letter = replace(LETTER, subject=WORDS, html=html, text=text)
    to = replace(MESSAGES[0], values={**MESSAGES[0].values, "first_name": WORDS})
    [made] = json.loads(encode(provider, letter, [to]).body)
    assert made["subject"] == WORDS
    assert made["text"] == f"{WORDS}{WORDS}\n"
    assert "&lt;b&gt; &amp;" in made["html"]
    assert made["html"].startswith(f"<p>{WORDS}")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(400, "validation_error"), LetterRefused),
        (refused(422, "validation_error", "Invalid `to` field: ada@x"), AddressRefused),
        (refused(422, "validation_error", "Invalid `from` field."), AccountHalted),
        (refused(422, "missing_required_field"), LetterRefused),
        (refused(400, "invalid_idempotency_key"), LetterRefused),
        (refused(401, "missing_api_key"), AccountHalted),
        (refused(401, "restricted_api_key"), AccountHalted),
        (refused(403, "invalid_api_key"), AccountHalted),
        (refused(403, "validation_error", "only to `to` your own: ada@x"), AccountHalted),
        (refused(403, "something_new"), AccountHalted),
        (refused(404, "not_found"), AccountHalted),
        (refused(409, "invalid_idempotent_request"), OutcomeUnknown),
        (refused(409, "concurrent_idempotent_requests"), ProviderUnavailable),
        (Response("", status=413), LetterRefused),
        (refused(429, "rate_limit_exceeded"), Throttled),
        (Response("slow down", status=429), Throttled),
        (refused(429, "daily_quota_exceeded"), QuotaExhausted),
        (refused(429, "monthly_quota_exceeded"), QuotaExhausted),
        (refused(451, "security_error"), LetterRefused),
        (refused(500, "application_error"), OutcomeUnknown),
        (refused(500, "validation_error"), OutcomeUnknown),
        (Response("<html>bad gateway</html>", status=502), OutcomeUnknown),
        (Response("<html>welcome</html>", status=200), OutcomeUnknown),
        (Response("", status=301, headers={"Location": "/"}), OutcomeUnknown),
        (Response("[]", status=200), OutcomeUnknown),
        (Response('{"data": [{"id": "1"}]}', status=200), OutcomeUnknown),
        (Response('{"data": [{"id": ""}, {}, {}, {}]}', status=200), OutcomeUnknown),
        (Response('{"data": [1, 2, 3, 4]}', status=200), OutcomeUnknown),
    ],
)
def test_an_answer_is_sorted_by_what_to_do_next(provider, httpserver, answer, error):
    httpserver.expect_request("/emails/batch").respond_with_response(answer)
    with pytest.raises(error) as raised:
        provider.submit(encode(provider))
    assert type(raised.value) is error
    assert "@" not in str(raised.value)
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (refused(429, "rate_limit_exceeded", **{"retry-after": "3"}), 3),
        (refused(409, "concurrent_idempotent_requests"), 5),
    ],
)
def test_the_wait_that_resend_wants_is_kept(provider, httpserver, answer, wait):
    httpserver.expect_request("/emails/batch").respond_with_response(answer)
    with pytest.raises(ProviderUnavailable) as raised:
        provider.submit(encode(provider))
    assert raised.value.wait == wait


def entry(number, origin):
    return {
        "object": "suppression",
        "id": f"s{number}",
        "email": f"r{number}@example.com",
        "origin": origin,
        "created_at": f"2026-10-0{number}T08:12:03.412Z",
    }


ENTRIES = [entry(1, "bounce"), entry(2, "complaint"), entry(3, "manual")]


@pytest.fixture
def suppressions(httpserver):
    def page(request):
        assert request.args["limit"] == "100"
        after = request.args.get("after", "s0")
        left = [one for one in ENTRIES if one["id"] > after]
        body = {"object": "list", "has_more": len(left) > 2, "data": left[:2]}
        return Response(json.dumps(body), content_type="application/json")

    httpserver.expect_request("/suppressions", method="GET").respond_with_handler(page)


@pytest.mark.usefixtures("suppressions")
def test_the_suppression_list_is_read_page_by_page(provider):
    at = datetime(2026, 10, 1, 8, 12, 3, 412000, tzinfo=UTC)
    assert list(provider.barred(None)) == [
        Barred("r1@example.com", BarReason.BOUNCED, at),
        Barred("r2@example.com", BarReason.COMPLAINED, at.replace(day=2)),
        Barred("r3@example.com", BarReason.UNSUBSCRIBED, at.replace(day=3)),
    ]
    late = list(provider.barred(datetime(2026, 10, 3, tzinfo=UTC)))
    assert [one.address for one in late] == ["r3@example.com"]


@pytest.mark.parametrize(
    "body", ["[]", "{}", '{"data": [1]}', '{"data": [{"email": "x"}]}', '{"data": [{"id": "1"}]}']
)
def test_a_suppression_list_that_is_none_is_not_taken_for_an_empty_one(provider, httpserver, body):
    httpserver.expect_request("/suppressions").respond_with_data(body)
    with pytest.raises(ProviderUnavailable):
        list(provider.barred(None))


PARTS = st.text("abcXYZ019-_", min_size=1, max_size=20)


@given(PARTS, PARTS)
def test_tags_give_the_send_key_back(mailing, reader):
    tags = as_tags(f"{mailing}.{reader}")
    assert send_key_of(tags) == f"{mailing}.{reader}"
    assert "." not in "".join(tags.values())


@pytest.mark.parametrize("tags", [{}, {"mailing": "x"}, {"reader": "x"}, {"category": "x"}])
def test_tags_of_others_give_no_send_key(tags):
    assert send_key_of(tags) == ""

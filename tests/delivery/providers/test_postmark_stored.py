"""Letters stored at Postmark, over real sockets: stored once, named by each call, taken away."""

import html
import json
import logging
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from werkzeug import Response

from delivery.errors import AccountHalted, LetterRefused, ProviderUnavailable
from delivery.message import Answer
from delivery.providers.base import BarReason, Barred
from delivery.providers.postmark import Postmark
from tests.delivery.providers.contract import KEY, MESSAGES, ProviderContract, address
from tests.delivery.providers.readers import (
    LIFELIKE,
    NAMES,
    assert_shown_as_written,
    bytes_a_reader,
    readers,
    wordy,
)
from tests.delivery.providers.recorded import faults, recorded
from tests.fakes import LETTER, NOON, postmark_answer

# As Mustachio finds them: https://github.com/ActiveCampaign/mustachio, Tokenizer.
TOKEN = re.compile(r"([{]{2}[^{}]+?[}]{2})|([{]{3}[^{}]+?[}]{3})")
ROOM = 100


def rendered(template: str, model: dict[str, str]) -> str:
    def put(token: re.Match[str]) -> str:
        name = token[0].strip("{}")
        assert name in model, f"Mustachio would not understand {token[0]}"
        return model[name] if token[2] else html.escape(model[name])

    return TOKEN.sub(put, template)


class Server:
    """A Postmark server: its templates, and what it took."""

    def __init__(self):
        self.templates: dict[str, dict] = {"of-somebody-else": {}}
        self.bodies: list[bytes] = []
        self.calls: list[tuple[str, str]] = []
        self.refusal: Response | None = None

    def store(self, request):
        if self.refusal:
            return self.refusal
        template = json.loads(request.data)
        if template["Alias"] in self.templates:
            return refused(1122, "The template alias is already in use.")
        if len(self.templates) >= ROOM:
            return refused(1105, "A Server may have up to 100 templates")
        self.templates[template["Alias"]] = template
        return as_json({"TemplateId": 1, "Alias": template["Alias"], "Active": True})

    def list(self, request):
        assert (request.args["count"], request.args["offset"]) == ("500", "0")
        names = [{"Alias": alias} for alias in self.templates]
        return as_json({"TotalCount": len(names), "Templates": [*names, {"Alias": None}]})

    def delete(self, request):
        del self.templates[request.path.rpartition("/")[2]]
        return as_json({"ErrorCode": 0, "Message": "Template removed."})

    def take(self, request):
        self.bodies.append(request.data)
        messages = json.loads(request.data)["Messages"]
        unknown = [m for m in messages if m["TemplateAlias"] not in self.templates]
        if unknown:
            return as_json([{"ErrorCode": 1101, "Message": "not found"}] * len(messages))
        return Response(postmark_answer(json.dumps(messages)), content_type="application/json")

    def take_finished(self, request):
        self.bodies.append(request.data)
        return Response(postmark_answer(request.data), content_type="application/json")

    def search(self, request):
        found = [
            {"MessageID": f"pm-{n}", "Metadata": m["Metadata"]}
            for n, m in enumerate(self.messages())
            if m["Metadata"]["batch"] == request.args["metadata_batch"]
        ]
        return as_json({"TotalCount": len(found), "Messages": found})

    def messages(self):
        return [m for body in self.bodies for m in json.loads(body)["Messages"]]

    def received(self):
        return [
            {
                "to": address(message["To"]),
                "headers": {h["Name"]: h["Value"] for h in message["Headers"]},
                **{
                    part: rendered(
                        self.templates[message["TemplateAlias"]][field], message["TemplateModel"]
                    )
                    for part, field in PARTS.items()
                },
            }
            for message in self.messages()
        ]


PARTS = {"subject": "Subject", "html": "HtmlBody", "text": "TextBody"}


def as_json(body, status=200):
    return Response(json.dumps(body), status=status, content_type="application/json")


def refused(code, message, status=422):
    return as_json({"ErrorCode": code, "Message": message}, status)


@pytest.fixture
def server(httpserver):
    server = Server()
    for path, method, answer in (
        ("/templates", "POST", server.store),
        ("/templates", "GET", server.list),
        (re.compile("/templates/.+"), "DELETE", server.delete),
        ("/email/batchWithTemplates", "POST", server.take),
        ("/email/batch", "POST", server.take_finished),
        ("/messages/outbound", "GET", server.search),
    ):
        httpserver.expect_request(path, method=method).respond_with_handler(answer)
    return server


def make(httpserver):
    return Postmark("token", stream="broadcast", api=httpserver.url_for("").rstrip("/"))


@pytest.fixture
def provider(httpserver, server):
    with_api = make(httpserver)
    with_api.begin(KEY, {"": LETTER, "plain": replace(LETTER, exit_url=())})
    yield with_api
    with_api.close()


@pytest.fixture
def taken(server):
    return server.received


class TestPostmarkStored(ProviderContract):
    """The contract, with letters that are stored."""


def encode(provider, letter=LETTER, messages=MESSAGES):
    return provider.encode("b1", letter, messages, now=NOON)


def stored_by_us(server):
    return {alias for alias in server.templates if alias.startswith("lettermill-")}


def test_the_requests_are_the_recorded_ones(provider, httpserver):
    stored = httpserver.log[0][0].data
    assert json.loads(stored) == recorded("postmark_template", stored)
    body = encode(provider).body
    assert json.loads(body) == recorded("postmark_stored", body)
    whole = encode(provider, replace(LETTER, reply_to="desk@clinic.example")).body
    assert json.loads(whole) == recorded("postmark", whole)


def test_the_requests_are_what_postmark_describes(provider, httpserver):
    assert faults("postmark_template", httpserver.log[0][0].data) == []
    assert faults("postmark_stored", encode(provider).body) == []
    assert faults("postmark", encode(provider, replace(LETTER, subject="Knees")).body) == []
    wrong = json.loads(encode(provider).body)
    wrong["Messages"][0]["TrackLinks"] = "Some"
    assert len(faults("postmark_stored", json.dumps(wrong).encode())) == 1


def test_nothing_is_tracked_and_no_style_is_moved(provider):
    for message in json.loads(encode(provider).body)["Messages"]:
        assert (message["TrackOpens"], message["TrackLinks"]) == (False, "None")
        assert message["InlineCss"] is False
        assert message["MessageStream"] == "broadcast"


def test_one_more_reader_costs_few_bytes(provider):
    finished = bytes_a_reader(provider)
    provider.begin(KEY, {"": LIFELIKE})
    stored = bytes_a_reader(provider)
    assert stored <= 840  # of them 370 in four headers, 110 in switches that each message has
    assert stored < finished / 20


def test_a_second_run_finds_the_letter_stored(provider, server, httpserver):
    before = dict(server.templates)
    again = make(httpserver)
    again.begin(KEY, {"": LETTER})
    assert again.submit(encode(again)).receipts[0].answer is Answer.SUBMITTED
    again.close()
    assert server.templates == before
    assert encode(again).body == encode(provider).body


def test_each_mailing_and_each_letter_is_stored_for_itself(provider, server):
    provider.begin("digest-2026-12", {"": LETTER, "knees": replace(LETTER, subject="Knees")})
    assert len(stored_by_us(server)) == 1 + 2


def test_what_was_stored_is_taken_away_by_whoever_is_there(provider, server, httpserver):
    letters = {"": LETTER, "plain": replace(LETTER, exit_url=())}
    other = make(httpserver)
    other.end(KEY, letters)
    assert stored_by_us(server) == set()
    other.end(KEY, letters)
    other.close()
    assert list(server.templates) == ["of-somebody-else"]


def test_a_letter_that_was_taken_away_goes_out_as_whole_messages(provider, server):
    provider.end(KEY, {"": LETTER})
    provider.submit(encode(provider))
    assert json.loads(server.bodies[0])[0]["HtmlBody"]


def test_what_cannot_be_taken_away_is_said_and_stops_nothing(httpserver, caplog):
    httpserver.expect_request("/templates").respond_with_data("{}", status=500)
    provider = make(httpserver)
    provider.end(KEY, {"": LETTER})
    provider.close()
    [said] = caplog.messages[-1:]
    assert said == f"postmark: HTTP 500; delete the templates “Lettermill {KEY}” there by hand"


@pytest.mark.parametrize(
    "refusal",
    [
        refused(1105, "ada@example.com has 100 templates"),
        refused(1122, "HtmlBody: ada@example.com is not understood"),
        refused(0, "no", status=403),
        Response("<html>blocked</html>", status=403),
    ],
    ids=["no room", "not understood", "no right", "guard"],
)
def test_a_letter_that_is_refused_goes_out_as_whole_messages(httpserver, server, caplog, refusal):
    server.refusal = refusal
    provider = make(httpserver)
    with caplog.at_level(logging.WARNING, logger="delivery"):
        provider.begin(KEY, {"": LETTER})
    handover = provider.submit(encode(provider))
    provider.close()
    assert {receipt.answer for receipt in handover.receipts} == {Answer.SUBMITTED}
    assert len(json.loads(server.bodies[0])) == len(MESSAGES)
    [said] = [r.getMessage() for r in caplog.records if r.name.startswith("delivery")]
    assert said.startswith("postmark: a letter is not stored (HTTP 4")
    assert "@" not in said


def test_it_is_decided_for_each_letter(provider, server):
    server.refusal = refused(1105, "full")
    other = replace(LETTER, subject="Knees")
    provider.begin("another", {"other": other})
    assert encode(provider, other).body.startswith(b"[")
    assert encode(provider, LETTER).body.startswith(b"{")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(10, "bad token", status=401), AccountHalted),
        (Response(status=429, headers={"Retry-After": "7"}), ProviderUnavailable),
        (refused(100, "maintenance", status=503), ProviderUnavailable),
        (Response("<html>", status=502), ProviderUnavailable),
    ],
)
def test_a_run_does_not_begin_where_nothing_can_be_said(httpserver, server, answer, error):
    server.refusal = answer
    provider = make(httpserver)
    with pytest.raises(error):
        provider.begin(KEY, {"": LETTER})
    provider.close()


def test_a_stored_letter_that_has_gone_pauses_and_refuses_nobody(provider, server):
    server.templates.clear()
    handover = provider.submit(encode(provider))
    assert {receipt.answer for receipt in handover.receipts} == {Answer.NOT_NOW}
    assert isinstance(handover.trouble, LetterRefused)


@pytest.mark.parametrize("code", [1101, 1109, 1120, 1121, 1122, 1123])
def test_a_call_that_is_refused_for_its_template_is_refused_for_its_letter(httpserver, code):
    httpserver.expect_request("/templates").respond_with_json({})
    path = "/email/batchWithTemplates"
    httpserver.expect_request(path).respond_with_response(refused(code, "ada@example.com"))
    provider = make(httpserver)
    provider.begin(KEY, {"": LETTER})
    with pytest.raises(LetterRefused, match="run it again"):
        provider.submit(encode(provider))
    provider.close()


@pytest.mark.parametrize("name", NAMES)
def test_words_of_mustachio_are_shown_as_they_were_written(provider, server, name):
    letter, to = wordy(name)
    provider.begin(KEY, {"": letter})
    provider.submit(encode(provider, letter, [to]))
    [only] = server.received()
    assert_shown_as_written(only, name)
    assert only["to"].display_name == name


def test_braces_around_a_slot_are_not_taken_for_its_own(provider, server):
    letter = replace(LETTER, html=("<p>{", "first_name", "}</p>"), text=("{", "first_name", "}"))
    provider.begin(KEY, {"": letter})
    to = replace(MESSAGES[0], values={**MESSAGES[0].values, "first_name": "<b>"})
    provider.submit(encode(provider, letter, [to]))
    [only] = server.received()
    assert html.unescape(only["html"]) == "<p>{<b>}</p>"
    assert "<b>" not in only["html"]
    assert only["text"].replace("\N{WORD JOINER}", "") == "{<b>}"


@pytest.mark.parametrize("count", [1, 500])
def test_a_call_takes_one_reader_and_as_many_as_postmark_does(provider, server, count):
    provider.begin(KEY, {"": LIFELIKE})
    handover = provider.submit(encode(provider, LIFELIKE, readers(count)))
    assert len(handover.receipts) == len(server.received()) == count
    assert provider.limits.paced(letters=501).letters == 500


def test_the_suppression_list_of_the_stream_is_read(provider, httpserver):
    entries = [
        {"EmailAddress": f"{n}@x.example", "SuppressionReason": reason, "Origin": "Recipient"}
        for n, reason in enumerate(["HardBounce", "SpamComplaint", "ManualSuppression"])
    ]
    dated = [{**entry, "CreatedAt": "2026-11-30T08:00:00-05:00"} for entry in entries]
    path = "/message-streams/broadcast/suppressions/dump"
    httpserver.expect_request(path).respond_with_json({"Suppressions": dated})
    when = datetime(2026, 11, 30, 13, tzinfo=UTC)
    assert list(provider.barred(NOON)) == [
        Barred("0@x.example", BarReason.BOUNCED, when),
        Barred("1@x.example", BarReason.COMPLAINED, when),
        Barred("2@x.example", BarReason.UNSUBSCRIBED, when),
    ]
    assert dict(httpserver.log[-1][0].args) == {"fromdate": "2026-12-01"}


@pytest.mark.parametrize("body", [[], {}, {"Suppressions": [{}]}])
def test_a_list_that_is_none_is_no_empty_list(provider, httpserver, body):
    path = "/message-streams/broadcast/suppressions/dump"
    httpserver.expect_request(path).respond_with_json(body)
    with pytest.raises(ProviderUnavailable):
        list(provider.barred(None))

"""Amazon SES over real sockets: the exact request and its signature, and every kind of answer."""

import builtins
import hashlib
import hmac
import html
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote

import pytest
from botocore.session import get_session
from botocore.validate import ParamValidator
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
from delivery.message import Answer
from delivery.providers.base import BarReason, Barred
from delivery.providers.ses import Quota, Ses
from delivery.providers.tags import send_key_of
from tests.delivery.providers.contract import MESSAGES, ProviderContract, address, batch
from tests.delivery.providers.recorded import recorded
from tests.fakes import LETTER, NOON

PATH = "/v2/email/outbound-bulk-emails"
USER, KEY, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "eu-central-1"


def quoted(text: str) -> str:
    return quote(text, safe="-_.~")


def signature(request, key=KEY) -> str:
    """What Amazon reckons for a request: "Create a signed AWS API request", steps 1 to 4."""
    names = re.search("SignedHeaders=([^,]+)", request.headers["Authorization"])[1]
    canonical = "\n".join(
        [
            request.method,
            request.path,
            "&".join(sorted(f"{quoted(k)}={quoted(v)}" for k, v in request.args.items())),
            *(f"{name}:{request.headers[name].strip()}" for name in names.split(";")),
            "",
            names,
            hashlib.sha256(request.data).hexdigest(),
        ]
    )
    moment = request.headers["X-Amz-Date"]
    scope = f"{moment[:8]}/{REGION}/ses/aws4_request"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    made = f"AWS4{key}".encode()
    for part in [*scope.split("/"), f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashed}"]:
        made = hmac.new(made, part.encode(), hashlib.sha256).digest()
    return (
        f"AWS4-HMAC-SHA256 Credential={USER}/{scope}, SignedHeaders={names}, Signature={made.hex()}"
    )


class Stand:
    """SES as it says that it is: `statuses` are its verdicts, by place; otherwise it says yes."""

    def __init__(self):
        self.bodies = []
        self.statuses = {}

    def take(self, request):
        assert request.headers["Authorization"] == signature(request)
        body = json.loads(request.data)
        self.bodies.append(body)
        results = [
            self.statuses.get(place, {"Status": "SUCCESS", "MessageId": f"0100-{place}"})
            for place, _ in enumerate(body["BulkEmailEntries"])
        ]
        return answered({"BulkEmailEntryResults": results})


def answered(body, status=200, **headers):
    return Response(json.dumps(body), status, headers, content_type="application/json")


def refused(status, name, message="no: ada@example.com"):
    return answered({"message": message}, status, **{"x-amzn-ErrorType": f"{name}:http://x/"})


@pytest.fixture
def stand(httpserver):
    stand = Stand()
    httpserver.expect_request(PATH, method="POST").respond_with_handler(stand.take)
    return stand


@pytest.fixture
def provider(httpserver):
    api = httpserver.url_for("").rstrip("/")
    with_api = Ses(USER, KEY, region=REGION, configuration_set="news", api=api)
    yield with_api
    with_api.close()


def filled(template, values):
    """What SES makes of a text: it puts values in as they are."""
    return re.sub(r"{{(\w+)}}", lambda found: values[found[1]], template)


def letters(body):
    content = body["DefaultContent"]["Template"]["TemplateContent"]
    made = []
    for entry in body["BulkEmailEntries"]:
        replacement = entry["ReplacementEmailContent"]["ReplacementTemplate"]
        values = json.loads(replacement["ReplacementTemplateData"])
        made.append(
            {
                "to": address(entry["Destination"]["ToAddresses"][0]),
                "subject": filled(content["Subject"], values),
                "headers": {one["Name"]: one["Value"] for one in entry["ReplacementHeaders"]},
                "html": filled(content["Html"], values),
                "text": filled(content["Text"], values),
            }
        )
    return made


@pytest.fixture
def taken(stand):
    return lambda: [letter for body in stand.bodies for letter in letters(body)]


class TestSes(ProviderContract):
    """The contract, over HTTP."""

    def test_what_became_of_a_batch_can_be_asked(self, provider, taken):
        """It cannot, and no wait makes sure that it was not taken."""
        self.submit(provider)
        assert provider.reconcile(batch(), now=NOON) == {}
        assert not provider.limits.shows_absence(timedelta(days=365))
        assert len(taken()) == len(MESSAGES)


def encode(provider, letter=LETTER, messages=MESSAGES):
    return provider.encode("b1", letter, messages, now=NOON)


def made(provider, letter=LETTER, messages=MESSAGES):
    return json.loads(encode(provider, letter, messages).body)


def test_the_request_is_the_recorded_one(provider):
    letter = replace(LETTER, reply_to="desk@clinic.example")
    body = encode(provider, letter).body
    assert json.loads(body) == recorded("ses", body)


def faults(body):
    """Where a body is not what Amazon describes: types, names, lengths."""
    model = get_session().get_service_model("sesv2").operation_model("SendBulkEmail")
    assert model.http["requestUri"] == PATH
    return ParamValidator().validate(body, model.input_shape).generate_report()


def test_the_request_is_what_amazon_describes(provider):
    letter = replace(LETTER, reply_to="desk@clinic.example", list_name="Praxis Süd")
    body = made(provider, letter)
    assert faults(body) == ""
    headers = [one for entry in body["BulkEmailEntries"] for one in entry["ReplacementHeaders"]]
    assert all(re.fullmatch("[ -~]{1,995}", one["Value"]) for one in headers)
    tags = [one for entry in body["BulkEmailEntries"] for one in entry["ReplacementTags"]]
    assert all(re.fullmatch("[A-Za-z0-9_-]{1,256}", one["Value"]) for one in tags)


def test_the_description_sees_what_is_wrong(provider):
    assert "Unknown parameter" in faults({**made(provider), "Tracking": {}})
    assert "Missing required" in faults({"DefaultContent": {}})


def test_a_request_is_signed_by_the_secret(provider, stand, httpserver):
    provider.submit(encode(provider))
    [(request, _)] = httpserver.log
    assert request.headers["Authorization"] == signature(request)
    assert request.headers["Authorization"] != signature(request, key="another")
    assert KEY not in str(request.headers)


def test_opens_and_clicks_are_not_followed(provider):
    assert made(provider)["ConfigurationOverrides"] == {
        "Tracking": {"OpenTrackingEnabled": "DISABLED", "ClickTrackingEnabled": "DISABLED"}
    }


def test_events_will_name_the_delivery(provider):
    for entry, message in zip(made(provider)["BulkEmailEntries"], MESSAGES, strict=True):
        tags = {one["Name"]: one["Value"] for one in entry["ReplacementTags"]}
        assert send_key_of(tags) == message.send_key


def test_without_a_configuration_set_none_is_named(httpserver):
    plain = Ses(USER, KEY, region=REGION)
    assert "ConfigurationSetName" not in made(plain)
    assert "ReplyToAddresses" not in made(plain)


WORDS = 'Crème «brûlée» عربي "quoted" {{{x}}} {{#if y}} <b> & %recipient.x%'


def test_any_script_arrives_as_it_was_written(provider):
    page = (f"<p>{html.escape(WORDS)}", "first_name", "</p>")
    letter = replace(LETTER, subject=WORDS, html=page, text=(WORDS, "first_name", "\n"))
    to = replace(MESSAGES[0], values={**MESSAGES[0].values, "first_name": WORDS})
    [seen] = letters(made(provider, letter, [to]))
    assert seen["subject"].replace("\N{WORD JOINER}", "") == WORDS
    assert seen["text"].replace("\N{WORD JOINER}", "") == f"{WORDS}{WORDS}\n"
    assert html.unescape(seen["html"]) == f"<p>{WORDS}{WORDS}</p>"
    content = made(provider, letter, [to])["DefaultContent"]["Template"]["TemplateContent"]
    assert not any("{{" in re.sub(r"{{\w+}}", "", part) for part in content.values())


OK = {"Status": "SUCCESS", "MessageId": "0100-x"}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("MESSAGE_REJECTED", LetterRefused),
        ("MAIL_FROM_DOMAIN_NOT_VERIFIED", AccountHalted),
        ("CONFIGURATION_SET_NOT_FOUND", AccountHalted),
        ("TEMPLATE_NOT_FOUND", LetterRefused),
        ("ACCOUNT_SUSPENDED", AccountHalted),
        ("ACCOUNT_THROTTLED", Throttled),
        ("ACCOUNT_DAILY_QUOTA_EXCEEDED", QuotaExhausted),
        ("INVALID_SENDING_POOL_NAME", AccountHalted),
        ("ACCOUNT_SENDING_PAUSED", AccountHalted),
        ("CONFIGURATION_SET_SENDING_PAUSED", AccountHalted),
        ("TRANSIENT_FAILURE", ProviderUnavailable),
        ("FAILED", ProviderUnavailable),
    ],
)
def test_a_letter_not_taken_for_the_accounts_sake_stays_owed(provider, stand, status, error):
    stand.statuses = {2: {"Status": status, "Error": "no: bo@example.net"}}
    handover = provider.submit(encode(provider))
    assert [r.answer for r in handover.receipts] == [
        Answer.SUBMITTED,
        Answer.SUBMITTED,
        Answer.NOT_NOW,
        Answer.SUBMITTED,
    ]
    assert type(handover.trouble) is error
    assert "@" not in str(handover.trouble)


def test_every_status_that_amazon_names_is_known(provider, stand):
    shape = get_session().get_service_model("sesv2").shape_for("BulkEmailStatus")
    for status in shape.enum:
        stand.statuses = {0: {"Status": status, "MessageId": "x"}}
        receipts = provider.submit(encode(provider)).receipts
        assert receipts[0].answer is not Answer.UNKNOWN, status


def test_one_bad_address_is_refused_and_the_others_go_out(provider, stand):
    stand.statuses = {1: {"Status": "INVALID_PARAMETER", "Error": "Missing final '@domain'"}}
    handover = provider.submit(encode(provider))
    assert handover.trouble is None
    assert [(r.answer, r.reason) for r in handover.receipts][:2] == [
        (Answer.SUBMITTED, ""),
        (Answer.REFUSED, "invalid address"),
    ]


def test_what_is_wrong_for_everybody_is_the_letter(provider, stand):
    stand.statuses = {place: {"Status": "INVALID_PARAMETER"} for place in range(4)}
    handover = provider.submit(encode(provider))
    assert {r.answer for r in handover.receipts} == {Answer.NOT_NOW}
    assert type(handover.trouble) is LetterRefused


def test_what_is_wrong_for_one_alone_is_the_address(provider, stand):
    stand.statuses = {0: {"Status": "INVALID_PARAMETER"}}
    handover = provider.submit(encode(provider, messages=MESSAGES[:1]))
    assert [r.answer for r in handover.receipts] == [Answer.REFUSED]
    assert handover.trouble is None


def test_the_sandbox_is_a_matter_of_the_account(provider, stand):
    error = "Email address is not verified: bo@example.net"
    stand.statuses = {0: {"Status": "MESSAGE_REJECTED", "Error": error}}
    assert type(provider.submit(encode(provider)).trouble) is AccountHalted


def test_of_several_reasons_the_gravest_is_told(provider, stand):
    stand.statuses = {0: {"Status": "ACCOUNT_THROTTLED"}, 1: {"Status": "ACCOUNT_SUSPENDED"}}
    assert type(provider.submit(encode(provider)).trouble) is AccountHalted


def test_a_status_that_nobody_knows_is_no_reason_to_send_again(provider, stand):
    stand.statuses = {3: {"Status": "SOMETHING_NEW"}, 0: {}}
    handover = provider.submit(encode(provider))
    assert [r.answer for r in handover.receipts] == [
        Answer.UNKNOWN,
        Answer.SUBMITTED,
        Answer.SUBMITTED,
        Answer.UNKNOWN,
    ]
    assert type(handover.trouble) is OutcomeUnknown


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(429, "TooManyRequestsException"), Throttled),
        (refused(400, "ThrottlingException", "Maximum sending rate exceeded."), Throttled),
        (refused(400, "Throttling", "Daily message quota exceeded."), QuotaExhausted),
        (refused(429, "TooManyRequestsException", "Daily message quota exceeded"), QuotaExhausted),
        (refused(400, "LimitExceededException"), QuotaExhausted),
        (refused(400, "AccountSuspendedException"), AccountHalted),
        (refused(400, "SendingPausedException"), AccountHalted),
        (refused(400, "MailFromDomainNotVerifiedException"), AccountHalted),
        (refused(400, "MessageRejected", "Email address is not verified. ada@x"), AccountHalted),
        (refused(400, "MessageRejected", "Illegal content"), LetterRefused),
        (refused(404, "NotFoundException"), AccountHalted),
        (refused(400, "BadRequestException", "Illegal address: ada@x"), AddressRefused),
        (refused(400, "BadRequestException", "Template contains unsupported"), LetterRefused),
        (refused(403, "SignatureDoesNotMatch"), AccountHalted),
        (refused(403, "InvalidSignatureException", "Signature expired"), AccountHalted),
        (refused(403, "UnrecognizedClientException"), AccountHalted),
        (answered({"__type": "a.b#MessageRejected", "message": "x"}, 400), LetterRefused),
        (Response("", 413), LetterRefused),
        (refused(500, "InternalFailure"), OutcomeUnknown),
        (refused(503, "MessageRejected"), OutcomeUnknown),
        (Response("<html>bad gateway</html>", 502), OutcomeUnknown),
        (Response("<html>bad request</html>", 400), OutcomeUnknown),
        (Response("[]", 400), OutcomeUnknown),
        (Response("", 301, {"Location": "/"}), OutcomeUnknown),
        (Response("<html>welcome</html>", 200), OutcomeUnknown),
        (answered([]), OutcomeUnknown),
        (answered({"BulkEmailEntryResults": [OK]}), OutcomeUnknown),
        (answered({"BulkEmailEntryResults": [OK, OK, OK, 1]}), OutcomeUnknown),
        (answered({"BulkEmailEntryResults": 4}), OutcomeUnknown),
    ],
)
def test_an_answer_is_sorted_by_what_to_do_next(provider, httpserver, answer, error):
    httpserver.expect_request(PATH).respond_with_response(answer)
    with pytest.raises(error) as raised:
        provider.submit(encode(provider))
    assert type(raised.value) is error
    assert "@" not in str(raised.value)
    assert len(httpserver.log) == 1  # botocore's own client would have asked five times


def test_without_botocore_one_line_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def without_botocore(name, *rest):
        if name.startswith("botocore"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_botocore)
    with pytest.raises(AccountHalted, match=r"pip install lettermill\[ses\]"):
        Ses(USER, KEY, region=REGION)


def test_a_region_has_an_address_of_its_own():
    here, there = (Ses(USER, KEY, region=region) for region in (REGION, "us-east-1"))
    assert here.account != there.account
    assert here.account == Ses(USER, "a new secret", region=REGION).account


SUMMARIES = [
    {"EmailAddress": "r1@example.com", "Reason": "BOUNCE", "LastUpdateTime": 1790000000.5},
    {"EmailAddress": "r2@example.com", "Reason": "COMPLAINT", "LastUpdateTime": 1790000060},
]


def test_the_suppression_list_is_read_page_by_page(provider, httpserver):
    def page(request):
        assert request.headers["Authorization"] == signature(request)
        assert request.args["PageSize"] == "1000"
        assert request.args["StartDate"] == "2026-09-21T10:00:00Z"
        if request.args.get("NextToken") == "a+b/c=":
            return answered({"SuppressedDestinationSummaries": SUMMARIES[1:]})
        return answered({"SuppressedDestinationSummaries": SUMMARIES[:1], "NextToken": "a+b/c="})

    path = "/v2/email/suppression/addresses"
    httpserver.expect_request(path, method="GET").respond_with_handler(page)
    since = datetime(2026, 9, 21, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    at = datetime(2026, 9, 21, 14, 13, 20, 500000, tzinfo=UTC)
    assert list(provider.barred(since)) == [
        Barred("r1@example.com", BarReason.BOUNCED, at),
        Barred("r2@example.com", BarReason.COMPLAINED, at + timedelta(seconds=59.5)),
    ]
    httpserver.check_assertions()


@pytest.mark.parametrize("body", [[], {}, {"SuppressedDestinationSummaries": [{}]}])
def test_a_list_that_is_none_is_not_taken_for_an_empty_one(provider, httpserver, body):
    httpserver.expect_request("/v2/email/suppression/addresses").respond_with_json(body)
    with pytest.raises(ProviderUnavailable):
        list(provider.barred(None))


def account(**changed):
    quota = {"Max24HourSend": 50000.0, "MaxSendRate": 14.0, "SentLast24Hours": 12.0}
    return {"SendQuota": {**quota, **changed}, "SendingEnabled": True}


@pytest.mark.parametrize(("most", "a_day"), [(50000.0, 50000), (-1, None)])
def test_an_account_tells_its_quota(provider, httpserver, most, a_day):
    httpserver.expect_request("/v2/email/account").respond_with_json(account(Max24HourSend=most))
    quota = provider.quota()
    assert quota == Quota(a_day=a_day, a_second=14.0, sent_today=12)
    assert quota.letters_per_second == pytest.approx(11.2)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({**account(), "SendingEnabled": False}, AccountHalted),
        ({}, ProviderUnavailable),
        (account(MaxSendRate=None), ProviderUnavailable),
    ],
)
def test_an_account_that_may_not_send_says_so(provider, httpserver, body, error):
    httpserver.expect_request("/v2/email/account").respond_with_json(body)
    with pytest.raises(error):
        provider.quota()


def test_the_pace_is_that_of_the_account_unless_the_author_set_one(provider, httpserver):
    httpserver.expect_request("/v2/email/account").respond_with_json(account(MaxSendRate=100.0))
    provider.begin("digest-2026-11", {"": LETTER})
    assert provider.limits.letters_per_second == pytest.approx(80.0)
    provider.limits = provider.limits.paced(letters_per_second=5.0)
    provider.begin("digest-2026-11", {"": LETTER})
    assert provider.limits.letters_per_second == 5.0


def test_a_key_that_may_not_ask_for_the_quota_may_still_send(provider, httpserver):
    httpserver.expect_request("/v2/email/account").respond_with_data("{}", status=403)
    provider.begin("digest-2026-11", {"": LETTER})
    assert provider.limits.letters_per_second == pytest.approx(11.2)

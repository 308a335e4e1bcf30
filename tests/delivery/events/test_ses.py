import hashlib
import json
from base64 import b64encode
from datetime import timedelta
from functools import cache
from typing import Any, ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from delivery.errors import BadEvent, ProviderUnavailable
from delivery.events.event import EventKind, Incoming
from delivery.events.ses import SesEvents
from tests.conftest import NOON
from tests.delivery.events.contract import BodyContract, Outcome, ReaderContract

TOPIC = "arn:aws:sns:eu-west-1:123456789012:letters"
CERTIFICATES = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-"
SIGNED = {
    "Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
    "SubscriptionConfirmation": [
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ],
}


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def certificate(name: str) -> bytes:
    return self_signed(private_key(name))


def self_signed(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOON - timedelta(days=1))
        .not_valid_after(NOON + timedelta(days=1))
        .sign(key, SHA256())
        .public_bytes(Encoding.PEM)
    )


class Aws:
    """Serves the certificates called "old" and "new", and counts how often it was asked."""

    def __init__(self, content: bytes | None = None) -> None:
        self.asked: list[str] = []
        self.content = content

    def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        name = url.removeprefix(CERTIFICATES).removesuffix(".pem")
        return self.content or certificate(name)


def message(**fields: str) -> dict[str, str]:
    """A notification of SNS around a text; '' takes a field away."""
    made = {
        "Type": "Notification",
        "MessageId": "19ba9823-d7f2-53c1-860e-cb10e0d13dfc",
        "TopicArn": TOPIC,
        "Subject": "Amazon SES Email Event Notification",
        "Message": "{}",
        "Timestamp": "2026-12-01T11:58:03.675Z",
        "SignatureVersion": "2",
        "SigningCertURL": f"{CERTIFICATES}new.pem",
        "UnsubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe",
    } | fields
    return {name: value for name, value in made.items() if value}


def signed(made: dict[str, str], key: str = "new", tail: bytes = b"") -> Incoming:
    names = SIGNED.get(made["Type"], [])
    told = "".join(f"{name}\n{made[name]}\n" for name in names if name in made)
    method = SHA1() if made.get("SignatureVersion") == "1" else SHA256()
    signature = private_key(key).sign(told.encode(), padding.PKCS1v15(), method)
    body = json.dumps(made | {"Signature": b64encode(signature).decode()})
    return Incoming({"x-amz-sns-message-type": made["Type"]}, body.encode() + tail)


def confirmation(**fields: str) -> dict[str, str]:
    return message(
        Type="SubscriptionConfirmation",
        Subject="",
        Message="You have chosen to subscribe to the topic.",
        Token="2336412f37",
        SubscribeURL="https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336",
        **fields,
    )


class TestSes(ReaderContract, BodyContract):
    provider = "ses"
    outcomes: ClassVar[dict[str, Outcome]] = {
        "send": (EventKind.ACCEPTED, "", ""),
        "delivery": (EventKind.DELIVERED, "", ""),
        "delivery_of_identity": (EventKind.DELIVERED, "", ""),
        "delay": (EventKind.DEFERRED, "", ""),
        "permanent": (EventKind.BOUNCED, "5.1.1", ""),
        "permanent_bare": (EventKind.BOUNCED, "", ""),
        "permanent_policy": (EventKind.BLOCKED, "5.7.1", ""),
        "on_account_list": (EventKind.SUPPRESSED, "5.1.1", "bounced"),
        "on_global_list": (EventKind.SUPPRESSED, "5.1.1", "bounced"),
        "transient_full": (EventKind.SOFT_BOUNCED, "5.2.2", ""),
        "transient_content": (EventKind.BLOCKED, "", "content"),
        "transient_large": (EventKind.BLOCKED, "", "content"),
        "undetermined": (EventKind.SOFT_BOUNCED, "", ""),
        "complaint": (EventKind.COMPLAINED, "", ""),
        "complaint_bare": (EventKind.COMPLAINED, "", ""),
        "no_complaint": (EventKind.OTHER, "", "not-spam"),
        "complaint_on_list": (EventKind.SUPPRESSED, "", "complained"),
        "reject": (EventKind.FAILED, "", ""),
        "rendering_failure": (EventKind.FAILED, "", ""),
        "open": (EventKind.OTHER, "", ""),
        "subscription": (EventKind.OTHER, "", ""),
    }

    def reader(self, *keys: str) -> SesEvents:
        return SesEvents([TOPIC], Aws().fetch)

    def sign(self, payload: Any, key: str = "new", tail: bytes = b"") -> Incoming:
        inner = json.dumps(payload)
        # SNS has a name for each notification, and when it is about is told inside.
        name = hashlib.sha256(inner.encode()).hexdigest()
        return signed(message(Message=inner + "\n", MessageId=name), key, tail)

    def unsigned(self, payload: Any) -> Incoming:
        """Raw message delivery: SNS leaves its envelope out, and so the signature."""
        return Incoming({"x-amz-sns-rawdelivery": "true"}, json.dumps(payload).encode())

    def as_unknown(self, payload: Any) -> Any:
        return payload | {"eventType": "Pondered"}

    @pytest.mark.parametrize("version", ["1", "2"])
    @pytest.mark.parametrize("subject", ["", "A subject"])
    def test_both_versions_of_the_signature_are_believed(self, version, subject):
        incoming = signed(message(SignatureVersion=version, Subject=subject))
        self.reader().verify(incoming, now=NOON)

    @pytest.mark.parametrize("version", ["", "0", "3"])
    def test_no_other_version_is(self, version):
        with pytest.raises(BadEvent, match="raw message delivery"):
            self.reader().verify(signed(message(SignatureVersion=version)), now=NOON)

    def test_a_certificate_is_fetched_once_and_a_new_one_when_it_comes(self):
        aws = Aws()
        reader = SesEvents([TOPIC], aws.fetch)
        for key in ("old", "new", "old", "new"):
            made = message(SigningCertURL=f"{CERTIFICATES}{key}.pem")
            reader.verify(signed(made, key), now=NOON)
        assert aws.asked == [f"{CERTIFICATES}old.pem", f"{CERTIFICATES}new.pem"]

    @pytest.mark.parametrize(
        "url",
        [
            "http://sns.eu-west-1.amazonaws.com/a.pem",
            "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem",
            "https://sns.eu-west-1.amazonaws.com:8443/a.pem",
            "https://evil.example@sns.eu-west-1.amazonaws.com/a.pem",
            "https://evil.example/sns.eu-west-1.amazonaws.com/a.pem",
            "https://s3.amazonaws.com/sns.eu-west-1.amazonaws.com/a.pem",
            "https://sns.eu-west-1.amazonaws.com/a.txt",
            "https://sns.eu-west-1.amazonaws.com/?a.pem",
            "https://sns.eu-west-1.amazonaws.com\n/a.pem",
            "https://[sns/a.pem",
            "",
        ],
    )
    def test_a_certificate_from_elsewhere_is_not_even_fetched(self, url):
        aws = Aws()
        made = signed(message(SigningCertURL=url))
        with pytest.raises(BadEvent, match="not at AWS"):
            SesEvents([TOPIC], aws.fetch).verify(made, now=NOON)
        assert aws.asked == []

    def test_a_certificate_from_china_is_from_aws_too(self):
        url = "https://sns.cn-north-1.amazonaws.com.cn/a.pem"
        reader = SesEvents([TOPIC], Aws(certificate("new")).fetch)
        reader.verify(signed(message(SigningCertURL=url)), now=NOON)

    @pytest.mark.parametrize(
        "content", [b"no certificate", self_signed(ec.generate_private_key(ec.SECP256R1()))]
    )
    def test_what_is_no_certificate_of_sns_is_not_believed(self, content):
        reader = SesEvents([TOPIC], Aws(content).fetch)
        with pytest.raises(BadEvent, match="certificate"):
            reader.verify(signed(message()), now=NOON)

    def test_a_certificate_that_cannot_be_had_now_is_asked_for_again(self):
        def fetch(url: str) -> bytes:
            raise ProviderUnavailable("no connection")

        with pytest.raises(ProviderUnavailable):
            SesEvents([TOPIC], fetch).verify(signed(message()), now=NOON)

    def test_another_topic_of_aws_is_not_ours_however_well_signed(self):
        aws = Aws()
        made = signed(message(TopicArn=f"{TOPIC}-of-somebody"))
        with pytest.raises(BadEvent, match="topic"):
            SesEvents([TOPIC], aws.fetch).verify(made, now=NOON)
        assert aws.asked == []

    @pytest.mark.parametrize(
        "field", ["Message", "MessageId", "Subject", "Timestamp", "Type", "TopicArn"]
    )
    def test_no_field_that_is_signed_can_be_altered(self, field):
        made = json.loads(signed(message()).body)
        other = "2026-12-01T11:58:05.675Z" if field == "Timestamp" else f"{TOPIC}2"
        altered = Incoming({}, json.dumps(made | {field: other}).encode())
        with pytest.raises(BadEvent):
            SesEvents([TOPIC, f"{TOPIC}2"], Aws().fetch).verify(altered, now=NOON)

    def test_a_message_of_two_hours_ago_is_too_old(self):
        sent = NOON.replace(hour=11, minute=58, second=3, microsecond=675000)
        made = signed(message())
        self.reader().verify(made, now=sent + timedelta(hours=2))
        with pytest.raises(BadEvent, match="too old"):
            self.reader().verify(made, now=sent + timedelta(hours=2, seconds=1))

    def test_an_event_happened_when_it_says_and_else_when_it_was_told(self):
        moments = {n: self.event(n).occurred.microsecond for n in ("send", "permanent", "reject")}
        assert moments == {"send": 100_000, "permanent": 396_000, "reject": 675_000}

    def test_a_subscription_of_our_topic_is_confirmed_where_sns_says(self):
        incoming = signed(confirmation())
        self.reader().verify(incoming, now=NOON)
        assert self.reader().read(incoming, now=NOON) == ()
        address = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336"
        assert self.reader().confirmation(incoming) == address

    def test_a_subscription_of_another_topic_is_refused_before_anything_is_visited(self):
        with pytest.raises(BadEvent, match="topic"):
            self.reader().verify(signed(confirmation(TopicArn="arn:aws:sns:x:1:y")), now=NOON)

    def test_nothing_is_confirmed_elsewhere_than_at_aws(self):
        made = confirmation() | {"SubscribeURL": "https://evil.example/"}
        assert self.reader().confirmation(signed(made)) == ""

    def test_a_notification_asks_for_no_confirmation(self):
        url = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription"
        assert self.reader().confirmation(signed(message(SubscribeURL=url))) == ""

    def test_the_greeting_of_sns_is_no_event(self):
        made = signed(message(Message="Successfully validated SNS topic for Amazon SES."))
        self.reader().verify(made, now=NOON)
        assert self.reader().read(made, now=NOON) == ()

    def test_a_wrong_signature_is_answered_as_sns_wants(self):
        assert self.reader().replies.unsigned == 403

    def test_an_array_is_not_what_it_sends(self):
        with pytest.raises(BadEvent):
            self.reader().verify(Incoming({}, b"[]"), now=NOON)

import json
from base64 import b64encode
from functools import cache
from typing import Any, ClassVar

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from delivery.errors import BadEvent
from delivery.events.event import EventKind, Incoming
from delivery.events.sendgrid import SendGridEvents
from tests.conftest import NOON
from tests.delivery.events.contract import (
    BodyContract,
    HeadersContract,
    KeysContract,
    Outcome,
    ReaderContract,
)

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"


@cache
def private_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def shown(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    """A key as SendGrid shows it."""
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(public).decode()


class TestSendGrid(ReaderContract, KeysContract, HeadersContract, BodyContract):
    provider = "sendgrid"
    outcomes: ClassVar[dict[str, Outcome]] = {
        "processed": (EventKind.ACCEPTED, "", ""),
        "delivered": (EventKind.DELIVERED, "2.0.0", ""),
        "deferred": (EventKind.DEFERRED, "4.7.1", ""),
        "bounce": (EventKind.BOUNCED, "5.1.1", ""),
        "bounce_full": (EventKind.SOFT_BOUNCED, "5.2.2", ""),
        "blocked": (EventKind.BLOCKED, "5.1.1", ""),
        "expired": (EventKind.SOFT_BOUNCED, "", ""),
        "dropped_bounced": (EventKind.SUPPRESSED, "5.0.0", "bounced"),
        "dropped_unsubscribed": (EventKind.SUPPRESSED, "", "unsubscribed"),
        "dropped_complained": (EventKind.SUPPRESSED, "", "complained"),
        "dropped_invalid": (EventKind.BOUNCED, "", "invalid address"),
        "dropped_content": (EventKind.BLOCKED, "", "content"),
        "dropped_quota": (EventKind.FAILED, "", "dropped"),
        "spamreport": (EventKind.COMPLAINED, "", ""),
        "unsubscribe": (EventKind.UNSUBSCRIBED, "", ""),
        "group_unsubscribe": (EventKind.UNSUBSCRIBED, "", ""),
        "group_resubscribe": (EventKind.OTHER, "", ""),
        "open": (EventKind.OTHER, "", ""),
        "click": (EventKind.OTHER, "", ""),
    }

    def reader(self, *keys: str) -> SendGridEvents:
        return SendGridEvents([shown(private_key(key)) for key in keys])

    def sign(self, payload: Any, key: str = "new", tail: bytes = b"") -> Incoming:
        body = json.dumps(payload).encode() + tail
        signature = private_key(key).sign(b"1796126290" + body, ec.ECDSA(SHA256()))
        headers = {SIGNATURE: b64encode(signature).decode(), TIMESTAMP: "1796126290"}
        return Incoming(headers, body)

    def one_event(self, payload: Any) -> Any:
        return payload[0]

    def as_unknown(self, payload: Any) -> Any:
        return [payload[0] | {"event": "pondered"}]

    def test_an_altered_timestamp_is_not_believed(self):
        signed = self.sign(self.any_recorded())
        later = Incoming(signed.headers | {TIMESTAMP: "1796126291"}, signed.body)
        with pytest.raises(BadEvent):
            self.reader("new").verify(later, now=NOON)

    def test_several_events_in_an_array_are_each_one(self):
        events = self.reader("new").read(self.sign(self.recorded("several")), now=NOON)
        assert [event.dedupe for event in events] == [f"ZGVsaXZlcmVk-{n}" for n in (1, 2, 18)]
        assert {event.provider_id for event in events} == {"14c5d75ce93"}
        assert {event.batch_id for event in events} == {"b-1"}

    def test_one_event_that_is_not_in_an_array_is_read_all_the_same(self):
        [event] = self.reader("new").read(self.sign(self.recorded("bounce")[0]), now=NOON)
        assert event.kind is EventKind.BOUNCED

    def test_an_empty_array_says_nothing(self):
        assert list(self.reader("new").read(self.sign([]), now=NOON)) == []

    def test_a_bounce_of_no_known_type_gives_nobody_up(self):
        payload = self.recorded("bounce")[0] | {"type": "pondered"}
        [event] = self.reader("new").read(self.sign([payload]), now=NOON)
        assert event.kind is EventKind.SOFT_BOUNCED

    def test_a_key_that_is_none_is_told_at_once(self):
        with pytest.raises(ValueError, match="another kind"):
            SendGridEvents([shown(rsa.generate_private_key(65537, 2048))])
        with pytest.raises(ValueError, match=r"\w"):
            SendGridEvents(["no key"])

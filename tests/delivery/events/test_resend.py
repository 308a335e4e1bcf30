import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from delivery.errors import BadEvent
from delivery.events.event import EventKind, Incoming
from delivery.events.resend import ResendEvents
from tests.conftest import NOON
from tests.delivery.events.contract import (
    BodyContract,
    HeadersContract,
    KeysContract,
    Outcome,
    ReaderContract,
)


def secret(name: str) -> str:
    return "whsec_" + b64encode(f"the secret called {name}".encode()).decode()


class TestResend(ReaderContract, KeysContract, HeadersContract, BodyContract):
    provider = "resend"
    unnamed: ClassVar[set[str]] = {"contact"}
    outcomes: ClassVar[dict[str, Outcome]] = {
        "sent": (EventKind.ACCEPTED, "", ""),
        "sent_tags_in_list": (EventKind.ACCEPTED, "", ""),
        "delivered": (EventKind.DELIVERED, "", ""),
        "delayed": (EventKind.DEFERRED, "", ""),
        "bounced": (EventKind.BOUNCED, "5.1.1", ""),
        "bounced_policy": (EventKind.BLOCKED, "5.7.26", ""),
        "bounced_suppressed": (EventKind.SUPPRESSED, "", ""),
        "bounced_full": (EventKind.SOFT_BOUNCED, "5.2.2", ""),
        "bounced_content": (EventKind.BLOCKED, "", ""),
        "bounced_bare": (EventKind.SOFT_BOUNCED, "", ""),
        "suppressed": (EventKind.SUPPRESSED, "", "complained"),
        "complained": (EventKind.COMPLAINED, "", ""),
        "failed": (EventKind.FAILED, "", ""),
        "opened": (EventKind.OTHER, "", ""),
        "clicked": (EventKind.OTHER, "", ""),
        "contact": (EventKind.OTHER, "", ""),
    }

    def reader(self, *keys: str) -> ResendEvents:
        return ResendEvents([secret(key) for key in keys])

    def sign(self, payload: Any, key: str = "new", tail: bytes = b"") -> Incoming:
        body = json.dumps(payload).encode() + tail
        name = "msg_" + hashlib.sha256(body).hexdigest()[:24]
        sent = str(int(NOON.timestamp()))
        signature = self.signature(f"{name}.{sent}.".encode() + body, key)
        return Incoming(
            {"svix-id": name, "svix-timestamp": sent, "svix-signature": f"v1,{signature}"}, body
        )

    def signature(self, signed: bytes, key: str) -> str:
        made = hmac.digest(b64decode(secret(key).removeprefix("whsec_")), signed, hashlib.sha256)
        return b64encode(made).decode()

    def as_unknown(self, payload: Any) -> Any:
        return payload | {"type": "email.pondered"}

    def with_headers(self, **headers: str) -> Incoming:
        signed = self.sign(self.any_recorded())
        changed = {f"svix-{name}": value for name, value in headers.items()}
        return Incoming(signed.headers | changed, signed.body)

    def test_a_vector_of_the_specification(self):
        # From the "Standard Webhooks" specification, signed there.
        incoming = Incoming(
            {
                "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
                "webhook-timestamp": "1614265330",
                "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            },
            b'{"test": 2432232314}',
        )
        then = NOON.fromtimestamp(1614265330, NOON.tzinfo)
        ResendEvents(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]).verify(incoming, now=then)

    @pytest.mark.parametrize("field", ["id", "timestamp"])
    def test_an_altered_name_or_timestamp_is_not_believed(self, field):
        value = self.sign(self.any_recorded()).headers[f"svix-{field}"]
        changed = value[:-1] + ("1" if value[-1] != "1" else "2")
        with pytest.raises(BadEvent, match="not signed"):
            self.reader("new").verify(self.with_headers(**{field: changed}), now=NOON)

    @pytest.mark.parametrize("minutes", [-5, 5])
    def test_five_minutes_are_fresh(self, minutes):
        at = NOON + timedelta(minutes=minutes)
        self.reader("new").verify(self.sign(self.any_recorded()), now=at)

    @pytest.mark.parametrize("seconds", [-301, 301])
    def test_more_than_five_minutes_either_way_are_not(self, seconds):
        at = NOON + timedelta(seconds=seconds)
        with pytest.raises(BadEvent, match="too old or too new"):
            self.reader("new").verify(self.sign(self.any_recorded()), now=at)

    @pytest.mark.parametrize("timestamp", ["", "noon", "9" * 30, "1e9", "nan"])
    def test_a_timestamp_that_is_none_is_not_believed(self, timestamp):
        with pytest.raises(BadEvent, match="too old or too new"):
            self.reader("new").verify(self.with_headers(timestamp=timestamp), now=NOON)

    def test_one_right_signature_among_several_is_enough(self):
        right = self.sign(self.any_recorded()).headers["svix-signature"]
        several = f"v1a,{right[3:]} v1,AAAA nonsense v1 , {right}"
        self.reader("new").verify(self.with_headers(signature=several), now=NOON)

    def test_a_signature_of_another_version_is_none(self):
        right = self.sign(self.any_recorded()).headers["svix-signature"]
        with pytest.raises(BadEvent):
            self.reader("new").verify(self.with_headers(signature=f"v2,{right[3:]}"), now=NOON)

    def test_an_array_is_not_what_it_sends(self):
        with pytest.raises(BadEvent):
            self.reader("new").read(self.sign([self.any_recorded()]), now=NOON)

    def test_a_secret_that_is_none_is_told_at_once(self):
        with pytest.raises(ValueError, match=r"\w"):
            ResendEvents(["whsec_no secret"])

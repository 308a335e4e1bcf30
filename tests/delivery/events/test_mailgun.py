import hashlib
import hmac
import json
from copy import deepcopy
from typing import Any, ClassVar

import pytest

from delivery.errors import BadEvent
from delivery.events import store
from delivery.events.event import EventKind, Incoming
from delivery.events.mailgun import MailgunEvents
from tests.conftest import NOON
from tests.delivery.events.contract import KeysContract, Outcome, ReaderContract


class TestMailgun(ReaderContract, KeysContract):
    provider = "mailgun"
    outcomes: ClassVar[dict[str, Outcome]] = {
        "accepted": (EventKind.ACCEPTED, "", ""),
        "delivered": (EventKind.DELIVERED, "", ""),
        "delivered_null_status": (EventKind.DELIVERED, "", ""),
        "permanent": (EventKind.BOUNCED, "5.1.1", ""),
        "permanent_enhanced": (EventKind.BOUNCED, "5.1.1", ""),
        "permanent_full": (EventKind.SOFT_BOUNCED, "5.2.2", ""),
        "permanent_policy": (EventKind.BLOCKED, "5.7.26", ""),
        "espblock": (EventKind.BLOCKED, "", ""),
        "old": (EventKind.SOFT_BOUNCED, "", ""),
        "temporary": (EventKind.DEFERRED, "4.2.0", ""),
        "suppress_bounce": (EventKind.SUPPRESSED, "", "bounced"),
        "suppress_complaint": (EventKind.SUPPRESSED, "", "complained"),
        "suppress_unsubscribe": (EventKind.SUPPRESSED, "", "unsubscribed"),
        "rejected": (EventKind.FAILED, "", ""),
        "complained": (EventKind.COMPLAINED, "", ""),
        "unsubscribed": (EventKind.UNSUBSCRIBED, "", ""),
        "opened": (EventKind.OTHER, "", ""),
        "clicked": (EventKind.OTHER, "", ""),
    }

    def reader(self, *keys: str) -> MailgunEvents:
        return MailgunEvents([f"signing-{key}" for key in keys])

    def sign(self, payload: Any, key: str = "new", tail: bytes = b"") -> Incoming:
        payload = deepcopy(payload)
        given = payload.get("signature") if isinstance(payload, dict) else None
        if isinstance(given, dict):
            signed = f"{given.get('timestamp') or ''}{given.get('token') or ''}".encode(
                "utf-8", "replace"
            )
            made = hmac.new(f"signing-{key}".encode(), signed, hashlib.sha256)
            given["signature"] = made.hexdigest()
        return Incoming({}, json.dumps(payload).encode() + tail)

    def one_event(self, payload: Any) -> Any:
        return payload["event-data"]

    def as_unknown(self, payload: Any) -> Any:
        return payload | {"event-data": payload["event-data"] | {"event": "pondered"}}

    @pytest.mark.parametrize("field", ["timestamp", "token"])
    def test_an_altered_timestamp_or_token_is_not_believed(self, field):
        payload = json.loads(self.sign(self.any_recorded()).body)
        payload["signature"][field] += "1"
        with pytest.raises(BadEvent):
            self.reader("new").verify(Incoming({}, json.dumps(payload).encode()), now=NOON)

    def test_another_body_under_a_signature_seen_before_is_thrown_away(self, db):
        reader = self.reader("new")
        true = self.sign(self.recorded("delivered"))
        forged = Incoming({}, true.body.replace(b'"delivered"', b'"complained"'))
        reader.verify(forged, now=NOON)  # Mailgun's signature does not cover the body
        with db.atomic():
            assert store.keep(db, "mailgun", reader.read(true, now=NOON), now=NOON) == 1
            assert store.keep(db, "mailgun", reader.read(forged, now=NOON), now=NOON) == 0
        assert [event.kind for event in store.take(db, 9, now=NOON)] == [EventKind.DELIVERED]

    def test_an_array_is_not_what_it_sends(self):
        with pytest.raises(BadEvent):
            self.reader("new").verify(self.sign([self.any_recorded()]), now=NOON)
        with pytest.raises(BadEvent):
            self.reader("new").read(self.sign([self.any_recorded()]), now=NOON)

    def test_the_code_of_its_own_list_is_enough(self):
        payload = self.recorded("suppress_complaint")
        payload["event-data"]["reason"] = "something new"
        [event] = self.reader("new").read(self.sign(payload), now=NOON)
        assert (event.kind, event.detail) == (EventKind.SUPPRESSED, "complained")

    def test_a_failure_of_no_known_severity_gives_nobody_up(self):
        payload = self.recorded("permanent")
        payload["event-data"]["severity"] = "pondered"
        [event] = self.reader("new").read(self.sign(payload), now=NOON)
        assert event.kind is EventKind.SOFT_BOUNCED

    def test_a_wrong_signature_is_answered_so_that_it_stops(self):
        assert self.reader("new").replies.unsigned == 406

    def test_it_names_the_batch(self):
        assert self.event("accepted").batch_id == "b-1"

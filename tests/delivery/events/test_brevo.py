import json
from typing import Any, ClassVar

from delivery.events.brevo import BrevoEvents
from delivery.events.event import EventKind, Incoming
from tests.conftest import NOON
from tests.delivery.events.contract import (
    THEN,
    HeadersContract,
    KeysContract,
    Outcome,
    ReaderContract,
)


class TestBrevo(ReaderContract, KeysContract, HeadersContract):
    provider = "brevo"
    outcomes: ClassVar[dict[str, Outcome]] = {
        "request": (EventKind.ACCEPTED, "", ""),
        "delivered": (EventKind.DELIVERED, "", ""),
        "deferred": (EventKind.DEFERRED, "4.7.1", ""),
        "soft_bounce": (EventKind.SOFT_BOUNCED, "", ""),
        "hard_bounce": (EventKind.BOUNCED, "5.5.0", ""),
        "hard_bounce_full": (EventKind.SOFT_BOUNCED, "5.2.2", ""),
        "hard_bounce_policy": (EventKind.BLOCKED, "5.7.515", ""),
        "invalid_email": (EventKind.BOUNCED, "", ""),
        "blocked": (EventKind.SUPPRESSED, "", ""),
        "error": (EventKind.FAILED, "", ""),
        "spam": (EventKind.COMPLAINED, "", ""),
        "complaint": (EventKind.COMPLAINED, "", ""),
        "unsubscribed": (EventKind.UNSUBSCRIBED, "", ""),
        "unsubscribe": (EventKind.UNSUBSCRIBED, "", ""),
        "opened": (EventKind.OTHER, "", ""),
        "click": (EventKind.OTHER, "", ""),
    }

    def reader(self, *keys: str) -> BrevoEvents:
        return BrevoEvents([f"token-{key}" for key in keys])

    def sign(self, payload: Any, key: str = "new", tail: bytes = b"") -> Incoming:
        return Incoming(
            {"Authorization": f"Bearer token-{key}"}, json.dumps(payload).encode() + tail
        )

    def as_unknown(self, payload: Any) -> Any:
        return payload | {"event": "pondered"}

    def test_a_basic_password_does_as_well(self):
        incoming = Incoming({"authorization": "Basic aG9vazpzZWNyZXQ="}, b"{}")
        BrevoEvents(["hook:secret"]).verify(incoming, now=NOON)

    def test_without_a_password_the_secret_path_is_the_lock(self):
        BrevoEvents().verify(self.unsigned({}), now=NOON)

    def test_an_array_of_events_is_read_one_by_one(self):
        both = [self.recorded("request"), self.recorded("delivered")]
        events = self.reader("new").read(self.sign(both), now=NOON)
        assert [event.kind for event in events] == [EventKind.ACCEPTED, EventKind.DELIVERED]

    def test_only_its_utc_clock_is_read(self):
        moved = self.recorded("request") | {"ts": 1, "ts_event": 2, "date": "1999-01-01 00:00:00"}
        [event] = self.reader("new").read(self.sign(moved), now=NOON)
        assert event.occurred == THEN

    def test_what_cannot_be_stored_is_answered_so_that_it_comes_again(self):
        assert self.reader("new").replies.not_stored == 429  # after a 500 it never would

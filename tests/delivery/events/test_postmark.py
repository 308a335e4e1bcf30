import json
from base64 import b64encode
from typing import Any, ClassVar

import pytest

from delivery.errors import BadEvent
from delivery.events.event import EventKind, Incoming
from delivery.events.postmark import PostmarkEvents
from tests.conftest import NOON
from tests.delivery.events.contract import (
    HeadersContract,
    KeysContract,
    Outcome,
    ReaderContract,
)


class TestPostmark(ReaderContract, KeysContract, HeadersContract):
    provider = "postmark"
    outcomes: ClassVar[dict[str, Outcome]] = {
        "delivery": (EventKind.DELIVERED, "2.0.0", ""),
        "hard_bounce": (EventKind.BOUNCED, "5.1.1", ""),
        "hard_bounce_full": (EventKind.SOFT_BOUNCED, "5.2.2", ""),
        "soft_bounce": (EventKind.SOFT_BOUNCED, "4.2.2", ""),
        "transient": (EventKind.SOFT_BOUNCED, "4.3.0", ""),
        "blocked": (EventKind.BLOCKED, "5.7.1", ""),
        "spam_notification": (EventKind.BLOCKED, "", ""),
        "auto_responder": (EventKind.OTHER, "", ""),
        "template_failed": (EventKind.FAILED, "", ""),
        "deactivated": (EventKind.SUPPRESSED, "", ""),
        "unsubscribe_reply": (EventKind.UNSUBSCRIBED, "", ""),
        "spam_complaint": (EventKind.COMPLAINED, "", ""),
        "unsubscribed": (EventKind.UNSUBSCRIBED, "", ""),
        "suppressed_bounce": (EventKind.SUPPRESSED, "", ""),
        "suppressed_complaint": (EventKind.COMPLAINED, "", ""),
        "resubscribed": (EventKind.OTHER, "", ""),
        "open": (EventKind.OTHER, "", ""),
    }

    def reader(self, *keys: str) -> PostmarkEvents:
        return PostmarkEvents([f"hook:{key}" for key in keys])

    def sign(self, payload: Any, key: str = "new", tail: bytes = b"") -> Incoming:
        basic = "Basic " + b64encode(f"hook:{key}".encode()).decode()
        return Incoming({"authorization": basic}, json.dumps(payload).encode() + tail)

    def as_unknown(self, payload: Any) -> Any:
        return payload | {"RecordType": "Pondered"}

    def test_without_a_password_the_secret_path_is_the_lock(self):
        PostmarkEvents().verify(self.unsigned({}), now=NOON)

    def test_a_password_may_have_any_characters(self):
        basic = "basic " + b64encode("höok:päss:wörd".encode()).decode()
        PostmarkEvents(["höok:päss:wörd"]).verify(Incoming({"Authorization": basic}, b""), now=NOON)

    def test_a_hard_bounce_that_it_goes_on_writing_to_is_a_soft_one(self):
        payload = self.recorded("hard_bounce") | {"Inactive": False}
        [event] = self.reader("new").read(self.sign(payload), now=NOON)
        assert event.kind is EventKind.SOFT_BOUNCED

    def test_a_block_after_which_it_writes_no_more_is_a_bounce_unless_its_code_says_else(self):
        for details, kind in [("554 refused", "bounced"), ("550 5.7.1 refused", "blocked")]:
            payload = self.recorded("blocked") | {"Inactive": True, "Details": details}
            [event] = self.reader("new").read(self.sign(payload), now=NOON)
            assert event.kind == kind

    def test_several_events_in_an_array_are_read_one_by_one(self):
        several = [self.recorded("delivery"), self.recorded("open")]
        events = self.reader("new").read(self.sign(several), now=NOON)
        assert [event.kind for event in events] == [EventKind.DELIVERED, EventKind.OTHER]
        assert [event.batch_id for event in events] == ["b-1", "b-1"]

    def test_a_wrong_password_is_answered_so_that_it_tries_again(self):
        assert PostmarkEvents().replies.unsigned == 401  # after a 403 it never would
        with pytest.raises(BadEvent, match="wrong password"):
            self.reader("new").verify(self.sign({}, "old"), now=NOON)

"""Fakes for the network's edge, specific enough to catch a wrong count."""

import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from delivery.errors import AccountHalted
from delivery.mailing import Batch, send_key
from delivery.message import Answer, FormLetter, Handover, Message, Payload, Receipt
from delivery.providers.base import Barred, Limits
from delivery.timing import Clock
from delivery.writing import Readers

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)

# Programs that follow every link of a letter, as they call themselves; one says nothing.
SCANNERS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) SafeLinks",
    "Mozilla/5.0 (compatible; Microsoft Defender for Office 365)",
    "Mozilla/5.0 (Macintosh) Mimecast/URL-Protect",
    "Barracuda Sentinel (EE)",
    "Proofpoint-URL-Defense/1.0",
    "Mozilla/5.0 (compatible; Google-Safety; +http://www.google.com/bot.html)",
    "GoogleImageProxy via ggpht.com",
    "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
    "Symantec-EmailSecurity.cloud",
    "TrendMicro InterScan 9.1",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "facebookexternalhit/1.1",
    "WhatsApp/2.23",
    "python-requests/2.34",
    "",
]

LETTER = FormLetter(
    subject="Reconnect: hips",
    sender_name="The clinic",
    sender_address="hello@clinic.example",
    reply_to="",
    list_name="The clinic",
    list_id="newsletter.clinic.example",
    html=("<p>Hello ", "first_name", '</p><a href="https://n.example/u/', "exit", '">Leave</a>'),
    text=("Hello ", "first_name", "\nhttps://n.example/u/", "exit", "\n"),
    exit_url=("https://n.example/u/", "exit", ""),
    feedback_id="digest-2026-11:clinic.example:digest:mill",
)


class FakeProvider:
    """Remembers what it took. `behave` is called at each hand-over, before or after taking it."""

    name = "fake"
    account = "one"

    def __init__(self, *, size: int = 2, can_search: bool = True) -> None:
        self.limits = Limits(
            letters=size,
            bytes=10**9,
            absent_after=timedelta(minutes=10) if can_search else None,
        )
        self.taken: Counter[str] = Counter()
        self.by_batch: dict[str, list[str]] = {}
        self.subjects: dict[str, str] = {}
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        self.refuses: set[str] = set()
        self.not_now: set[str] = set()
        self.closed = 0
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.can_search = can_search

    def begin(self, key: str, letters: Mapping[str, FormLetter]) -> None:
        self.begun.append(key)

    def encode(
        self, batch_id: str, letter: FormLetter, messages: Sequence[Message], *, now: datetime
    ) -> Payload:
        self.subjects |= {message.send_key: letter.subject for message in messages}
        body = " ".join([batch_id, letter.subject, *(m.send_key for m in messages)])
        return Payload(batch_id, tuple(messages), (body.encode(),))

    def submit(self, payload: Payload) -> Handover:
        self.before()
        receipts = tuple(self._take(message) for message in payload.messages)
        self.by_batch[payload.batch_id] = [
            r.send_key for r in receipts if r.answer is Answer.SUBMITTED
        ]
        self.after()
        halted = any(receipt.answer is Answer.NOT_NOW for receipt in receipts)
        return Handover(receipts, AccountHalted("out of credits") if halted else None)

    def _take(self, message: Message) -> Receipt:
        if message.address in self.refuses:
            return Receipt(message.send_key, Answer.REFUSED, reason="invalid address")
        if message.address in self.not_now:
            return Receipt(message.send_key, Answer.NOT_NOW)
        self.taken[message.send_key] += 1
        return Receipt(message.send_key, Answer.SUBMITTED, provider_id=f"id-{message.send_key}")

    def reconcile(self, batch: Batch, *, now: datetime) -> dict[str, Receipt]:
        if not self.can_search:
            return {}
        keys = self.by_batch.get(batch.id, [])
        return {key: Receipt(key, Answer.SUBMITTED, provider_id=f"id-{key}") for key in keys}

    def barred(self, since: datetime | None) -> Iterator[Barred]:
        return iter(())

    def end(self, key: str, letters: Mapping[str, FormLetter]) -> None:
        self.ended.append(key)

    def close(self) -> None:
        self.closed += 1

    def readers(self, mailing_key: str, *names: str) -> list[str]:
        return [send_key(mailing_key, name) for name in names]


class Time:
    """A clock that moves only when it is told to, or slept on."""

    def __init__(self) -> None:
        self.moment = NOON
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)

    def clock(self) -> Clock:
        return Clock(now=lambda: self.moment, sleep=self.sleep)


def all_stay() -> Readers:
    return Readers(
        gone=lambda ids: {},
        values=lambda d: {"first_name": d.name or "there", "exit": f"t-{d.subscriber_id}"},
    )


def kill_this_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def postmark_answer(body: bytes) -> bytes:
    """What Postmark answers when it takes every message of a batch."""
    return json.dumps(
        [
            {
                "ErrorCode": 0,
                "Message": "OK",
                "MessageID": f"pm-{number}",
                "To": message["To"],
                "SubmittedAt": "2026-12-01T12:00:00Z",
            }
            for number, message in enumerate(json.loads(body))
        ]
    ).encode()

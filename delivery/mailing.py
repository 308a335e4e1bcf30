"""Mailings, deliveries and batches: their states, and what they add up to. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from delivery.message import FormLetter


class MailingState(StrEnum):
    """Where the sending of an edition is."""

    SENDING = "sending"
    PAUSED = "paused"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class DeliveryState(StrEnum):
    """Where one letter to one person is; `docs/lives.md` draws it."""

    PENDING = "pending"
    CLAIMED = "claimed"
    SUBMITTED = "submitted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class BatchState(StrEnum):
    """What is known of one hand-over. The order is the order of a batch's life."""

    PREPARED = "prepared"  # on disk; nothing has left this machine
    IN_FLIGHT = "in_flight"  # written down before the socket is used; no answer yet
    ANSWERED = "answered"
    RELEASED = "released"  # certainly not taken; its deliveries are pending again
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Owed:
    """One person of an audience, and which variant of the letter is theirs.

    `skip` says why they get no letter, or is empty.
    """

    subscriber_id: str
    address: str
    name: str
    skip: str = ""
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Mailing:
    """The sending of one edition to one frozen audience; `letters` are by variant."""

    key: str
    state: MailingState
    reason: str
    provider: str
    letters: Mapping[str, FormLetter]
    content_hash: str
    audience_hash: str
    frozen: datetime
    closed: datetime | None
    taken_up: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One letter owed to one subscriber."""

    id: int
    subscriber_id: str
    address: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What became of one mailing for one person; `at` is when it was handed over, or frozen.

    `heard` is the gravest event that came of it, or ''.
    """

    key: str
    state: DeliveryState
    reason: str
    variant: str
    at: datetime
    heard: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Deliveries handed over in one call, all of one variant.

    `attempts` is how often its readers were refused for now. `body_hash` is that of the bytes that
    were handed over; `body` are they, where the provider is to be given them again. `doubted`:
    another copy of the database may have handed these letters over, in this batch or in another.
    """

    id: str
    mailing_key: str
    account: str
    state: BatchState
    posted: datetime | None
    deliveries: tuple[Delivery, ...]
    variant: str = ""
    attempts: int = 0
    body_hash: str = ""
    body: bytes = b""
    doubted: bool = False

    @property
    def send_keys(self) -> list[str]:
        """The names of its deliveries at the provider, in their order."""
        return [send_key(self.mailing_key, d.subscriber_id) for d in self.deliveries]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many letters of a mailing are in each state, and why those were not sent."""

    states: Mapping[DeliveryState, int]
    reasons: Mapping[tuple[DeliveryState, str], int]

    def count(self, *states: DeliveryState) -> int:
        """How many are in any of these states."""
        return sum(self.states.get(state, 0) for state in states)

    @property
    def open(self) -> int:
        """How many are not settled: they may still be sent, or nobody knows."""
        return self.count(DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.UNKNOWN)


def send_key(mailing_key: str, subscriber_id: str) -> str:
    """The name of one delivery at the provider: unique for ever, and it names nobody."""
    return f"{mailing_key}.{subscriber_id}"


class AudienceHash:
    """What an approval of an audience stands for: who gets a letter, and where, in their order."""

    def __init__(self) -> None:
        self._state = hashlib.sha256()

    def add(self, subscriber_id: str, address: str) -> None:
        """One more."""
        self._state.update(f"{subscriber_id} {address}\n".encode())

    @property
    def value(self) -> str:
        """Of everybody so far."""
        return self._state.hexdigest()[:16]

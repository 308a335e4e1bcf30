"""What a provider tells us of one message after it took it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class EventKind(StrEnum):
    """What happened, from the gravest down: of two that came, the graver one stands.

    BLOCKED is a refusal for the sender's sake (policy, reputation): it says nothing of the reader.
    SUPPRESSED: the provider had the address on its own list and sent nothing.
    """

    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"  # for good: no such mailbox
    SUPPRESSED = "suppressed"
    SOFT_BOUNCED = "soft bounced"
    BLOCKED = "blocked"
    FAILED = "failed"  # the provider could not make the message
    DELIVERED = "delivered"
    DEFERRED = "deferred"
    ACCEPTED = "accepted"
    OTHER = "other"  # stored, and otherwise passed over: opens, clicks, what is new

    def outweighs(self, other: str) -> bool:
        """Whether this one stands when both were heard; `other` is '' for nothing yet."""
        ranks = list(EventKind)
        return not other or ranks.index(self) < ranks.index(EventKind(other))


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event. `dedupe` is the provider's name for it; `send_key` and `provider_id` say of what.

    `code` is the enhanced status code (RFC 3463) where there is one, `detail` a word of ours.
    """

    dedupe: str
    kind: EventKind
    occurred: datetime
    send_key: str = ""
    provider_id: str = ""
    recipient: str = ""
    code: str = ""
    detail: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it came to our webhook; names of headers are in lower case."""

    headers: Mapping[str, str]
    body: bytes


class EventReader(Protocol):
    """Reads one provider's webhook."""

    name: str

    def verify(self, incoming: Incoming, *, now: datetime) -> None:
        """Check that the provider sent it.

        Raises:
            BadEvent: it is not signed, or not with one of our keys, or too old.
        """

    def read(self, incoming: Incoming, *, now: datetime) -> Sequence[Event]:
        """Read its events; what is not known by name is OTHER.

        Raises:
            BadEvent: it is not what the provider sends.
        """

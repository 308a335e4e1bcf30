"""What a provider tells us of one message after it took it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class EventKind(StrEnum):
    """What happened, from the gravest down: of two that came, the graver one stands.

    BLOCKED is a refusal for the sender's or the letter's sake (policy, reputation, size): it says
    nothing of the reader. SUPPRESSED: the provider had the address on its own list and sent
    nothing.
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
    """One event. `dedupe` is a name for it that names nobody; a second one of it is the same.

    `send_key` says which delivery it is about, `batch_id` in which hand-over, `provider_id` is the
    provider's name for the message; '' where it does not say. `code` is the enhanced status code
    (RFC 3463) where there is one, `detail` a word of ours. `raw` is this one event's JSON.
    """

    dedupe: str
    kind: EventKind
    occurred: datetime
    send_key: str = ""
    batch_id: str = ""
    provider_id: str = ""
    recipient: str = ""
    code: str = ""
    detail: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it came to our webhook: the body to the byte."""

    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """The value of a header, or ''; names are compared without their case (RFC 9110, 5.1)."""
        wanted = name.lower()
        return next((v for given, v in self.headers.items() if given.lower() == wanted), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replies:
    """The HTTP status that makes a provider do what we want next.

    `unsigned` for BadEvent of `verify`, `unread` for BadEvent of `read`. `not_stored` makes it come
    again: the database is busy, or a certificate could not be fetched.
    """

    stored: int = 200
    not_stored: int = 500
    unsigned: int = 401
    unread: int = 400


class EventReader(Protocol):
    """Reads one provider's webhook: first `verify`, then `confirmation` and `read`."""

    name: str
    replies: Replies = Replies()

    def verify(self, incoming: Incoming, *, now: datetime) -> None:
        """Check that the provider sent it.

        Raises:
            BadEvent: it is not signed, or not with one of our keys, or too old.
            ProviderUnavailable: what it takes to check it cannot be had now.
        """

    def read(self, incoming: Incoming, *, now: datetime) -> Sequence[Event]:
        """Read its events; what is not known by name is OTHER.

        `now` stands in where an event does not say when it happened.

        Raises:
            BadEvent: it is not what the provider sends.
        """

    def confirmation(self, incoming: Incoming) -> str:
        """The address to visit, once, before the provider sends events; '' when it asks nothing."""
        return ""

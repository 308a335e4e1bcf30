"""When somebody's address is given up because letters to it come back. Pure.

A provider that says "for good" is believed at once, but for two codes that have been seen to pass.
What only comes back for now is counted, and a letter that arrives ends the count.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from delivery.events.event import EventKind

_SOFT_BOUNCES = 5
_MAILINGS = 3
_SPAN = timedelta(days=14)
# Bad domain, mailbox disabled (RFC 3463, 3.2 and 3.3): a mistake in DNS, a bill paid late.
_DOUBTFUL = ("5.1.2", "5.2.1")
_DOUBT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PastEvent:
    """One event of somebody's letters; one that came twice counts once."""

    mailing_key: str
    kind: EventKind
    occurred: datetime
    code: str = ""


def is_for_good(kind: EventKind, code: str) -> bool:
    """Whether this bounce alone is enough."""
    return kind is EventKind.BOUNCED and code not in _DOUBTFUL


def is_given_up(history: Iterable[PastEvent]) -> bool:
    """Whether the bounces since the last letter that arrived are enough together."""
    past = set(history)
    arrived = [event.occurred for event in past if event.kind is EventKind.DELIVERED]
    since = [event for event in past if not arrived or event.occurred > max(arrived)]
    soft = [event for event in since if event.kind is EventKind.SOFT_BOUNCED]
    doubtful = [event for event in since if event.kind is EventKind.BOUNCED]
    return _are_many(soft) or _span(doubtful) >= _DOUBT


def _are_many(soft: list[PastEvent]) -> bool:
    mailings = {event.mailing_key for event in soft}
    return len(soft) >= _SOFT_BOUNCES and len(mailings) >= _MAILINGS and _span(soft) >= _SPAN


def _span(events: list[PastEvent]) -> timedelta:
    moments = [event.occurred for event in events]
    return max(moments) - min(moments) if moments else timedelta()

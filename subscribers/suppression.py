"""A bar on an address, whatever its owner agreed to. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Reason(StrEnum):
    """Why an address is barred; only the first can be taken back by the reader."""

    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    BLOCKED = "blocked"  # by the author


@dataclass(frozen=True, slots=True)
class Suppression:
    """One bar on an address; `evidence` says what showed it."""

    reason: Reason
    evidence: str
    since: datetime

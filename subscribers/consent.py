"""Decide whether we may write to someone. No database, no clock, no network."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Where a subscriber stands."""

    PENDING = "pending"
    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"


class Ruling(StrEnum):
    """May we write? Everything but the first is a reason not to."""

    MAY_SEND = "may send"
    SUPPRESSED = "suppressed"
    UNSUBSCRIBED = "unsubscribed"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class Standing:
    """What we know of one subscriber at one moment."""

    status: Status
    suppressed: bool = False


def rule(standing: Standing) -> Ruling:
    """Give the first reason not to write, or `MAY_SEND` when there is none.

    Suppression outranks consent: it belongs to the address, and neither a new sign-up nor an
    import undoes it.
    """
    if standing.suppressed:
        return Ruling.SUPPRESSED
    if standing.status is Status.UNSUBSCRIBED:
        return Ruling.UNSUBSCRIBED
    if standing.status is Status.PENDING:
        return Ruling.UNCONFIRMED
    return Ruling.MAY_SEND

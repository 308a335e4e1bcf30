"""What proves a consent, and whether we may write to someone. No database, no clock, no network."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Status(StrEnum):
    """Where a subscriber stands."""

    PENDING = "pending"
    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"


class Action(StrEnum):
    """What happened to somebody's consent."""

    REQUESTED = "requested"  # somebody asked by a form; whether it was the reader is not known
    IMPORTED = "imported"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"


class Basis(StrEnum):
    """What allows us to write (GDPR Art. 6, ePrivacy Art. 13, CASL s. 10)."""

    EXPRESS = "express"
    IMPLIED = "implied"
    SOFT_OPT_IN = "soft opt-in"
    LEGITIMATE = "legitimate"


class Actor(StrEnum):
    """Who made it happen."""

    READER = "reader"
    AUTHOR = "author"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One thing that happened to a consent, with what proves it; never changed afterwards.

    `wording` is the hash of the words that were agreed to, `request` the request that was
    confirmed, `evidence` where more can be found, such as a line of a file. `ip` and `agent` are
    the browser's.
    """

    action: Action
    at: datetime
    source: str
    actor: Actor = Actor.READER
    basis: Basis = Basis.EXPRESS
    basis_expires: date | None = None
    wording: str | None = None
    language: str = ""
    ip: str = ""
    agent: str = ""
    request: str = ""
    evidence: str = ""


class Ruling(StrEnum):
    """May we write? Everything but the first is a reason not to."""

    MAY_SEND = "may send"
    SUPPRESSED = "suppressed"
    UNSUBSCRIBED = "unsubscribed"
    UNCONFIRMED = "unconfirmed"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Standing:
    """What we know of one subscriber at one moment.

    `paused_until` is the first day, in the newsletter's zone, on which letters come again.
    """

    status: Status
    suppressed: bool = False
    paused_until: date | None = None


def rule(standing: Standing, today: date) -> Ruling:
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
    if standing.paused_until and today < standing.paused_until:
        return Ruling.PAUSED
    return Ruling.MAY_SEND

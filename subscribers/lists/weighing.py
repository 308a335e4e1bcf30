"""What a row means for the list as it stands: the rule by which nobody is brought back. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from subscribers.consent import Status


class Verdict(StrEnum):
    """What becomes of a row; every row of a file has one."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SUPPRESSED = "suppressed"
    ERASED = "erased"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a row says of somebody. `tags` is None where the file has no such column."""

    name: str
    tags: frozenset[str] | None
    status: Status
    bars: frozenset[str]


@dataclass(frozen=True, slots=True)
class Known:
    """What the list says of an address: the person, if there is one, and what bars it."""

    name: str = ""
    tags: frozenset[str] = frozenset()
    status: Status | None = None  # None: not on the list
    bars: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Weighed:
    """A verdict with its reason, and the person as they are afterwards."""

    verdict: Verdict
    reason: str = ""
    name: str = ""
    tags: frozenset[str] = frozenset()
    status: Status = Status.PENDING


def weigh(row: Claim, known: Known) -> Weighed:
    """Decide on a row whose address the list knows something of.

    Who is barred and who left are not brought back, whatever a row says. A confirmation that we
    saw ourselves outranks an older list's "pending". Language, pauses and the like are the
    reader's own, and stay.
    """
    if known.bars or known.status is Status.UNSUBSCRIBED:
        return Weighed(Verdict.SUPPRESSED, ", ".join(sorted(known.bars)) or "unsubscribed")
    after = Weighed(
        Verdict.ADDED if known.status is None else Verdict.UPDATED,
        name=row.name or known.name,
        tags=known.tags if row.tags is None else row.tags,
        status=_status(row, known.status),
    )
    same = (after.name, after.tags, after.status) == (known.name, known.tags, known.status)
    return Weighed(Verdict.UNCHANGED) if same and not row.bars else after


def _status(row: Claim, was: Status | None) -> Status:
    """What a row makes of a status; that an address bounced says nothing of a consent."""
    bounced = bool(row.bars) and row.status is Status.ACTIVE
    if was and (bounced or row.status is Status.PENDING):
        return was
    return row.status

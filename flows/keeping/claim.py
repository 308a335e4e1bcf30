"""The step that makes a copy of the database the one that sends."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import content.doubt_store
import content.store
from content.choice import digest_key
from content.period import Period
from delivery import doubt_ledger
from delivery.fence import Witness
from delivery.fence_store import claim_instance, get_instance
from delivery.pull_store import pull_as_a_whole
from flows.database import writing
from flows.keeping.fence import known_to, knows_all, settle_in, why_not
from flows.keeping.witness import witness_lock, write_witness
from flows.resources import Resources

MAYBE_SENT = "it may have been sent by the copy that was used before; look, and say yes"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a copy: `why` it may not send, or '', and up to when it `knows`,
    in the newsletter's own zone.

    `whole` where nothing can have been sent that it does not know.
    """

    why: str
    knows: datetime
    whole: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a claim held back: letters and notes in doubt, and the editions that wait for a yes.

    `since` is when the copy was made, None where nothing is held back.
    """

    since: datetime | None = None
    letters: int = 0
    notes: int = 0
    editions: Sequence[str] = ()


def look(resources: Resources) -> Seen:
    """Say whether this copy of the database may send, and what it can know."""
    settle_in(resources)
    instance = get_instance(resources.db)
    knows = known_to(resources).astimezone(resources.zone)
    return Seen(why_not(resources), knows, knows_all(resources, instance))


def claim(resources: Resources, latest: bool) -> Claimed:
    """Let this copy send. What another may have sent since it was made is not sent by itself.

    With `latest` a person says that there was no other. Of two claims at once one does it. A death
    at any moment leaves the copy as it was, or claimed.
    """
    settle_in(resources)
    with witness_lock(resources.locks):
        seen = look(resources)
        if not seen.why:
            return Claimed()
        return _claim(resources, since=None if latest or seen.whole else seen.knows)


def _claim(resources: Resources, since: datetime | None) -> Claimed:
    db, name, now = resources.db, secrets.token_hex(8), resources.clock.now()
    # Before the commit: should we die in between, it only must be claimed once more.
    write_witness(resources.locks, Witness(name, 0), durably=True)
    with writing(db):
        claim_instance(db, name, resources.place, doubted=since, now=now)
        pull_as_a_whole(db)
        return _doubt(resources, since, now) if since else Claimed()


def _doubt(resources: Resources, since: datetime, now: datetime) -> Claimed:
    """Hold back what may have been sent since a moment, within the caller's transaction."""
    db = resources.db
    begun = doubt_ledger.mailings_begun(db)
    for key in begun:
        content.store.begin_mailing(db, key)
    editions = content.doubt_store.doubt_unsent(db, MAYBE_SENT, begun=begun)
    months = (digest_key(period) for period in _months(resources, since, now))
    return Claimed(
        since=since,
        letters=doubt_ledger.doubt_letters(db, now=now),
        notes=doubt_ledger.withhold_notes(db, now=now),
        editions=[
            *editions,
            *content.doubt_store.doubt_months(db, months, MAYBE_SENT, now=now),
        ],
    )


def _months(resources: Resources, since: datetime, now: datetime) -> Iterator[Period]:
    """The months whose digest another copy may have sent: from the newest one due then to now's."""
    period = resources.schedule.newest(since)
    while period < Period.of(now, resources.zone):
        yield period
        period = period.following()

"""Decide what one reading of a feed means for the ledger of posts. Pure: no database, no clock."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from content.identity import Sighting
from content.intake import Cause, Intake, LedgerPost, PostState, review, take_in
from content.post import Feed

# What a post was before a reading, None for a new one, and what it is after it.
Change = tuple[LedgerPost | None, LedgerPost]

_MONTH = timedelta(days=31)
_ON_ITS_WAY = (PostState.SETTLING, PostState.READY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the ledger and the settings say around one reading.

    `sources` are the feeds of the settings, `moving` the posts of this one that settle, and
    `silence` is the time since its last reading.
    """

    source: str
    sources: frozenset[str]
    intake: Intake
    moving: Sequence[LedgerPost] = ()
    busiest_month: int = 0
    silence: timedelta = timedelta()


def weigh(feed: Feed, sightings: Sequence[Sighting], facts: Facts) -> list[Change]:
    """Say what becomes of every post that this reading has, and of those that it misses.

    A post belongs to the first feed that had it. When that one is no longer in the settings, the
    feed that has the post now takes over: a blog that moves does not begin anew.
    """
    own = [s for s in sightings if s.known is None or not _is_elsewhere(s.known, facts)]
    known = [s.known for s in own if s.known is not None]
    is_first = facts.intake.is_first and all(k.post.feed == facts.source for k in known)
    archive = _oldest_of_the_archive(known)
    changes = [
        (s.known, _taken_in(feed, s, facts, is_old=is_first or _is_older(s, archive))) for s in own
    ]
    fresh = [after for before, after in changes if before is None]
    usual = 0 if is_first else max(facts.busiest_month, _busiest_month(known))
    return [
        *(change for change in changes if change[0] is not None),
        *((None, held) for held in _brake(fresh, usual, facts.silence)),
        *_seen_in_other_feeds(sightings, facts),
        *_missing(feed, sightings, facts),
    ]


def pass_time(facts: Facts) -> list[Change]:
    """Say what becomes of a feed's posts when it has not changed, but time has passed."""
    return [(held, review(held, facts.intake)) for held in facts.moving]


def _taken_in(feed: Feed, sighting: Sighting, facts: Facts, *, is_old: bool) -> LedgerPost:
    return take_in(
        sighting.post,
        sighting.known,
        replace(facts.intake, is_first=is_old),
        identity=sighting.identity,
        keys=sighting.keys.kept,
        # The last post of a feed that is not well-formed may be half a post.
        is_cut=feed.broken and sighting.post is feed.posts[-1],
    )


def _is_elsewhere(held: LedgerPost, facts: Facts) -> bool:
    return held.post.feed != facts.source and held.post.feed in facts.sources


def _oldest_of_the_archive(known: Iterable[LedgerPost]) -> datetime | None:
    """The date of the oldest post here that was on the blog before its feed was first read."""
    old = (held.post.published for held in known if held.cause is Cause.BASELINE)
    return min((published for published in old if published), default=None)


def _is_older(sighting: Sighting, archive: datetime | None) -> bool:
    """Tell whether a post that is new to us is older than what the first reading had.

    A feed of the newest ten reaches further back when one of them is deleted, when it is made
    longer, or when its first reading broke off. Without dates nobody can tell.
    """
    published = sighting.post.published
    if sighting.known is not None or published is None or archive is None:
        return False
    return published < archive


def _seen_in_other_feeds(sightings: Iterable[Sighting], facts: Facts) -> Iterator[Change]:
    for sighting in sightings:
        known = sighting.known
        if known is not None and _is_elsewhere(known, facts):
            yield known, replace(known, keys=known.keys | sighting.keys.kept)


def _brake(fresh: Sequence[LedgerPost], usual: int, silence: timedelta) -> list[LedgerPost]:
    """Hold all new posts when more appear at once than the feed had in its busiest month.

    So a blog that moves, with new dates and addresses for everything, does not mail its archive.
    After months without a reading there may be more. A feed that never had a post has no `usual`
    number, and neither has a first reading: what is there is old, or was asked for.
    """
    new = [held for held in fresh if held.state in _ON_ITS_WAY]
    months = max(1, -(-silence // _MONTH))
    if usual == 0 or len(new) <= usual * months:
        return list(fresh)
    reason = (
        f"one of {len(new)} new posts at once, where the feed never had more than {usual} "
        "in a month; `lettermill posts release` lets them go on"
    )
    return [
        held.moved(PostState.HELD, Cause.FLOOD, reason) if held.state in _ON_ITS_WAY else held
        for held in fresh
    ]


def _busiest_month(known: Iterable[LedgerPost]) -> int:
    """The most posts of one month among these: a feed that takes over has no months of its own."""
    usual = (held for held in known if held.cause is not Cause.FLOOD)
    return max(Counter(f"{held.dated:%Y-%m}" for held in usual).values(), default=0)


def _missing(feed: Feed, sightings: Sequence[Sighting], facts: Facts) -> Iterator[Change]:
    """Posts that may move on, but have left the feed.

    Feeds drop their oldest posts, so a newer one that is gone was taken back. Of a broken feed
    nobody can say what is missing.
    """
    there = {s.known.name for s in sightings if s.known}
    oldest = min((s.known.dated for s in sightings if s.known), default=None)
    for held in facts.moving:
        if held.name in there or feed.broken:
            continue
        if held.cause is Cause.CUT_SHORT:
            yield held, _withdrawn(held, PostState.EXCLUDED, _HALF)
        elif oldest is not None and oldest < held.dated:
            yield held, _withdrawn(held, PostState.HELD, _TAKEN_OFF)
        else:
            yield held, review(held, facts.intake)


# Half a post without its address cannot be known again, and the whole one comes beside it: so it
# is not held, for a person might let it go with the others.
_HALF = "half a post, of a reading that broke off, and no later one repeats it"
_TAKEN_OFF = "taken off the feed before it was ready; it goes on when it comes back"


def _withdrawn(held: LedgerPost, state: PostState, reason: str) -> LedgerPost:
    return held.moved(state, Cause.WITHDRAWN, reason)

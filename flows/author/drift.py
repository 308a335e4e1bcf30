"""Whether what was approved is what would go out now; if not, what the difference is."""

from dataclasses import replace
from datetime import timedelta

import content.approval_store
import content.ledger
import content.store
import subscribers.growth_store
from content.edition import EditionState
from content.store import EditionRecord
from flows.editions.gone_posts import find_gone
from flows.editions.parts import FILE, find_parts, programs_in, say_differences
from flows.outcome import Outcome, edition_outcome
from flows.people.audience import count_readers
from flows.resources import Resources

# What came of an approval a moment ago needs not be asked of the blog again.
_FRESH = timedelta(minutes=10)
# A handful of people is no surprise, nor is a twentieth.
_FEW = 10
_PART = 20


def stop_if_drifted(resources: Resources, key: str) -> Outcome:
    """Take the approval back from an edition that is not what was approved, and say why.

    What is frozen already is what was approved, whatever has changed since.
    """
    edition = content.store.get_edition(resources.db, key)
    if edition.state is not EditionState.APPROVED:
        return edition_outcome(resources, key)
    found = find_drift(resources, edition)
    if not found:
        return edition_outcome(resources, key)
    why = f"it is not what was approved: {'; '.join(found)}"
    content.approval_store.reopen(resources.db, key, why)
    return replace(edition_outcome(resources, key), note=why)


def find_drift(resources: Resources, edition: EditionRecord) -> list[str]:
    """What has changed since the approval, a few words each."""
    return [
        *find_changed_parts(resources, edition),
        *_gone_posts(resources, edition),
        *_audience(resources, edition),
    ]


def find_changed_parts(resources: Resources, edition: EditionRecord) -> list[str]:
    """What an edition was made from that is not the same now, a few words each."""
    if not edition.parts:  # an edition of before there were parts has none
        return []
    posts = content.ledger.posts_in(resources.db, edition.key)
    kind = edition.key.partition("-")[0]
    now = find_parts(resources, kind, posts, programs_in(edition.parts))
    then = {name: value for name, value in edition.parts.items() if name != FILE}
    return say_differences(then, now, posts)


def _gone_posts(resources: Resources, edition: EditionRecord) -> list[str]:
    approved = edition.approved
    if approved is None or resources.clock.now() - approved < _FRESH:
        return []
    posts = content.ledger.posts_in(resources.db, edition.key)
    gone = find_gone(resources, posts)
    return [f"the post “{held.post.title}” is gone from the blog" for held in gone]


def _audience(resources: Resources, edition: EditionRecord) -> list[str]:
    if edition.readers is None or edition.approved is None:
        return []
    now = count_readers(resources, edition.key, edition.segment)
    moved = subscribers.growth_store.moved_since(resources.db, edition.approved)
    said = say_audience(edition.readers, now, joined=moved.joined, left=moved.left)
    return [said] if said else []


def say_audience(then: int, now: int, *, joined: int, left: int) -> str:
    """What of an audience is no longer what was approved, or ''. Pure.

    People who join and leave by themselves come and go under an approval; a list that is brought
    in, or tags that are set, change whom it is for.
    """
    others = now - then - joined + left
    if others > max(_FEW, then // _PART):
        return f"{others} more people would get it who did not join by themselves"
    if now * 2 < then:
        return f"only {now} people would get it, of {then}"
    return ""

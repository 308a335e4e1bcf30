"""How things stand, from what is written down. Imports nothing heavy: it must be quick."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlite_utils import Database

import content.ledger
import content.store
import delivery.count_store
import subscribers.store
from content.edition import EditionState
from content.errors import NoSuchEdition
from content.store import EditionRecord
from delivery.count_store import load_progress
from delivery.mailing import DeliveryState, Tally
from delivery.notes.ledger import count_unsettled
from delivery.progress import Progress
from flows.author.notices import find_notices
from flows.resources import Resources

# Refused notes are told for so long; who was refused has asked again by then, or given up.
_REFUSALS_TOLD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class EditionStatus:
    """One edition with its posts and the tally of its letters.

    `edited` are the titles of posts that the blog changed after the approval.
    """

    edition: EditionRecord
    posts: Sequence[str]
    edited: Sequence[str]
    tally: Tally
    paused_because: str = ""
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """At `now`: posts by state, people by ruling, every edition, and what the author should know.

    `notes` are those that wait, are unknown, or were refused of late, by state and reason.
    """

    posts: Mapping[str, int]
    people: Mapping[str, int]
    editions: Sequence[EditionStatus]
    now: datetime
    notices: Sequence[str] = ()
    notes: Mapping[tuple[DeliveryState, str], int] = field(default_factory=dict)


def load_status(resources: Resources, key: str | None) -> Overview:
    """Read how things stand; with a key, of that edition alone.

    Raises:
        NoSuchEdition: no edition has this key.
    """
    db, now = resources.db, resources.clock.now()
    editions = [e for e in content.store.list_editions(db) if key in (None, e.key)]
    if key is not None and not editions:
        raise NoSuchEdition(f"no edition {key}; `lettermill status` lists those there are")
    paused = delivery.count_store.paused_mailings(db)
    people = subscribers.store.count_rulings(db, resources.today)
    return Overview(
        posts=content.ledger.count_posts(db),
        people={ruling.value: n for ruling, n in people.items()},
        editions=[_edition_status(db, e, paused.get(e.key, ""), now) for e in editions],
        now=now,
        notices=[notice.text for notice in find_notices(resources) if not notice.edition],
        notes=count_unsettled(db, since=now - _REFUSALS_TOLD),
    )


def _edition_status(
    db: Database, edition: EditionRecord, paused: str, now: datetime
) -> EditionStatus:
    posts = content.ledger.posts_in(db, edition.key)
    return EditionStatus(
        edition,
        [held.post.title for held in posts],
        [held.post.title for held in posts if held.edited],
        delivery.count_store.tally(db, edition.key),
        paused,
        _progress(db, edition, now),
    )


def _progress(db: Database, edition: EditionRecord, now: datetime) -> Progress | None:
    """How a mailing gets on that is not over."""
    if edition.state is not EditionState.MAILING:
        return None
    return load_progress(db, edition.key, now=now)

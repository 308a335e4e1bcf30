"""How things stand, from what is written down. Imports nothing heavy: it must be quick."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlite_utils import Database

import content.ledger
import content.store
import delivery.ledger
import subscribers.store
from content.errors import NoSuchEdition
from content.store import EditionRecord
from delivery.mailing import Tally


@dataclass(frozen=True, slots=True)
class EditionStatus:
    """One edition with its posts and the tally of its letters."""

    edition: EditionRecord
    posts: Sequence[str]
    tally: Tally
    paused_because: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """Posts by state, people by ruling, and every edition."""

    posts: Mapping[str, int]
    people: Mapping[str, int]
    editions: Sequence[EditionStatus]


def load_status(db: Database, key: str | None) -> Overview:
    """Read how things stand; with a key, of that edition alone.

    Raises:
        NoSuchEdition: no edition has this key.
    """
    editions = [e for e in content.store.list_editions(db) if key in (None, e.key)]
    if key is not None and not editions:
        raise NoSuchEdition(f"no edition {key}; `lettermill status` lists those there are")
    paused = delivery.ledger.paused_mailings(db)
    people = subscribers.store.count_rulings(db)
    return Overview(
        posts=content.ledger.count_posts(db),
        people={ruling.value: n for ruling, n in people.items()},
        editions=[
            EditionStatus(
                e,
                [held.post.title for held in content.ledger.posts_in(db, e.key)],
                delivery.ledger.tally(db, e.key),
                paused.get(e.key, ""),
            )
            for e in editions
        ],
    )


def as_json(status: Overview) -> dict[str, Any]:
    """The status with plain values."""
    return {
        "posts": dict(status.posts),
        "people": dict(status.people),
        "editions": [
            {
                **asdict(found.edition),
                "posts": list(found.posts),
                "letters": {state.value: n for state, n in found.tally.states.items()},
                "reasons": [
                    {"state": state.value, "reason": reason, "letters": n}
                    for (state, reason), n in found.tally.reasons.items()
                ],
                "paused_because": found.paused_because,
            }
            for found in status.editions
        ],
    }

"""How far an edition has come: what every step and flow gives back, in keys and counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import content.store
import delivery.ledger
from content.edition import EditionState
from content.errors import NoSuchEdition
from delivery.mailing import DeliveryState
from flows.resources import Resources


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far an edition has come. `note` says in one line why it is not further."""

    key: str
    state: EditionState
    content_hash: str = ""
    note: str = ""
    letters: Mapping[str, int] = field(default_factory=dict)


def edition_outcome(resources: Resources, key: str) -> Outcome:
    """How far an edition has come, from what is written down."""
    edition = content.store.find_edition(resources.db, key)
    if edition is None:
        raise NoSuchEdition(f"no edition {key}; `lettermill status` lists those there are")
    letters = {s.value: n for s, n in delivery.ledger.tally(resources.db, key).states.items()}
    return Outcome(key, edition.state, edition.content_hash, edition.reason, letters)


def unknown_letters(outcome: Outcome) -> int:
    """How many letters were handed over without an answer."""
    return outcome.letters.get(DeliveryState.UNKNOWN, 0)

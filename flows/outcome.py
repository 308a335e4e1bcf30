"""How far an edition has come: what every step and flow gives back, in keys and counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import content.store
import delivery.count_store
from content.edition import EditionState
from delivery.mailing import DeliveryState
from flows.resources import Resources


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far an edition has come. `note` and `paused` say in one line why it is not further.

    `errors` and `warnings` are what preflight found of a draft, a line each; `readers` is how many
    would get it today. A draft with `send_after` goes out by itself then, unless it is held.
    """

    key: str
    state: EditionState
    content_hash: str = ""
    note: str = ""
    paused: str = ""
    provider: str = ""
    letters: Mapping[str, int] = field(default_factory=dict)
    errors: Sequence[str] = ()
    warnings: Sequence[str] = ()
    readers: int | None = None
    send_after: datetime | None = None


def edition_outcome(resources: Resources, key: str) -> Outcome:
    """How far an edition has come, from what is written down."""
    edition = content.store.get_edition(resources.db, key)
    tally = delivery.count_store.tally(resources.db, key)
    return Outcome(
        key=key,
        state=edition.state,
        content_hash=edition.content_hash,
        note=edition.held or edition.reason,
        paused=delivery.count_store.paused_mailings(resources.db).get(key, ""),
        provider=resources.settings.provider.name,
        letters={state.value: count for state, count in tally.states.items()},
        send_after=edition.send_after,
    )


def find_outcome(resources: Resources, key: str) -> Outcome:
    """How far an edition has come, sent or not; one that is not there yet is a draft to be."""
    found = content.store.find_edition(resources.db, key)
    if found is None:
        return Outcome(key, EditionState.DRAFT)
    outcome = edition_outcome(resources, key)
    if found.closed is None:
        return outcome
    if found.state is EditionState.CANCELLED:
        return replace(outcome, note=f"{outcome.note}, and is not made again")
    day = found.closed.astimezone(resources.zone).date()
    return replace(outcome, note=f"was sent on {day}, and is not sent again")


def say_moment(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as the author's clock shows it."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def make_command(key: str) -> str:
    """The command that makes the draft of an edition, or makes it anew."""
    kind, _, name = key.partition("-")
    return f"`lettermill {kind} {name if kind == 'digest' else 'FILE'}`"


def yes_command(key: str) -> str:
    """The command that says yes to an edition."""
    return f"{make_command(key)[:-1]} --yes`"


def unknown_letters(outcome: Outcome) -> int:
    """How many letters were handed over without an answer."""
    return outcome.letters.get(DeliveryState.UNKNOWN, 0)

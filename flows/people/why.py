"""Why somebody got a letter, or none."""

from dataclasses import dataclass
from datetime import datetime

import content.store
import delivery.people_store
import subscribers.store
from content.edition import EditionState
from content.errors import NoSuchEdition
from content.store import EditionRecord
from delivery.mailing import DeliveryState, Letter
from flows.resources import Resources
from subscribers.address import read_address
from subscribers.consent import Consent
from subscribers.consent_store import consents_of
from subscribers.leaving.erasure_store import erased_on
from subscribers.suppression import Suppression
from subscribers.suppression_store import suppressions_of

_SAID = {
    DeliveryState.PENDING: "it waits to be sent",
    DeliveryState.CLAIMED: "it is being handed over",
    DeliveryState.SUBMITTED: "the provider took it",
    DeliveryState.REFUSED: "the provider refused it",
    DeliveryState.UNKNOWN: "it was handed over, and nothing was heard",
    DeliveryState.SKIPPED: "none",
}


@dataclass(frozen=True, slots=True)
class LetterAnswer:
    """One edition, and what became of it for one person, in words."""

    key: str
    title: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAnswer:
    """Where somebody stands, what led there, and what became of each edition for them.

    `standing` is a ruling, `erased` or `not on the list`.
    """

    standing: str
    erased: datetime | None
    consents: list[Consent]
    suppressions: list[Suppression]
    letters: list[LetterAnswer]


def why_person(resources: Resources, address: str, key: str | None = None) -> PersonAnswer:
    """Say where the owner of an address stands and why each edition, or one, came to them or not.

    Raises:
        BadAddress: it is none.
        NoSuchEdition: no edition has this key.
    """
    address_key, db = read_address(address).key, resources.db
    editions = _editions(resources, key)
    person = subscribers.store.find_by_key(db, address_key)
    erased = erased_on(db, resources.fingerprints, address_key)
    if person is None:
        standing = "erased" if erased else "not on the list"
        return PersonAnswer(
            standing=standing,
            erased=erased,
            consents=[],
            suppressions=suppressions_of(db, address_key),
            letters=[LetterAnswer(e.key, e.title, f"none: {standing} now") for e in editions],
        )
    letters = {letter.key: letter for letter in delivery.people_store.letters_of(db, person.id)}
    added = consents_of(db, person.id)
    return PersonAnswer(
        standing=person.ruling(resources.today).value,
        erased=erased,
        consents=added,
        suppressions=suppressions_of(db, address_key),
        letters=[_answer(edition, letters.get(edition.key)) for edition in editions],
    )


def _editions(resources: Resources, key: str | None) -> list[EditionRecord]:
    found = [e for e in content.store.list_editions(resources.db) if key in (None, e.key)]
    if key is not None and not found:
        raise NoSuchEdition(f"no edition {key}; `lettermill status` lists those there are")
    return found


def _answer(edition: EditionRecord, letter: Letter | None) -> LetterAnswer:
    if letter is None:
        yet = "" if edition.state in (EditionState.SKIPPED, EditionState.CANCELLED) else " yet"
        why = f"none{yet}: the edition is {edition.state.value}"
        if edition.state.value in ("mailing", "closed"):
            why = "none: they joined after its readers were fixed"
    else:
        reason = f": {letter.reason}" if letter.reason else ""
        since = f"; since then: {letter.heard}" if letter.heard else ""
        why = f"{_SAID[letter.state]}{reason} ({letter.at:%Y-%m-%d %H:%M} UTC){since}"
    return LetterAnswer(edition.key, edition.title, why)

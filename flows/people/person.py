"""One person across the rooms: all we know of them, and forgetting them."""

from dataclasses import asdict, replace
from typing import Any

from sqlite_utils import Database

import delivery.events.store
import delivery.people_store
import subscribers.store
from flows.resources import Resources
from subscribers.address import read_address
from subscribers.errors import NobodyThere
from subscribers.leaving.erasure import Certificate
from subscribers.leaving.erasure_store import erase
from subscribers.personal import known_of
from subscribers.store import Subscriber


def find_person(resources: Resources, address: str) -> Subscriber:
    """The subscriber with this address, in any spelling.

    Raises:
        BadAddress: it is none.
        NobodyThere: nobody on the list has it.
    """
    person = subscribers.store.find_by_key(resources.db, read_address(address).key)
    if person is None:
        raise NobodyThere("nobody on the list has this address; `lettermill why person` says more")
    return person


def personal_data(db: Database, subscriber_id: str) -> dict[str, Any]:
    """All that any room knows of somebody, times in UTC.

    Raises:
        NobodyThere: nobody has this id.
    """
    known = known_of(db, subscriber_id)
    letters = [asdict(letter) for letter in delivery.people_store.letters_of(db, subscriber_id)]
    events = delivery.events.store.events_of(db, subscriber_id)
    return known | {"letters": letters, "events": events}


def erase_person(resources: Resources, db: Database, subscriber_id: str) -> Certificate:
    """Forget somebody in every room; all of it or nothing.

    Raises:
        NobodyThere: nobody has this id.
    """
    with db.atomic():
        done = erase(db, subscriber_id, resources.fingerprints, now=resources.clock.now())
        letters = delivery.people_store.forget(db, subscriber_id, reason="erased")
        delivery.events.store.forget(db, subscriber_id)
    return replace(done, letters=letters)

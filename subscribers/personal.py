"""All that the list knows of one person, for them to see (GDPR Art. 15 and 20)."""

from dataclasses import asdict
from typing import Any

from sqlite_utils import Database

from subscribers.consent_store import consents_of, words_of
from subscribers.errors import NobodyThere
from subscribers.preference_store import changes_of
from subscribers.store import find_subscriber
from subscribers.suppression_store import suppressions_of


def known_of(db: Database, subscriber_id: str) -> dict[str, Any]:
    """The person, their consents with the words they agreed to, changes, and bars; times in UTC.

    Raises:
        NobodyThere: nobody has this id.
    """
    person = find_subscriber(db, subscriber_id)
    if person is None:
        raise NobodyThere("nobody on the list has this id")
    history = consents_of(db, subscriber_id)
    words = words_of(db, {past.wording for past in history if past.wording})
    return {
        "person": {
            "address": person.address,
            "name": person.name,
            "status": person.status,
            "language": person.language,
            "frequency": person.frequency,
            "paused_until": person.paused_until,
            "wants_offers": person.wants_offers,
            "tags": sorted(person.tags),
        },
        "consents": [asdict(past) | {"words": words.get(past.wording or "")} for past in history],
        "changes": [asdict(change) for change in changes_of(db, subscriber_id)],
        "suppressions": [asdict(bar) for bar in suppressions_of(db, person.address_key)],
    }

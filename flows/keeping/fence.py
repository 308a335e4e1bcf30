"""Steps that see that only one copy of a newsletter's database sends (ADR 30)."""

import secrets
from datetime import datetime

from sqlite_utils import Database

import content.doubt_store
import delivery.fence_store
from delivery.fence import Instance, Witness, why_not_ours
from delivery.fence_store import begin_instance, find_instance, frozen_since_claim, get_instance
from flows.errors import Held
from flows.keeping.witness import read_witness, witness_lock, write_witness
from flows.resources import Resources


def require_ours(resources: Resources) -> None:
    """See that this copy of the database may send; one that never said where it belongs may.

    Raises:
        Held: it is a copy, and a person must say that it is the one to go on with.
    """
    if why := why_not(resources):
        raise Held(f"nothing is sent: this database is not known here ({why}). {NEXT}")
    keep_witness(resources)  # whoever sent last may have died before it could


NEXT = "If it is the one to go on with, `lettermill claim` says so; docs/backup.md"


def why_not(resources: Resources) -> str:
    """Why this copy of the database may not send, or ''."""
    instance = find_instance(resources.db) or _begin(resources)
    witness = read_witness(resources.locks)
    return why_not_ours(instance, witness, resources.place)


def settle_in(resources: Resources) -> None:
    """Let a database that never said where it belongs belong here.

    Called when a draft is made: a copy that is taken from then on is known for one.
    """
    if find_instance(resources.db) is None:
        _begin(resources)


def _begin(resources: Resources) -> Instance:
    """The file comes first: should we die in between, the next run begins anew."""
    db, name = resources.db, secrets.token_hex(8)
    with witness_lock(resources.locks):
        if (found := find_instance(db)) is not None:
            return found  # another process was quicker
        write_witness(resources.locks, Witness(name, 0), durably=True)
        begin_instance(db, name, resources.place, now=resources.clock.now())
    return get_instance(db)


def keep_witness(resources: Resources, *, durably: bool = False) -> None:
    """Write beside the database which copy it is, and how far it has come."""
    with witness_lock(resources.locks):
        instance = get_instance(resources.db)
        seen = Witness(instance.id, instance.generation)
        write_witness(resources.locks, seen, durably=durably)


def known_to(resources: Resources) -> datetime:
    """Up to when this copy of the database knows what was sent."""
    instance, now = find_instance(resources.db), resources.clock.now()
    if instance is None or knows_all(resources, instance):
        return now
    return instance.known_to or last_sign_of(resources.db) or instance.claimed


def knows_all(resources: Resources, instance: Instance) -> bool:
    """Whether nothing can have been sent that this copy does not know."""
    restored_whole = instance.complete and instance.place == resources.place
    return restored_whole or not why_not(resources)


def last_sign_of(db: Database) -> datetime | None:
    """The newest moment that a database speaks of: it is a copy of then, or of later."""
    signs = (delivery.fence_store.last_sign(db), content.doubt_store.last_sign(db))
    return max(filter(None, signs), default=None)


def campaign_doubts(resources: Resources) -> list[str]:
    """What a person should know before they send a campaign from a copy that was claimed."""
    instance = find_instance(resources.db)
    if instance is None or instance.doubted is None or frozen_since_claim(resources.db):
        return []
    since = instance.doubted.astimezone(resources.zone)
    return [
        f"this database was claimed as a copy of {since:%Y-%m-%d %H:%M}; "
        "if this campaign was sent after that, it is not known here"
    ]

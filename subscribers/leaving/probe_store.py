"""Probes of the way out: ids that are nobody's, whose links the author's own test takes.

A probe is no subscriber, so nothing that counts or writes to people knows of it.
"""

from datetime import datetime, timedelta

from sqlite_utils import Database

from subscribers.links import new_id

# A test is over in a minute; a probe that is this old was left behind by one that was killed.
_LIFETIME = timedelta(days=1)


def make_probe(db: Database, *, now: datetime) -> str:
    """Write down a new probe and give its id; old ones are thrown away."""
    probe = new_id()
    with db.atomic():
        db.execute("DELETE FROM exit_probes WHERE made < ?", [(now - _LIFETIME).isoformat()])
        db.execute("INSERT INTO exit_probes (id, made) VALUES (?, ?)", [probe, now.isoformat()])
    return probe


def take_exit(db: Database, probe: str, *, now: datetime) -> None:
    """Write down that a probe took the way out; twice is once, and of others nothing is."""
    db.execute(
        "UPDATE exit_probes SET taken = :now WHERE id = :id AND taken IS NULL",
        {"id": probe, "now": now.isoformat()},
    )


def has_left(db: Database, probe: str) -> bool:
    """Whether a probe took the way out."""
    return _exists(db, "SELECT 1 FROM exit_probes WHERE id = ? AND taken IS NOT NULL", probe)


def is_waiting(db: Database, probe: str) -> bool:
    """Whether this is a probe, and it has not left yet."""
    return _exists(db, "SELECT 1 FROM exit_probes WHERE id = ? AND taken IS NULL", probe)


def _exists(db: Database, query: str, probe: str) -> bool:
    return next(iter(db.query(query, [probe])), None) is not None

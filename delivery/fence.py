"""Whether this copy of the database is the one that may send. Pure.

A database can be copied, and each copy would go on where it stands. So a database says where it
belongs, and a small file beside it, its witness, which copy it saw last and how far that had come.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One copy of a newsletter's database. Every copy of it has the same `lineage`.

    `place` is where it belongs, '' for a backup. `generation` grows in the same transaction as each
    freeze and each hand-over. `known_to`: of a backup, the moment it was made. `complete`: it was
    restored with everything that the database before it knew. `doubted`: at its claim, the moment
    from which on another copy may have sent what is not known here.
    """

    lineage: str
    id: str
    place: str
    generation: int
    claimed: datetime
    known_to: datetime | None = None
    complete: bool = False
    doubted: datetime | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """What the file beside a database saw last: which copy, and its generation."""

    id: str
    generation: int


def why_not_ours(instance: Instance, witness: Witness | None, place: str) -> str:
    """Why this copy may not send from this place, or ''.

    A witness that is behind is that of a process which died after its commit; one that is ahead has
    seen a newer copy here.
    """
    if not instance.place:
        return "it is a backup"
    if instance.place != place:
        return "it was copied or moved here, or this machine has another name"
    if witness is None:
        return "it stands here without the file .lettermill/instance"
    if witness.id != instance.id:
        return "another copy of it was used here last"
    if witness.generation > instance.generation:
        return "an older copy was put over a newer one"
    return ""

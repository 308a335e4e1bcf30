"""What is kept of an erasure, and what the person is given. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Proof that somebody was forgotten: how many rows of each kind are gone, and when (UTC).

    `letters` counts the records of letters that had their address; the records stay without it.
    """

    id: str
    at: datetime
    consents: int
    changes: int
    requests: int
    suppressions: int
    letters: int = 0

"""When a mailing stops by itself, so that a fault is not made to a whole list. Pure.

Figures: 0.3 % complaints is where Gmail and Yahoo stop delivering (Google, "Email sender
guidelines"); the others are what senders agree on. A brake uses nobody up.
"""

from collections.abc import Mapping
from dataclasses import dataclass

LAST = 200  # answers that count for refusals
_REFUSED = 0.05
_BOUNCED = 0.05
_BLOCKED = 0.10
_COMPLAINED = 0.003
# One complaint of a short list is no measure.
_LEAST = {"complained": 2, "bounced": 11, "blocked": 11}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a mailing since it was last taken up.

    `refused` of the last `answers` (200 at most) were refused at the hand-over; `events` counts
    readers by the kind of event that came, of `submitted` letters.
    """

    answers: int
    refused: int
    submitted: int
    events: Mapping[str, int]


def brake(evidence: Evidence) -> str:
    """Why the mailing must stop, or ''."""
    # More than 5 % of 200 are 11; fewer answers must not stop for less.
    if evidence.refused > LAST * _REFUSED and evidence.refused > evidence.answers * _REFUSED:
        return f"{evidence.refused} of the last {evidence.answers} addresses were refused"
    checks = {"complained": _COMPLAINED, "bounced": _BOUNCED, "blocked": _BLOCKED}
    for kind, share in checks.items():
        count = evidence.events.get(kind, 0)
        if count >= max(_LEAST[kind], evidence.submitted * share):
            return f"{count} of {evidence.submitted} letters {_SAID[kind]}"
    return ""


_SAID = {
    "complained": "were reported as spam",
    "bounced": "came back: the list may be old",
    "blocked": "were blocked for the sender's sake: its reputation, or its DNS records",
}

"""The status with plain values, for programs."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from delivery.progress import Progress
from flows.views.status import EditionStatus, Overview


def as_json(status: Overview) -> dict[str, Any]:
    """Posts, people, notes and every edition."""
    return {
        "posts": dict(status.posts),
        "people": dict(status.people),
        "notices": list(status.notices),
        "notes": [
            {"state": state.value, "reason": reason, "notes": n}
            for (state, reason), n in status.notes.items()
        ],
        "editions": [_edition(found, status.now) for found in status.editions],
    }


def _edition(found: EditionStatus, now: datetime) -> dict[str, Any]:
    return {
        **asdict(found.edition),
        "posts": list(found.posts),
        "edited_since": list(found.edited),
        "letters": {state.value: n for state, n in found.tally.states.items()},
        "reasons": [
            {"state": state.value, "reason": reason, "letters": n}
            for (state, reason), n in found.tally.reasons.items()
        ],
        "paused_because": found.paused_because,
        "progress": found.progress and _progress(found.progress, now),
    }


def _progress(progress: Progress, now: datetime) -> dict[str, Any]:
    """How a mailing gets on; `letters_per_second` is that of the last minute."""
    return {
        "total": progress.total,
        "done": progress.done,
        "under_way": progress.under_way,
        "pending": progress.pending,
        "refused": progress.refused,
        "unknown": progress.unknown,
        "sending_now": progress.is_alive(now),
        "letters_per_second": round(progress.rate(now), 1),
        "seconds_left": progress.seconds_left(now),
        "waits_until": progress.waits_until,
        "waits_because": progress.waits_because,
    }

"""The report of a mailing: one page with its numbers and plots, to keep or to pass on.

It names nobody: there are counts in it, and the newsletter's own words.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from delivery import count_store
from delivery.progress import over_time
from flows.mailings.steering import require_mailing
from flows.resources import Resources
from flows.views.plots import bars, lines
from flows.views.status import load_status
from subscribers.growth_store import growth

# Words under an axis; more would stand in each other's way on a phone.
_MOST_LABELS = 7
_MOMENTS = 48
_CLOSE = 900  # seconds


def write_report(resources: Resources, key: str) -> Path:
    """Write the page of a mailing, and give where it is.

    Raises:
        NoSuchEdition: no edition has this key.
        NoSuchMailing: none of its letters has been handed over.
    """
    status = load_status(resources, key)
    mailing = require_mailing(resources, key)
    [found] = status.editions
    values: dict[str, Any] = {
        "edition": found.edition,
        "mailing": mailing,
        "frozen": mailing.frozen.astimezone(resources.zone),
        "closed": mailing.closed and mailing.closed.astimezone(resources.zone),
        "states": found.tally.states,
        "reasons": found.tally.reasons,
        "heard": count_store.count_heard(resources.db, key),
        "progress": found.progress,
        "plots": _plots(resources, key),
    }
    page = resources.home / "report" / f"{key}.html"
    page.parent.mkdir(exist_ok=True)
    page.write_text(resources.render_page("report.html", values), encoding="utf-8")
    return page


def _plots(resources: Resources, key: str) -> list[tuple[str, str]]:
    """Each with its heading; one that would be empty is left out."""
    drawn = [
        ("Letters taken over time", _over_time(resources, key)),
        ("Answers by kind", _by_kind(resources, key)),
        ("The list by month", _list_by_month(resources)),
    ]
    return [(heading, plot) for heading, plot in drawn if plot]


def _over_time(resources: Resources, key: str) -> str:
    answers = count_store.load_answers(resources.db, key)
    if not answers:
        return ""
    counts = over_time(answers, _MOMENTS)
    moments = [moment.astimezone(resources.zone) for moment, _, _ in counts]
    taken, refused = [taken for _, taken, _ in counts], [refused for _, _, refused in counts]
    series = {"taken": taken, "refused": refused} if refused[-1] else {"taken": taken}
    title = f"{taken[-1]} letters taken, {refused[-1]} refused"
    return lines("progress", title, _sparse(_clock(moments)), series)


def _by_kind(resources: Resources, key: str) -> str:
    tally = count_store.tally(resources.db, key)
    counts = {state.value: n for state, n in tally.states.items()}
    counts |= count_store.count_heard(resources.db, key)
    if not counts:
        return ""
    title = ", ".join(f"{n} {kind}" for kind, n in counts.items())
    return bars("kinds", title, list(counts), {"letters": list(counts.values())})


def _list_by_month(resources: Resources) -> str:
    months = growth(resources.db)
    if not months:
        return ""
    series = {
        "joined": [month.joined for month in months],
        "left": [month.left for month in months],
        "barred": [month.barred for month in months],
    }
    title = ", ".join(f"{sum(values)} {name}" for name, values in series.items())
    return bars("list", title, _sparse([month.month for month in months]), series)


def _clock(moments: Sequence[datetime]) -> list[str]:
    """Times of day; with the day where they are of several, with seconds where they are close."""
    if len({moment.date() for moment in moments}) > 1:
        return [f"{moment:%d %b %H:%M}" for moment in moments]
    close = (moments[-1] - moments[0]).total_seconds() < _CLOSE
    return [f"{moment:%H:%M:%S}" if close else f"{moment:%H:%M}" for moment in moments]


def _sparse(labels: Sequence[str]) -> list[str]:
    """The same labels with most of them empty, so that the others can be read."""
    every = -(-len(labels) // _MOST_LABELS)
    return [label if place % every == 0 else "" for place, label in enumerate(labels)]

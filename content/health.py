"""How a feed is doing: when to read it again, and what the author should hear. No I/O, no clock."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from content.errors import ContentError, FeedGone, FeedUnreachable
from content.fetched import NOTHING_KNOWN, Fetched, Validators, shown

FIRST_PAUSE = timedelta(minutes=30)
LONGEST_PAUSE = timedelta(hours=24)
WORTH_TELLING = 3  # failures in a row: one or two are weather


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """What we remember of reading one feed; `source` is its address or path in the settings.

    `last_read` is the last reading that worked, `failure` the last one that did not, in a line
    without the address. `opens` is the moment from which posts may be mailed, where a person said
    one. `failures` and `failing_since` count from the last reading that worked.
    """

    source: str
    title: str = ""
    first_read: datetime | None = None
    last_read: datetime | None = None
    validators: Validators = NOTHING_KNOWN
    body_hash: str = ""
    failures: int = 0
    failure: str = ""
    failing_since: datetime | None = None
    next_try: datetime | None = None
    gone: bool = False
    opens: datetime | None = None


def is_due(health: FeedHealth, now: datetime) -> bool:
    """Tell whether to read the feed now: not while it rests after a failure, nor when gone."""
    return not health.gone and (health.next_try is None or health.next_try <= now)


def after_reading(
    health: FeedHealth, fetched: Fetched, *, title: str, body_hash: str, now: datetime
) -> FeedHealth:
    """Remember a reading that worked; what an unchanged feed does not say again stays."""
    return FeedHealth(
        source=health.source,
        opens=health.opens,
        title=title or health.title,
        first_read=health.first_read or now,
        last_read=now,
        validators=fetched.validators,
        body_hash=health.body_hash if fetched.unchanged else body_hash,
    )


def after_failure(health: FeedHealth, error: ContentError, *, now: datetime) -> FeedHealth:
    """Remember a failure, and rest: 30 minutes at first, then twice as long each time, up to a day.

    A blog may ask for more, within the day. Where it has moved for good is forgotten with the rest
    of what it said there: the next try starts at the author's address, which alone can say that
    the feed is gone.
    """
    moved = health.validators.moved_to != ""
    failures = health.failures + 1
    return replace(
        health,
        failures=failures,
        failure=_in_a_line(health, error),
        failing_since=health.failing_since or now,
        next_try=now + min(max(_pause(failures), _asked_for(error)), LONGEST_PAUSE),
        validators=NOTHING_KNOWN if moved else health.validators,
        gone=health.gone or (isinstance(error, FeedGone) and not moved),
    )


def notices(health: FeedHealth) -> list[str]:
    """What the author should know about this feed, a sentence each."""
    where, moved_to = shown(health.source), health.validators.moved_to
    said = []
    if health.gone:
        said.append(f"{where}: {health.failure}")
    elif health.failures >= WORTH_TELLING and health.failing_since:
        times = f"{health.failures} times since {health.failing_since:%Y-%m-%d}"
        said.append(f"{where}: could not be read {times}: {health.failure}")
    if moved_to:
        said.append(
            f"{where}: has moved for good to {shown(moved_to)}; "
            "put the new address into lettermill.toml"
        )
    return said


def _pause(failures: int) -> timedelta:
    doublings = min(failures - 1, 6)  # by then it is more than a day
    return FIRST_PAUSE * (1 << doublings)


def _asked_for(error: ContentError) -> timedelta:
    return timedelta(seconds=error.retry_after if isinstance(error, FeedUnreachable) else 0)


def _in_a_line(health: FeedHealth, error: ContentError) -> str:
    where = shown(health.source)
    line = " ".join(str(error).replace(health.source, where).split())
    return line.removeprefix(where).lstrip(":, ")

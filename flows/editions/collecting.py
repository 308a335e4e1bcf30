"""Steps that read the feeds into the ledger of posts."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import content.health_store
import content.ledger
from content.errors import ContentError, FeedUnreachable
from content.fetch import fetch_feed, open_session
from content.fetched import Fetched, shown
from content.health import FeedHealth, after_failure, after_reading, is_due, notices
from content.identity import recognise, sight
from content.intake import Intake, PostState
from content.post import Feed, parse_feed
from content.reading import Change, Facts, pass_time, weigh
from content.web.connection import Web
from flows.resources import Resources
from flows.settings.tables import FeedSettings

# A feed that was read within a day is fresh enough for a digest, even if it is down just now.
FRESH = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReading:
    """What reading one feed found; `failure` says in a line why it could not be read."""

    source: str
    read: int = 0
    new: int = 0
    held: int = 0
    unchanged: bool = False
    failure: str = ""
    notices: Sequence[str] = ()
    last_read: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one collect found, feed by feed."""

    feeds: tuple[FeedReading, ...]

    @property
    def new(self) -> int:
        """How many posts the ledger did not know."""
        return sum(feed.new for feed in self.feeds)

    @property
    def failures(self) -> list[str]:
        """Why feeds could not be read, a line each."""
        return [feed.failure for feed in self.feeds if feed.failure]

    @property
    def notices(self) -> list[str]:
        """What the author should know of the feeds, a line each."""
        return [notice for feed in self.feeds for notice in feed.notices]

    @property
    def warnings(self) -> list[str]:
        """Failures and notices together."""
        return self.failures + self.notices


def collect_posts(resources: Resources, polite: bool = False) -> Reading:
    """Read every feed into the ledger of posts; a feed that fails leaves its posts as they were.

    A `polite` collect, as the schedule makes it, leaves feeds alone that have failed of late, or
    that are gone for good; a person, or an edition that is due, asks again.
    """
    with open_session() as web:
        reading = Reading(tuple(_read(resources, feed, web, polite) for feed in _feeds(resources)))
    _settle_the_rest(resources)
    return reading


def collect_for_digest(resources: Resources) -> Reading:
    """Read every feed before an edition is made.

    Raises:
        FeedUnreachable: a feed could not be read, now or in the last day.
    """
    reading, now = collect_posts(resources), resources.clock.now()
    for feed in reading.feeds:
        if feed.failure and (feed.last_read is None or now - feed.last_read > FRESH):
            raise FeedUnreachable(feed.failure)
    return reading


def open_feeds(resources: Resources, since: date) -> None:
    """Let what is on the blogs from this day on be mailed, at the next reading."""
    for feed in _feeds(resources):
        moment = local_midnight(resources, since)
        content.health_store.open_from(resources.db, feed.source, moment)


def _feeds(resources: Resources) -> Sequence[FeedSettings]:
    return resources.settings.feed


def _read(resources: Resources, feed: FeedSettings, web: Web, polite: bool) -> FeedReading:
    db, now = resources.db, resources.clock.now()
    health = content.health_store.load_health(db, feed.source)
    if polite and not is_due(health, now):
        return _told(health, failure=f"{shown(health.source)}: {health.failure}")
    try:
        fetched = fetch_feed(
            feed.source,
            session=web,
            folder=resources.home,
            last=health.validators,
            private=feed.private,
        )
        return _take_in(resources, feed, health, fetched)
    except ContentError as error:
        failing = after_failure(health, error, now=now)
        content.health_store.save_health(db, failing)
        return _told(failing, failure=str(error))


def _settle_the_rest(resources: Resources) -> None:
    """Let time pass for posts of feeds that the settings name no more: theirs are still owed."""
    db, named = resources.db, {feed.source for feed in _feeds(resources)}
    for health in content.health_store.list_health(db):
        if health.source not in named:
            facts = _facts(resources, FeedSettings(source=health.source), health)
            content.ledger.record_changes(db, pass_time(facts), now=facts.intake.now)


def _take_in(
    resources: Resources, settings: FeedSettings, health: FeedHealth, fetched: Fetched
) -> FeedReading:
    """Weigh what was fetched, and write down all of it or nothing."""
    now = resources.clock.now()
    facts = _facts(resources, settings, health)
    body_hash = "" if fetched.unchanged else hashlib.sha256(fetched.body).hexdigest()
    if fetched.unchanged or body_hash == health.body_hash:
        well = after_reading(
            health, fetched, title=health.title, body_hash=health.body_hash, now=now
        )
        content.ledger.record_reading(resources.db, well, pass_time(facts), now=now)
        return replace(_told(well), unchanged=True)
    feed = parse_feed(fetched, site=resources.settings.site)
    changes = _weigh(resources, feed, facts)
    well = after_reading(health, fetched, title=feed.title, body_hash=body_hash, now=now)
    content.ledger.record_reading(resources.db, well, changes, now=now)
    return _counted(_told(well), feed, changes)


def _facts(resources: Resources, settings: FeedSettings, health: FeedHealth) -> Facts:
    """Load what a reading is weighed by."""
    db, now = resources.db, resources.clock.now()
    days = [day for day in (_opening(settings, resources), health.opens) if day]
    opens = min(days, default=None)
    return Facts(
        source=settings.source,
        sources=frozenset(feed.source for feed in resources.settings.feed),
        intake=Intake(
            now=now,
            opens=opens,
            is_first=health.first_read is None,
            settling=timedelta(minutes=settings.settling_minutes),
            zone=resources.zone,
        ),
        moving=content.ledger.moving_posts(db, settings.source, opens=opens),
        busiest_month=content.ledger.busiest_month(db, settings.source),
        silence=now - (health.last_read or now),
    )


def _weigh(resources: Resources, feed: Feed, facts: Facts) -> list[Change]:
    """Find the posts of a reading in the ledger, and say what becomes of each."""
    sighted = sight(feed)
    keys = {key for _, found in sighted for key in found.kept}
    known = content.ledger.known_posts(resources.db, keys)
    return weigh(feed, recognise(sighted, known), facts)


def _told(health: FeedHealth, *, failure: str = "") -> FeedReading:
    return FeedReading(
        source=shown(health.source),
        failure=failure,
        notices=notices(health),
        last_read=health.last_read,
    )


def _counted(told: FeedReading, feed: Feed, changes: Sequence[Change]) -> FeedReading:
    held = [
        after
        for before, after in changes
        if after.state is PostState.HELD and (before is None or before.state is not PostState.HELD)
    ]
    new = [after for before, after in changes if before is None]
    return replace(told, read=len(feed.posts), new=len(new), held=len(held))


def _opening(settings: FeedSettings, resources: Resources) -> datetime | None:
    if settings.include_since is None:
        return None
    return local_midnight(resources, settings.include_since)


def local_midnight(resources: Resources, day: date) -> datetime:
    """The first moment of a day where the newsletter is at home, in UTC."""
    return datetime.combine(day, time(), resources.zone).astimezone(UTC)

"""Steps that read the feeds into the ledger of posts."""

from dataclasses import dataclass
from datetime import UTC, datetime, time

import content.ledger
from content.fetch import fetch_feed, open_session
from content.intake import take_in
from content.post import parse_feed
from flows.resources import Resources
from flows.settings import FeedSettings


@dataclass(frozen=True, slots=True)
class Reading:
    """What one collection found: posts on the feeds, and how many the ledger did not know."""

    read: int
    new: int


def collect_posts(resources: Resources) -> Reading:
    """Read every feed into the ledger of posts; a feed that fails leaves the ledger as it was."""
    readings = [_read_feed(resources, feed) for feed in resources.settings.feed]
    return Reading(sum(r.read for r in readings), sum(r.new for r in readings))


def _read_feed(resources: Resources, settings: FeedSettings) -> Reading:
    db, now = resources.db, resources.clock.now()
    with open_session() as session:
        fetched = fetch_feed(settings.source, session=session, folder=resources.home)
    feed = parse_feed(fetched, site=resources.settings.site)
    known = content.ledger.load_posts(db, settings.source)
    first_read = content.ledger.is_first_read(db, settings.source)
    opens = _opening(settings, resources)
    posts = [
        take_in(post, known.get(post.identity), now=now, opens=opens, first_read=first_read)
        for post in feed.posts
    ]
    content.ledger.record_reading(db, settings.source, feed.title, posts, now=now)
    return Reading(len(posts), len({p.post.identity for p in posts} - known.keys()))


def _opening(settings: FeedSettings, resources: Resources) -> datetime | None:
    if settings.include_since is None:
        return None
    return datetime.combine(settings.include_since, time(), resources.zone).astimezone(UTC)

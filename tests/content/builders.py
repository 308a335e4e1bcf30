"""Small builders for tests of content: a feed, a post, a post in the ledger, an edition."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from content.edition import Edition, Teaser
from content.fetch import Fetched
from content.intake import LedgerPost, PostState
from content.letter import Letter
from content.post import Feed, Post, parse_feed
from content.program import Program
from tests.conftest import NOON

FEEDS = Path(__file__).resolve().parent.parent / "data" / "feeds"
FEED = "https://blog.example/feed"
SITE = "https://blog.example/"


def fetched(body: str | bytes, url: str = FEED, **headers: str) -> Fetched:
    """What fetching FEED gave; header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fetched(FEED, url, body.encode() if isinstance(body, str) else body, named)


def parse(body: str | bytes, url: str = FEED, **headers: str) -> Feed:
    return parse_feed(fetched(body, url, **headers), site=SITE)


def parse_file(name: str) -> Feed:
    return parse_feed(Fetched(name, "", (FEEDS / name).read_bytes(), {}), site=SITE)


def rss(*items: str) -> str:
    """An RSS feed with these insides of its items."""
    inside = "".join(f"<item>{item}</item>" for item in items)
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/">'
        f"<channel><title>Blog</title><link>{SITE}</link>{inside}</channel></rss>"
    )


def parse_item(inside: str) -> Post:
    """The one post of a feed whose item has this inside."""
    (only,) = parse(rss(inside)).posts
    return only


def post(
    name: str = "hips",
    published: datetime | None = NOON - timedelta(days=10),
    *,
    title: str = "",
    feed: str = FEED,
    body: str = "<p>Words.</p>",
    categories: tuple[str, ...] = (),
    image: str = "",
) -> Post:
    return Post(
        feed=feed,
        identity=name,
        link=f"{SITE}{name}",
        title=title or name.title(),
        body=body,
        published=published,
        categories=categories,
        image=image,
    )


def held(
    name: str = "hips",
    published: datetime | None = NOON - timedelta(days=10),
    *,
    state: PostState = PostState.READY,
    reason: str = "",
    first_seen: datetime = NOON - timedelta(days=9),
    title: str = "",
    feed: str = FEED,
    body: str = "<p>Words.</p>",
) -> LedgerPost:
    """A post as the ledger holds it, ready unless said otherwise."""
    return LedgerPost(
        post=post(name, published, title=title, feed=feed, body=body),
        state=state,
        reason=reason,
        first_seen=first_seen,
        changed=first_seen,
    )


def day(text: str) -> datetime:
    """A moment in UTC, from `2026-11-05` or `2026-11-05T09:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def teaser(
    title: str = "Hips", *, name: str = "hips", image: str = "", words: str = "W."
) -> Teaser:
    return Teaser(title=title, link=f"{SITE}{name}", excerpt=words, day="November 5", image=image)


def edition(*teasers: Teaser, key: str = "digest-2026-11", title: str = "News: Hips") -> Edition:
    return Edition(key=key, title=title, preheader="Also: backs", teasers=teasers)


def program(name: str = "Hips online", **facts) -> Program:
    """A program that is always open, unless said otherwise."""
    words = {"url": "https://x.example/p", "headline": "H", "pitch": "P", "button": "B"}
    return Program(name=name, **words | facts)


def hash_of(letter: Letter) -> str:
    """What an approval of this letter stands for, as far as the store can tell."""
    return hashlib.sha256(repr(letter).encode()).hexdigest()[:16]

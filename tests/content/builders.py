"""Small builders for tests of content: a feed, a post, a post in the ledger, an edition."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from content.edition import Edition
from content.fetched import Fetched
from content.identity import keys_of
from content.intake import Cause, LedgerPost, PostState
from content.letter import Letter
from content.markup.pictures import Picture
from content.post import Feed, Post, parse_feed
from content.program import Program
from content.teaser import Teaser
from tests.conftest import NOON

FEEDS = Path(__file__).resolve().parent.parent / "data" / "feeds"
FEED = "https://blog.example/feed"
SITE = "https://blog.example/"
LONG = "<p>" + "Hinge at the hips, not the back, and keep the weight near. " * 3 + "</p>"


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
    summary: str = "",
    picture: Picture | None = None,
    language: str = "",
) -> Post:
    return Post(
        feed=feed,
        guid=name,
        link=f"{SITE}{name}",
        title=title or name.title(),
        body=body,
        published=published,
        categories=categories,
        summary=summary,
        base=f"{SITE}{name}",
        picture=picture,
        language=language,
    )


def feed_of(*posts: Post, home: str = SITE, broken: bool = False) -> Feed:
    """A feed with these posts."""
    return Feed(title="Blog", home=home, posts=posts, broken=broken)


def held(
    name: str = "hips",
    published: datetime | None = NOON - timedelta(days=10),
    *,
    state: PostState = PostState.READY,
    cause: Cause | None = None,
    reason: str = "",
    edition_key: str = "",
    first_seen: datetime = NOON - timedelta(days=9),
    **words,
) -> LedgerPost:
    """A post as the ledger holds it, ready unless said otherwise."""
    made = post(name, published, **words)
    return LedgerPost(
        post=made,
        identity=name,
        keys=keys_of(made, home=SITE).kept,
        state=state,
        cause=cause,
        reason=reason,
        edition_key=edition_key,
        first_seen=first_seen,
        changed=first_seen,
    )


def day(text: str) -> datetime:
    """A moment in UTC, from `2026-11-05` or `2026-11-05T09:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def teaser(
    title: str = "Hips", *, name: str = "hips", image: str = "", words: str = "W.", **more
) -> Teaser:
    picture = Picture(image) if image else None
    shown = {"title": title, "link": f"{SITE}{name}", "excerpt": words, "day": "November 5"}
    return Teaser(**shown | {"picture": picture} | more)


def edition(*teasers: Teaser, key: str = "digest-2026-11", title: str = "News: Hips") -> Edition:
    return Edition(key=key, title=title, preheader="Also: backs", teasers=teasers)


def program(name: str = "Hips online", **facts) -> Program:
    """A program that is always open, unless said otherwise."""
    words = {"url": "https://x.example/p", "headline": "H", "pitch": "P", "button": "B"}
    return Program(name=name, **words | facts)


def hash_of(letter: Letter) -> str:
    """What an approval of this letter stands for, as far as the store can tell."""
    return hashlib.sha256(repr(letter).encode()).hexdigest()[:16]

"""From the bytes of a feed to posts. No network, no clock, no database."""

import hashlib
import io
from calendar import timegm
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser

from content.errors import NotAFeed
from content.fetch import Fetched
from content.prose import clean_line, first_image

MAX_TITLE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One entry of a feed. `body` is the blog's HTML, not yet fit for a letter.

    `identity` says which posts are the same one: guid, else link, else a hash of the content.
    `published` is UTC, or None when the feed gives no date.
    """

    feed: str
    identity: str
    link: str
    title: str
    body: str
    published: datetime | None
    categories: tuple[str, ...] = ()
    image: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed read once: its own title, and its posts in the feed's order."""

    title: str
    posts: tuple[Post, ...]


def parse_feed(fetched: Fetched, *, site: str) -> Feed:
    """Read the posts out of a feed; `site` is the base for links of a feed read from a path.

    Whether it is a feed is told by feedparser's `version`: its `bozo` flag is 0 for a clean
    web page, and 1 for many feeds that can be read.

    Raises:
        NotAFeed: a web page, an empty answer or anything else that is not RSS or Atom.
    """
    base = fetched.url or site
    headers = {**fetched.headers, "content-location": base}
    parsed = feedparser.parse(io.BytesIO(fetched.body), response_headers=headers)
    if not parsed.get("version"):
        raise NotAFeed(f"{fetched.source}: {_what_it_is(fetched.body)}")
    posts = [_as_post(entry, fetched.source, base) for entry in parsed.entries]
    return Feed(clean_line(parsed.feed.get("title", "")), tuple(p for p in posts if p.title))


def _as_post(entry: Mapping[str, Any], feed: str, base: str) -> Post:
    title = clean_line(entry.get("title", ""))[:MAX_TITLE]
    body = _body(entry)
    link = _absolute(entry.get("link", ""), base)
    return Post(
        feed=feed,
        identity=entry.get("id") or link or _content_hash(title, body),
        link=link or base,
        title=title or clean_line(body)[:80],
        body=body,
        published=_published(entry),
        categories=tuple(tag["term"] for tag in entry.get("tags", ()) if tag.get("term")),
        image=_image(entry, body, link or base),
    )


def _body(entry: Mapping[str, Any]) -> str:
    full = max((c.get("value", "") for c in entry.get("content", ())), key=len, default="")
    return str(full or entry.get("summary", ""))


def _published(entry: Mapping[str, Any]) -> datetime | None:
    parts = entry.get("published_parsed") or entry.get("updated_parsed")
    if parts is None:
        return None
    try:
        return datetime.fromtimestamp(timegm(parts), UTC)
    except (OverflowError, ValueError):  # a year such as 0000 or 99999
        return None


def _image(entry: Mapping[str, Any], body: str, base: str) -> str:
    """The picture to lead with: what the feed names, else the first one in the body."""
    named = [*entry.get("media_content", ()), *entry.get("media_thumbnail", ())]
    found = [item.get("url", "") for item in named if _is_picture(item)]
    found += [e.get("href", "") for e in entry.get("enclosures", ()) if _is_picture(e)]
    return _absolute(found[0] if found else first_image(body), base)


def _is_picture(item: Mapping[str, Any]) -> bool:
    kind = f"{item.get('medium', '')} {item.get('type', '')}"
    path = urlsplit(item.get("url") or item.get("href") or "").path.lower()
    return "image" in kind or path.endswith((".jpg", ".jpeg", ".png", ".gif", ".webp"))


def _absolute(link: str, base: str) -> str:
    """An http(s) address, or nothing: `javascript:` and its kin have no place in a letter."""
    try:
        absolute = urljoin(base, link.strip()) if link.strip() else ""
        return absolute if urlsplit(absolute).scheme in ("http", "https") else ""
    except ValueError:  # a malformed host
        return ""


def _content_hash(*parts: str) -> str:
    return "sha256:" + hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _what_it_is(body: bytes) -> str:
    start = body[:1024].lstrip().lower()
    if not start:
        return "empty; is this the feed's address?"
    if b"<html" in start or b"<!doctype html" in start:
        return "a web page, not a feed; look for its RSS link, often /blog.rss, /feed or /rss.xml"
    return "neither RSS nor Atom"

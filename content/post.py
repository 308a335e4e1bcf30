"""From the bytes of a feed to posts. No network, no clock, no database."""

import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser

from content.errors import NotAFeed
from content.fetch import Fetched
from content.markup.pictures import first_image, is_pixel
from content.markup.tree import readable
from content.markup.words import as_text, excerpt

_MAX_TITLE = 300
_FIRST_WORDS = 80  # of a post without a title
_FIRST_YEAR, _LAST_YEAR = 1990, 2200


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
    # Not the address it was redirected to: guids are resolved against it, and a blog that moves
    # would look new.
    base = fetched.source if "://" in fetched.source else site
    parsed = _parse(fetched.body, {**fetched.headers, "content-location": base})
    if not parsed.get("version"):
        raise NotAFeed(f"{fetched.source}: {_what_it_is(fetched.body)}")
    home = _absolute(parsed.feed.get("link", ""), base) or site
    # Atom says whether a title is plain text; in RSS people write HTML.
    title_of = _atom_title if parsed.version.startswith("atom") else _title
    posts = [_as_post(e, fetched.source, base, home, title_of(e)) for e in parsed.entries]
    title = as_text(parsed.feed.get("title", ""))
    return Feed(title, tuple(post for post in posts if post.title))


def _parse(body: bytes, headers: dict[str, str]) -> Any:
    try:
        return feedparser.parse(io.BytesIO(body), response_headers=headers)
    except (LookupError, UnicodeError):  # a charset that cannot be, or half of a character
        headers.pop("content-type", None)
        whole = re.sub(rb"&#([xX]?)([0-9a-fA-F]{1,12});", _without_halves, body)
        plain = re.sub(
            rb"(<\?xml[^>]*?)\s+encoding\s*=\s*[\"'][^\"'>]*[\"']", rb"\1", whole, count=1
        )
        return feedparser.parse(io.BytesIO(plain), response_headers=headers)


def _without_halves(reference: re.Match[bytes]) -> bytes:
    """A character reference, unless it is a surrogate: half an emoji breaks feedparser."""
    try:
        code = int(reference[2], 16 if reference[1] else 10)
    except ValueError:
        return reference[0]
    return b"" if 0xD800 <= code <= 0xDFFF else reference[0]


def _as_post(entry: dict[str, Any], feed: str, base: str, home: str, title: str) -> Post:
    body = _body(entry)
    link = _absolute(entry.get("link", ""), base)
    terms = (readable(tag["term"]) for tag in entry.get("tags", ()) if tag.get("term"))
    return Post(
        feed=feed,
        identity=readable(entry.get("id", "")) or link or _content_hash(title, body),
        link=link or home,
        title=title or excerpt(body, limit=_FIRST_WORDS),
        body=body,
        published=_published(entry),
        categories=tuple(terms),
        image=_image(entry, body, link or base),
    )


def _title(entry: Mapping[str, Any]) -> str:
    return as_text(entry.get("title", ""))[:_MAX_TITLE]


def _atom_title(entry: Mapping[str, Any]) -> str:
    if entry.get("title_detail", {}).get("type") != "text/plain":
        return _title(entry)
    return " ".join(readable(entry.get("title", "")).split())[:_MAX_TITLE]


def _body(entry: Mapping[str, Any]) -> str:
    full = max((c.get("value", "") for c in entry.get("content", ())), key=len, default="")
    return readable(full or entry.get("summary", ""))


def _published(entry: dict[str, Any]) -> datetime | None:
    """The date, unless it is one that no blog post can have."""
    # dict.get, because feedparser's own gives one date for the other, with a warning.
    parts = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    try:
        year, month, day, hour, minute, second = parts[:6] if parts else (0,) * 6
        published = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:  # no date, the 32nd of a month, the year 0
        return None
    return published if _FIRST_YEAR <= year <= _LAST_YEAR else None


def _image(entry: Mapping[str, Any], body: str, base: str) -> str:
    """The picture to lead with: what the feed names, else the first one in the body."""
    named = [item for item in entry.get("media_content", ()) if _is_picture(item)]
    named += entry.get("media_thumbnail", ())
    named += [item for item in entry.get("enclosures", ()) if _is_picture(item)]
    shown = [item.get("url") or item.get("href") or "" for item in named if not is_pixel(item)]
    addresses = (_absolute(address, base) for address in [*shown, first_image(body)])
    return next((a for a in addresses if a and not _is_portrait(a)), "")


def _is_portrait(address: str) -> bool:
    """WordPress.com names the author's portrait first, and it is no picture of the post."""
    return (urlsplit(address).hostname or "").endswith("gravatar.com")


def _is_picture(item: Mapping[str, Any]) -> bool:
    kind = f"{item.get('medium', '')} {item.get('type', '')}"
    name = (item.get("url") or item.get("href") or "").lower().partition("?")[0]
    return "image" in kind or name.endswith((".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif"))


def _absolute(link: str, base: str) -> str:
    """An http(s) address, or nothing: `javascript:` and its kin have no place in a letter."""
    try:
        relative = readable(link).strip()
        absolute = urljoin(base, relative) if relative else ""
        parts = urlsplit(absolute)
        return absolute if parts.scheme in ("http", "https") and parts.hostname else ""
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

"""From the bytes of a feed to posts. No network, no clock, no database."""

import hashlib
import zlib
from dataclasses import dataclass
from datetime import datetime

from content.errors import NotAFeed
from content.fetched import MAX_BYTES, Fetched, shown
from content.formats.entry import Document, Entry
from content.markup.language import language_tag
from content.markup.links import absolute
from content.markup.pictures import Picture, named_picture
from content.markup.tree import readable
from content.markup.words import as_text, excerpt

_MAX_TITLE = 300
_FIRST_WORDS = 80  # of a post without a title
_MAX_GUID = 1000
_MAX_CATEGORY = 100
_MAX_CATEGORIES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One entry of a feed. `body` and `summary` are the blog's HTML, not yet fit for a letter.

    `published` is UTC, or None when the feed gives no date. Relative addresses in the HTML are
    from `base`. `title` is empty only where there are no words at all.
    """

    feed: str
    guid: str
    link: str
    title: str
    body: str
    summary: str = ""
    base: str = ""
    language: str = ""
    published: datetime | None
    categories: tuple[str, ...] = ()
    picture: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed read once: its own title and front page, and its posts in the feed's order.

    Of a `broken` one the end may be missing, and with it half of the last post.
    """

    title: str
    home: str
    posts: tuple[Post, ...]
    broken: bool = False


def parse_feed(fetched: Fetched, *, site: str) -> Feed:
    """Read the posts out of a feed; `site` is the base for links of a feed read from a path.

    Raises:
        NotAFeed: a web page, an empty answer or anything else that is no feed.
    """
    # Not the address it was redirected to: guids are resolved against it, and a blog that moves
    # would look new.
    base = fetched.source if "://" in fetched.source else site
    try:
        document = _read(fetched, base)
    except NotAFeed as error:
        raise NotAFeed(f"{shown(fetched.source)}: {error}") from error
    home = absolute(document.home, base) or site
    entries = [entry for entry in document.entries if not entry.is_empty]
    posts = [_as_post(entry, document, fetched.source, base, home) for entry in entries]
    title = _cut(as_text(document.title))
    return Feed(title=title, home=home, posts=tuple(posts), broken=document.broken)


def _read(fetched: Fetched, base: str) -> Document:
    # feedparser is slow to import, and many who need posts read no feed.
    from content.formats.json_feed import is_json, read_json
    from content.formats.xml_feed import read_xml

    body = _unpacked(fetched.body)
    return read_json(body) if is_json(body) else read_xml(body, fetched.headers, base=base)


def _unpacked(body: bytes) -> bytes:
    """A file that was compressed before it was put on the server; no larger than any feed."""
    if not body.startswith(b"\x1f\x8b\x08"):
        return body
    try:
        unpacked = zlib.decompressobj(wbits=31).decompress(body, MAX_BYTES + 1)
    except zlib.error as error:
        raise NotAFeed("a compressed file that cannot be unpacked") from error
    if len(unpacked) > MAX_BYTES:
        raise NotAFeed(f"larger than {MAX_BYTES // 1024**2} MiB unpacked, which no feed is")
    return unpacked


def _as_post(entry: Entry, document: Document, feed: str, base: str, home: str) -> Post:
    own_base = absolute(entry.base, base)
    link = absolute(entry.link, base)
    categories = (" ".join(readable(term).split())[:_MAX_CATEGORY] for term in entry.categories)
    pictures = (named_picture(found, own_base or link or base) for found in entry.pictures)
    return Post(
        feed=feed,
        guid=_guid(entry.guid),
        link=link or home,
        title=_title(entry) or excerpt(entry.body, limit=_FIRST_WORDS),
        body=readable(entry.body),
        summary=readable(entry.summary),
        base=own_base or link or home,
        language=language_tag(entry.language or document.language),
        published=entry.published,
        categories=tuple(dict.fromkeys(filter(None, categories)))[:_MAX_CATEGORIES],
        picture=next(filter(None, pictures), None),
    )


def _guid(guid: str) -> str:
    """A guid of a length that a ledger can keep for ever, as unique as it was."""
    name = " ".join(readable(guid).split())
    if len(name) <= _MAX_GUID:
        return name
    return name[:_MAX_GUID] + hashlib.sha256(name.encode()).hexdigest()


def _title(entry: Entry) -> str:
    """The title on one line, as people read it."""
    if entry.is_html_title:
        return _cut(as_text(entry.title))
    return _cut(" ".join(readable(entry.title).split()))


def _cut(title: str) -> str:
    """A title of a readable length: nobody reads 300,000 characters."""
    if len(title) <= _MAX_TITLE:
        return title
    words = title[: _MAX_TITLE - 1].rsplit(" ", 1)[0]
    return words.rstrip(" ,;:") + "…"

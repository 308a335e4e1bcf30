"""From the tables that feedparser makes of a feed to its entries. Pure.

Any part of them may be of any kind: an element that feedparser does not know, and that has the
name of a part it makes itself, takes its place.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from content.formats.entry import Entry, as_html, possible_date

_MAX_PICTURES = 50
_MAX_DATE = 100
_WIDE_ENOUGH = 600  # pixels; a letter is that wide
_HTML_TYPES = ("text/html", "application/xhtml+xml", "")
_NO_TEXT = re.compile(r"(image|audio|video|font|model)/|application/(?!xhtml|xml|html)")
_MARKUP = re.compile(
    r"</?(p|br|a|b|i|em|strong|div|span|img|ul|ol|li|h[1-6]|blockquote|figure)\b[^<>]*>"
    r"|&(#\d{1,6}|#x[\da-f]{1,5}|[a-z]{2,8});",
    re.IGNORECASE,
)
_VOID_ENDS = re.compile(
    r"</(area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)>"
)
_WEB = re.compile(r"\s*https?://", re.IGNORECASE)
# Without one of these feedparser makes a date of the text and today's.
_YEAR = re.compile(r"\d{4}|\d{1,2}[ -][^\W\d]{3,9}[ -]\d{2}\b")


def as_entry(entry: dict[str, Any], base: str, is_atom: bool) -> Entry:
    """What an entry of feedparser's says of a post; relative addresses are from `base`."""
    body, summary, detail = _texts(entry, is_atom)
    titled = _table(dict.get(entry, "title_detail"))
    own_base = text_of(detail, "base")
    return Entry(
        guid=text_of(entry, "id"),
        link=_link(entry),
        title=text_of(entry, "title"),
        # Atom says whether a title is plain text; in RSS people write HTML.
        is_html_title=not (is_atom and titled.get("type") == "text/plain"),
        body=body,
        summary=summary if summary != body else "",
        base=own_base if own_base not in (base, urljoin(base, base)) else "",
        language=next(filter(None, (text_of(t, "language") for t in (detail, titled, entry))), ""),
        published=_published(entry),
        categories=tuple(text_of(_table(tag), "term") for tag in _list(entry, "tags")),
        pictures=tuple(islice(_pictures(entry), _MAX_PICTURES)),
    )


def _texts(entry: dict[str, Any], is_atom: bool) -> tuple[str, str, dict[str, Any]]:
    """The body and the summary of an entry as HTML, and what else it says of the body.

    The body is the longest text: podcasts and some blogs have all of it in the summary, and a
    line in the content. What is said of a picture or a film stands in where nothing else is.
    """
    summary = _table(dict.get(entry, "summary_detail"))  # without it a copy of the content
    texts = [*map(_table, _list(entry, "content")), summary]
    html = [(_html(found, is_atom), found) for found in texts]
    body, detail = max(html, key=lambda pair: len(pair[0]))
    return body or as_html(text_of(entry, "media_description")), html[-1][0], detail


def _html(text: dict[str, Any], is_atom: bool) -> str:
    value, kind = text_of(text, "value"), text_of(text, "type")
    if _NO_TEXT.match(kind):  # base64, or of a picture
        return ""
    if kind == "text/plain" and not (is_atom and _MARKUP.search(value)):
        return as_html(value)  # Atom's default is plain text, which many who write HTML forget
    return _VOID_ENDS.sub("", value) if kind.endswith("xml") else value


def _link(entry: dict[str, Any]) -> str:
    """The address of the post: of its page, before that of any other form of it.

    FeedBurner puts its own counting address into `link` and keeps the blog's beside it.
    """
    links = [_table(link) for link in _list(entry, "links")]
    others = [link for link in links if link.get("rel") == "alternate"]
    pages = [link for link in others if link.get("type") in _HTML_TYPES]
    found = [text_of(entry, "feedburner_origlink"), *(text_of(page, "href") for page in pages)]
    found += [text_of(entry, "link"), *(text_of(other, "href") for other in others)]
    # A guid that is an address mostly leads to the post, and is better than the front page.
    return next(filter(_WEB.match, [*found, text_of(entry, "id")]), "")


def _published(entry: dict[str, Any]) -> datetime | None:
    """The first date of the entry that a post can have."""
    dates = (_date(entry, name) for name in ("published", "updated", "created"))
    return next(filter(None, dates), None)


def _date(entry: dict[str, Any], name: str) -> datetime | None:
    text, parts = text_of(entry, name), dict.get(entry, f"{name}_parsed")
    if not _YEAR.search(text):
        return None
    try:
        if not isinstance(parts, tuple):  # feedparser wants a zone after the time
            moment = parsedate_to_datetime(text[:_MAX_DATE])
            return possible_date(moment.replace(tzinfo=moment.tzinfo or UTC))
        year, month, day, hour, minute, second = parts[:6]
        return possible_date(datetime(year, month, day, hour, minute, second, tzinfo=UTC))
    except (ValueError, TypeError, IndexError, OverflowError):  # the 32nd of a month, the year 0
        return None


def _pictures(entry: dict[str, Any]) -> Iterator[dict[str, str]]:
    """What the feed names as pictures, those that are too narrow for a letter last."""
    image = text_of(_table(dict.get(entry, "image")), "href")
    named = [
        *_list(entry, "media_content"),
        *({"medium": "image", **_table(found)} for found in _list(entry, "media_thumbnail")),
        *(link for link in _list(entry, "links") if _table(link).get("rel") == "enclosure"),
        *([{"medium": "image", "url": image}] if image else []),
    ]
    yield from sorted(filter(None, map(_table, named)), key=_lack_of_width)


def _lack_of_width(picture: dict[str, Any]) -> int:
    width = text_of(picture, "width")
    return max(0, _WIDE_ENOUGH - int(width)) if re.fullmatch("[0-9]{1,6}", width) else 0


def _table(value: Any) -> dict[str, Any]:
    """A part of an entry that is a table; elements of other names may stand in its place."""
    return value if isinstance(value, dict) else {}


def _list(entry: dict[str, Any], name: str) -> list[Any]:
    value = dict.get(entry, name)
    return value if isinstance(value, list) else []


def text_of(table: dict[str, Any], name: str) -> str:
    """A part of an entry that is text, nothing where it is something else."""
    # Not feedparser's own `get`: it gives other parts for those that are not there.
    value = dict.get(table, name)
    return value if isinstance(value, str) else ""

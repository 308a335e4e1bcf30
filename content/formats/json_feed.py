"""Read JSON Feed 1.0 and 1.1, which feedparser does not: https://jsonfeed.org/version/1.1. Pure."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from typing import Any

from content.errors import NotAFeed
from content.formats.entry import MAX_ENTRIES, Document, Entry, as_html, possible_date

_VERSIONS = "https://jsonfeed.org/version/1"
_MAX_ATTACHMENTS = 50
_SPACE = "\ufeff \t\r\n"


class _Number(str):
    """A number as it is written: Python takes long for one of a million digits, or refuses it."""

    __slots__ = ()


_DECODER = json.JSONDecoder(parse_int=_Number, parse_float=_Number)


def is_json(body: bytes) -> bool:
    """Tell whether this may be JSON: XML begins otherwise."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def read_json(body: bytes) -> Document:
    """Read the entries of a JSON Feed. Members of a wrong type count as not there.

    One that breaks off is no feed, unlike XML: where JSON ends too early nobody can say which of
    its brackets were meant to close. What comes after its end is not looked at.

    Raises:
        NotAFeed: JSON that breaks off, or that is something else.
    """
    try:
        feed, _end = _DECODER.raw_decode(body.decode("utf-8", "replace").lstrip(_SPACE))
    except (ValueError, RecursionError) as error:
        raise NotAFeed("JSON that breaks off or is not well-formed") from error
    if not _text(feed, "version").startswith(_VERSIONS):
        raise NotAFeed("JSON, but no JSON Feed 1.x")
    items = _list(feed, "items")
    if len(items) > MAX_ENTRIES:
        raise NotAFeed(f"more than {MAX_ENTRIES} posts, which no feed has")
    return Document(
        title=_text(feed, "title"),
        home=_text(feed, "home_page_url"),
        language=_text(feed, "language"),
        entries=tuple(_as_entry(item) for item in items if isinstance(item, dict)),
    )


def _as_entry(item: dict[str, Any]) -> Entry:
    body = _text(item, "content_html") or as_html(_text(item, "content_text"))
    summary = escape(_text(item, "summary"), quote=False)
    guid = item.get("id")
    return Entry(
        # Feeds of version 1.0 may number their items.
        guid=guid if isinstance(guid, str) else "",
        link=_text(item, "url") or _text(item, "external_url"),
        title=_text(item, "title"),
        is_html_title=False,
        body=body or summary,
        summary=summary if body else "",
        language=_text(item, "language"),
        published=_date(_text(item, "date_published")) or _date(_text(item, "date_modified")),
        categories=tuple(tag for tag in _list(item, "tags") if isinstance(tag, str)),
        pictures=tuple(_pictures(item)),
    )


def _pictures(item: dict[str, Any]) -> Iterator[dict[str, str]]:
    for name in ("image", "banner_image"):
        if url := _text(item, name):
            yield {"medium": "image", "url": url}
    for found in _list(item, "attachments")[:_MAX_ATTACHMENTS]:
        if url := _text(found, "url"):
            yield {"url": url, "type": _text(found, "mime_type")}


def _text(table: Any, name: str) -> str:
    value = table.get(name) if isinstance(table, dict) else None
    return value if isinstance(value, str) and not isinstance(value, _Number) else ""


def _list(table: dict[str, Any], name: str) -> list[Any]:
    value = table.get(name)
    return value if isinstance(value, list) else []


def _date(text: str) -> datetime | None:
    """An RFC 3339 date, unless it is one that no blog post can have."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return possible_date(moment.replace(tzinfo=moment.tzinfo or UTC))
    except (ValueError, OverflowError):
        return None

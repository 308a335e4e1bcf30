"""Get the bytes of a feed, over http(s) or from a path. Does not look inside them."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from content.errors import FeedGone, FeedUnreachable
from content.fetched import MAX_BYTES, NOTHING_KNOWN, Fetched, Validators, shown
from content.web.connection import Reply, Web, too_large
from content.web.wire import NoAnswer

TRANSFER_SECONDS = 60
PAGE_SECONDS = 10
LONGEST_WAIT = 24 * 60 * 60
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, */*;q=0.5"
)
_MOVED_FOR_GOOD = {301, 308}


def open_session() -> Web:
    """The web, to fetch from; it keeps connections."""
    return Web()


def fetch_feed(
    source: str,
    *,
    session: Web,
    folder: Path,
    last: Validators = NOTHING_KNOWN,
    private: bool = False,
) -> Fetched:
    """Read `source`, an http(s) address or a path (relative ones from `folder`).

    At most 10 MiB after decompression and 5 redirects; 5 seconds to connect, 30 without a byte,
    60 in all. Redirects to addresses that are not public are refused unless `private`. A feed that
    has moved for good is read where it is now.

    Raises:
        FeedUnreachable: nothing there, an HTTP error, or too large.
        FeedGone: the blog says so.
    """
    if _is_web(source):
        return _fetch_url(source, session, last, private)
    if "://" in source:
        raise FeedUnreachable(f"{shown(source)}: a feed is an http(s) address or a path")
    return _read_path(source, folder)


def is_gone(link: str, *, session: Web, private: bool = False) -> bool:
    """Ask a post's own page whether it was taken down; any doubt is a no.

    With GET, because some servers answer HEAD with a 404 of their own; the page is not read. The
    link comes from a feed, so the first request is guarded like a redirect.
    """
    headers = {"Accept": "text/html, */*;q=0.5"}
    try:
        reply = session.ask(
            link, headers=headers, seconds=PAGE_SECONDS, max_bytes=0, private=private
        )
    except NoAnswer:
        return False
    return reply.status in (404, 410)


def _is_web(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


def _read_path(source: str, folder: Path) -> Fetched:
    try:
        body = (folder / source).read_bytes()
    except OSError as error:
        raise FeedUnreachable(f"{source}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise FeedUnreachable(f"{source}: neither an address nor a path") from error
    if len(body) > MAX_BYTES:
        raise FeedUnreachable(f"{source}: {too_large(MAX_BYTES)}")
    return Fetched(source, "", body, {})


def _fetch_url(source: str, web: Web, last: Validators, private: bool) -> Fetched:
    start = _start(source, last)
    own = start == source
    where = shown(source) if own else f"{shown(source)}, moved to {shown(start)}"
    try:
        reply = web.ask(
            start,
            headers=_conditions(last),
            seconds=TRANSFER_SECONDS,
            max_bytes=MAX_BYTES,
            own=own,
            private=private,
        )
    except NoAnswer as error:
        raise FeedUnreachable(f"{where}: {error}") from error
    _require_feed(where, reply, last)
    return _as_fetched(source, start, reply, last)


def _start(source: str, last: Validators) -> str:
    # A password is for the address the author wrote it into: then each reading starts there.
    return last.moved_to if last.moved_to and shown(source) == source else source


def _conditions(last: Validators) -> dict[str, str]:
    named = {"If-None-Match": last.etag, "If-Modified-Since": last.last_modified}
    return {"Accept": _ACCEPT} | {name: value for name, value in named.items() if value}


def _require_feed(where: str, reply: Reply, last: Validators) -> None:
    asked = last.etag or last.last_modified
    if reply.status == 200 or (reply.status == 304 and asked):
        return
    # At the end of a temporary redirect, what is gone is not what the author's address names.
    if reply.status == 410 and _MOVED_FOR_GOOD.issuperset(reply.hops):
        raise FeedGone(
            f"{where}: the blog says this feed is gone for good (HTTP 410); take it out of "
            "lettermill.toml, or put its new address there"
        )
    wait = retry_after(reply.headers) if reply.status in (429, 503) else 0
    raise FeedUnreachable(f"{where}: the blog answered HTTP {reply.status}", retry_after=wait)


def retry_after(headers: dict[str, str]) -> int:
    """The seconds a server asks us to wait, at most a day; 0 where it does not say (RFC 9110).

    A date counts from the server's own: our clock and its may differ.
    """
    value = headers.get("retry-after", "").strip()
    if re.fullmatch("[0-9]+", value):
        return LONGEST_WAIT if len(value) > 9 else min(int(value), LONGEST_WAIT)
    until, now = _moment(value), _moment(headers.get("date", ""))
    if until is None or now is None:
        return 0
    return int(min(max((until - now).total_seconds(), 0), LONGEST_WAIT))


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _as_fetched(source: str, start: str, reply: Reply, last: Validators) -> Fetched:
    unchanged = reply.status == 304
    moved_to = _moved_to(source, start, reply)
    etag, modified = (_plain(reply.headers.get(name, "")) for name in ("etag", "last-modified"))
    if unchanged:
        etag, modified = etag or last.etag, modified or last.last_modified
    validators = Validators(etag, modified, moved_to)
    url = shown(reply.url)
    return Fetched(source, url, reply.body, reply.headers, unchanged, moved_to, validators)


def _moved_to(source: str, start: str, reply: Reply) -> str:
    end = shown(reply.url) if reply.hops else start
    return end if _MOVED_FOR_GOOD.issuperset(reply.hops) and end != shown(source) else ""


def _plain(value: str) -> str:
    """A header that can be sent back: one of several lines would make every later request fail."""
    return value if re.fullmatch(r"[!-~\x80-\xff][ -~\x80-\xff]{0,999}", value) else ""

"""Get the bytes of a feed, over http(s) or from a path. Does not look inside them."""

import re
from dataclasses import dataclass
from pathlib import Path

import requests

from content.errors import FeedUnreachable

CONNECT_SECONDS = 5
READ_SECONDS = 30
MAX_BYTES = 10 * 1024 * 1024
MAX_REDIRECTS = 5
CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Fetched:
    """A feed as it arrived: `body` is decompressed, `headers` have lower-case names."""

    source: str
    url: str
    body: bytes
    headers: dict[str, str]


def open_session() -> requests.Session:
    """A session to fetch with: it keeps connections, and follows at most 5 redirects."""
    session = requests.Session()
    session.max_redirects = MAX_REDIRECTS
    return session


def fetch_feed(source: str, *, session: requests.Session, folder: Path) -> Fetched:
    """Read `source`, an http(s) address or a path (relative ones from `folder`).

    At most 10 MiB after decompression and 5 redirects; 5 seconds to connect, 30 without a byte.

    Raises:
        FeedUnreachable: nothing there, an HTTP error, or too large.
    """
    if source.lower().startswith(("http://", "https://")):
        return _fetch_url(source, session)
    if "://" in source:
        raise FeedUnreachable(f"{source}: a feed is an http(s) address or a path")
    return _read_path(source, folder)


def _read_path(source: str, folder: Path) -> Fetched:
    try:
        body = (folder / source).read_bytes()
    except OSError as error:
        raise FeedUnreachable(f"{source}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise FeedUnreachable(f"{source}: neither an address nor a path") from error
    if len(body) > MAX_BYTES:
        raise _too_large(source)
    return Fetched(source, "", body, {})


def _fetch_url(source: str, session: requests.Session) -> Fetched:
    try:
        with session.get(source, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS)) as answer:
            if answer.status_code != requests.codes.ok:
                said = f"the blog answered HTTP {answer.status_code}"
                raise FeedUnreachable(f"{_shown(source)}: {said}")
            body = _read_capped(answer, source)
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Fetched(source, answer.url, body, headers)
    except (requests.RequestException, ValueError) as error:
        raise FeedUnreachable(f"{_shown(source)}: {_why(error)}") from error


def _read_capped(answer: requests.Response, source: str) -> bytes:
    body = bytearray()
    for chunk in answer.iter_content(CHUNK_BYTES):
        body += chunk
        if len(body) > MAX_BYTES:
            raise _too_large(source)
    return bytes(body)


def _shown(source: str) -> str:
    """An address without the password that may stand in it."""
    return re.sub(r"//[^/@]*@", "//", source)


def _too_large(source: str) -> FeedUnreachable:
    return FeedUnreachable(
        f"{_shown(source)}: larger than {MAX_BYTES // 1024**2} MiB, which no feed is"
    )


def _why(error: Exception) -> str:
    """The failure in words; requests reports a stall in the middle as a connection error."""
    cause = error.args[0] if error.args else None
    if isinstance(error, requests.ConnectTimeout):
        return f"no connection in {CONNECT_SECONDS} seconds"
    if isinstance(error, requests.exceptions.SSLError):
        return "the connection is not secure: its certificate, or no TLS at that address"
    if isinstance(error, requests.Timeout) or type(cause).__name__ == "ReadTimeoutError":
        return f"no answer in {READ_SECONDS} seconds"
    reason = type(getattr(cause, "reason", None)).__name__
    if reason in ("NewConnectionError", "NameResolutionError"):
        return "no connection; is the address right?"
    if isinstance(error, requests.TooManyRedirects):
        return f"more than {MAX_REDIRECTS} redirects"
    if isinstance(error, requests.ConnectionError):
        return "the connection broke before the end"
    return f"not readable ({type(error).__name__})"

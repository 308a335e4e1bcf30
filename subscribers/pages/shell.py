"""What every page of readers shares: how it answers, what it stands on, what it reads of a body."""

import base64
import hashlib
import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, parse_form
from sqlite_utils import Database
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

T = TypeVar("T")

MAX_BODY = 64 * 1024
_MOST_FIELDS = 100
# No cache may keep these pages, no search engine may list them, and their address, which holds
# the reader's token, is told to nobody.
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
}
# It complains of each bent form, in words that the stranger wrote.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
_NOTHING = "'none'"
_STYLE = re.compile("<style>(.*?)</style>", re.DOTALL)


class Commit(Protocol):
    """Runs a job as one transaction; what it gives back is on disk when this returns."""

    def __call__(self, job: Callable[[Database], T], /) -> Awaitable[T]:
        """Run the job; whatever it raises is raised here, and nothing of it is written."""


class Render(Protocol):
    """Fills a page of templates/pages in a language; '' is the newsletter's own."""

    def __call__(self, name: str, values: Mapping[str, Any], language: str = "", /) -> str:
        """Give the page's HTML."""


class Languages(Protocol):
    """The languages that there are words in."""

    @property
    def languages(self) -> list[str]:
        """Their codes."""

    def name_of(self, language: str) -> str:
        """Its name in itself, for who does not read the one of the page."""

    def choose(self, wanted: str, otherwise: str) -> str:
        """The one that an Accept-Language header likes best."""


@dataclass(frozen=True, slots=True)
class Shell:
    """What pages stand on: the list to read from, the way to write to it, clock and templates.

    `language` is the newsletter's own.
    """

    db: Database
    commit: Commit
    clock: Callable[[], datetime]
    render: Render
    catalogues: Languages
    language: str

    def language_of(self, request: Request, said: str = "") -> str:
        """The language of an answer: the one that was said, else what the browser asks for."""
        if said in self.catalogues.languages:
            return said
        return self.catalogues.choose(request.headers.get("accept-language", ""), self.language)

    def page(self, name: str, *, status: int = 200, language: str = "", **values: Any) -> Response:
        """Answer with a page."""
        html = self.render(name, values, language)
        headers = {**HEADERS, "Content-Security-Policy": _policy(html)}
        return HTMLResponse(html, status_code=status, headers=headers)


def _policy(html: str) -> str:
    """Allow the page its own style and its own forms, and nothing else (CSP level 2)."""
    digests = [hashlib.sha256(style.encode()).digest() for style in _STYLE.findall(html)]
    styles = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; style-src {styles or _NOTHING}; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )


def read_fields(request: Request, body: bytes) -> dict[str, str]:
    """The fields of a form, of each the first; what is no form has none."""
    kind = request.headers.get("content-type", "")
    pairs = _parts(kind, body) if kind.startswith("multipart/form-data") else _pairs(body)
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields.setdefault(name, value)
    return fields


def _pairs(body: bytes) -> Iterator[tuple[str, str]]:
    with suppress(ValueError):  # more fields than any form of ours has
        yield from parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )


def _parts(kind: str, body: bytes) -> Iterator[tuple[str, str]]:
    found: list[Field] = []
    headers = {"Content-Type": kind.encode("latin-1", "replace")}
    with suppress(FormParserError):  # cut short: what came before counts
        parse_form(headers, BytesIO(body), found.append, None)
    for field in found:
        name, value = field.field_name or b"", field.value or b""
        yield name.decode("utf-8", "replace"), value.decode("utf-8", "replace")


async def read_body(request: Request) -> bytes:
    """The start of the body; nothing that we understand is longer than 64 KiB."""
    body = b""
    with suppress(ClientDisconnect):
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                break
    return body[:MAX_BODY]

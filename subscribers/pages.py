"""The readers' own pages: the way out, and preferences. Reads no clock; what it needs comes in."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from subscribers import store
from subscribers.consent import Status
from subscribers.errors import BadLink
from subscribers.links import ReaderLinks
from subscribers.preferences import read_wish
from subscribers.unsubscribe import MAX_BODY, Ask, read_ask

# No cache may keep these pages, no search engine may list them, and their address, which holds
# the reader's token, is told to nobody.
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
}

Render = Callable[[str, Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Pages:
    """What the pages stand on: the list, the keys, the clock and the templates."""

    db: Database
    exits: ReaderLinks
    preferences: ReaderLinks
    clock: Callable[[], datetime]
    render: Render

    def routes(self) -> list[Route]:
        """The routes of the public site."""
        both = ["GET", "POST"]
        return [
            Route("/unsubscribe/{token:path}", self.unsubscribe, methods=both),
            Route("/preferences/{token:path}", self.prefer, methods=both),
        ]

    async def unsubscribe(self, request: Request) -> Response:
        """GET and HEAD show a page and change nothing; POST takes the reader off the list."""
        try:
            subscriber_id = self.exits.read(request.path_params["token"])
        except BadLink:
            return self._page("bad_link.html", status=404)
        ask = read_ask(request.method, await _read_body(request))
        if ask is Ask.SHOW:
            return self._show("unsubscribe.html", subscriber_id)
        store.withdraw(self.db, subscriber_id, source=ask.value, now=self.clock())
        if ask is Ask.LEAVE_BY_ONE_CLICK:
            return PlainTextResponse("You are unsubscribed.\n", headers=_HEADERS)
        return self._page("unsubscribe_done.html")

    async def prefer(self, request: Request) -> Response:
        """GET and HEAD show what is set; the page's own form sets it."""
        try:
            subscriber_id = self.preferences.read(request.path_params["token"])
        except BadLink:
            return self._page("bad_link.html", status=404)
        wish = read_wish(request.method, await _read_body(request))
        if wish is not None:
            store.save_preferences(self.db, subscriber_id, wish.name, wish.wants_offers)
        return self._show("preferences.html", subscriber_id, saved=wish is not None)

    def _show(self, name: str, subscriber_id: str, **values: Any) -> Response:
        """A page for somebody on the list; who has left is told so instead."""
        person = store.find_subscriber(self.db, subscriber_id)
        if person is None or person.status is Status.UNSUBSCRIBED:
            return self._page("unsubscribe_done.html")
        return self._page(name, person=person, **values)

    def _page(self, name: str, *, status: int = 200, **values: Any) -> Response:
        return HTMLResponse(self.render(name, values), status_code=status, headers=_HEADERS)


async def _read_body(request: Request) -> bytes:
    """The start of the body; nothing that we understand is longer than 64 KiB."""
    body = b""
    with suppress(ClientDisconnect):
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                break
    return body[:MAX_BODY]

"""The address to which the provider sends its events: verified, stored, answered, then applied.

The last part of the path is a secret of ours: not every provider signs. Nothing here says to a
stranger whether a path exists, and no address is written to a log.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterable

from sqlite_utils import Database
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from delivery.errors import BadEvent, ProviderError
from delivery.events.event import Event, EventReader, Incoming
from delivery.events.passwords import as_bytes, is_one_of
from delivery.events.store import keep
from flows.errors import Busy
from flows.mailings.hearing import apply_stored
from flows.resources import Resources
from flows.serving.group_commit import GroupCommit

# SendGrid sends up to some 3 MB at once; nobody sends more.
_MOST_BYTES = 5 * 1024**2
_log = logging.getLogger(__name__)


class Webhooks:
    """One route for the provider of the settings. `visit` opens an address that a reader names."""

    def __init__(
        self,
        resources: Resources,
        reader: EventReader,
        commit: GroupCommit,
        visit: Callable[[str], object],
    ) -> None:
        self._resources, self._reader = resources, reader
        self._commit, self._visit = commit, visit

    def routes(self) -> Iterable[Route]:
        """Where the provider POSTs."""
        path = f"/webhooks/{self._reader.name}/{{secret}}"
        return [Route(path, self._receive, methods=["POST"])]

    async def _receive(self, request: Request) -> Response:
        replies = self._reader.replies
        if not self._is_ours(request.path_params["secret"]):
            return _answer(404)
        body = await _read_body(request)
        if body is None:
            return _answer(413)
        incoming, now = Incoming(dict(request.headers), body), self._resources.clock.now()
        try:
            await run_in_threadpool(self._reader.verify, incoming, now=now)
        except BadEvent:
            return _answer(replies.unsigned)
        except ProviderError:  # what it takes to check it cannot be had now
            return _answer(replies.not_stored)
        if address := self._reader.confirmation(incoming):
            return await self._confirm(address)
        try:
            events = self._reader.read(incoming, now=now)
        except BadEvent:
            return _answer(replies.unread)
        return await self._store(events)

    async def _store(self, events: Iterable[Event]) -> Response:
        """Answer only when the events are on disk; where they cannot be, the provider comes again.

        They are applied after the answer, so that a slow rule never costs us an event.
        """
        name, now = self._reader.name, self._resources.clock.now()
        try:
            await self._commit(lambda db: keep(db, name, events, now=now))
        except (Busy, sqlite3.Error):
            return _answer(self._reader.replies.not_stored)
        return PlainTextResponse("ok\n", 200, background=BackgroundTask(self._apply))

    async def _apply(self) -> None:
        def apply(db: Database) -> int:
            return apply_stored(self._resources, db)

        try:
            await self._commit(apply)
        except (Busy, sqlite3.Error):  # they are on disk; the next event or `hear` applies them
            _log.warning("events wait: the database cannot be written to at this moment")

    async def _confirm(self, address: str) -> Response:
        try:
            await run_in_threadpool(self._visit, address)
        except ProviderError:
            return _answer(self._reader.replies.not_stored)
        return _answer(200)

    def _is_ours(self, secret: str) -> bool:
        known = [as_bytes(path) for path in self._resources.secrets.webhook_paths]
        return is_one_of(as_bytes(secret), known)


async def _read_body(request: Request) -> bytes | None:
    """The body to the byte: signatures are over that. None when there is too much of it."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST_BYTES:
                return None
    except ClientDisconnect:
        return None
    return bytes(body)


def _answer(status: int) -> Response:
    return PlainTextResponse("ok\n" if status == 200 else "no\n", status_code=status)

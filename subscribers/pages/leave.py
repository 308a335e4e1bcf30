"""The way out: /unsubscribe/TOKEN."""

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from subscribers import store
from subscribers.consent import Status
from subscribers.errors import BadLink
from subscribers.leaving.probe_store import is_waiting
from subscribers.leaving.store import may_undo, restore, withdraw
from subscribers.leaving.unsubscribe import ONE_CLICK_DONE, Ask, read_ask
from subscribers.links import ReaderLinks
from subscribers.pages.shell import HEADERS, Shell, read_body


@dataclass(frozen=True, slots=True)
class LeavePages:
    """Leaving the list, by a person's button or by a mail program's one click; and the undo."""

    shell: Shell
    exits: ReaderLinks

    def routes(self) -> list[Route]:
        """Where these pages are."""
        path = "/unsubscribe/{token:path}"
        return [Route(path, self.unsubscribe, methods=["GET", "POST"])]

    async def unsubscribe(self, request: Request) -> Response:
        """GET and HEAD show a page and change nothing; POST takes the reader off the list."""
        try:
            reader = self.exits.read(request.path_params["token"])
        except BadLink:
            language = self.shell.language_of(request)
            return self.shell.page("bad_link.html", status=404, language=language)
        ask = read_ask(request.method, await read_body(request))
        if ask is Ask.SHOW:
            return self._show(request, reader)
        now = self.shell.clock()
        if ask is Ask.UNDO:
            back = await self.shell.commit(lambda db: _undo(db, reader, now))
            return self._show(request, reader, restored=back)
        await self.shell.commit(lambda db: withdraw(db, reader, source=ask.value, now=now))
        if ask is Ask.LEAVE_BY_ONE_CLICK:
            return PlainTextResponse(ONE_CLICK_DONE, headers=HEADERS)
        return self._show(request, reader)

    def _show(self, request: Request, reader: str, *, restored: bool = False) -> Response:
        """What the link says now: the way out, or that it was taken, or that it was taken back."""
        person = store.find_subscriber(self.shell.db, reader)
        language = self.shell.language_of(request, person.language if person else "")
        probe = person is None and is_waiting(self.shell.db, reader)
        if not probe and (person is None or person.status is Status.UNSUBSCRIBED):
            undo = may_undo(self.shell.db, reader, self.shell.clock())
            return self.shell.page("unsubscribe_done.html", language=language, can_undo=undo)
        name = "restored.html" if restored else "unsubscribe.html"
        return self.shell.page(name, language=language)


def _undo(db: Database, reader: str, now: datetime) -> bool:
    if not may_undo(db, reader, now):
        return False
    restore(db, reader, source="undo", now=now)
    return True

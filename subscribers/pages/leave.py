"""The way out: /unsubscribe/TOKEN."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from subscribers import store
from subscribers.consent import Status
from subscribers.errors import BadLink
from subscribers.leaving.store import withdraw
from subscribers.leaving.unsubscribe import Ask, read_ask
from subscribers.links import ReaderLinks
from subscribers.pages.shell import HEADERS, Shell, read_body


@dataclass(frozen=True, slots=True)
class LeavePages:
    """Leaving the list, by a person's button or by a mail program's one click."""

    shell: Shell
    exits: ReaderLinks

    def routes(self) -> list[Route]:
        """Where these pages are."""
        path = "/unsubscribe/{token:path}"
        return [Route(path, self.unsubscribe, methods=["GET", "POST"])]

    async def unsubscribe(self, request: Request) -> Response:
        """GET and HEAD show a page and change nothing; POST takes the reader off the list."""
        try:
            subscriber_id = self.exits.read(request.path_params["token"])
        except BadLink:
            return self.shell.page("bad_link.html", status=404)
        ask = read_ask(request.method, await read_body(request))
        if ask is Ask.SHOW:
            return self._show(subscriber_id)
        now = self.shell.clock()
        await self.shell.commit(lambda db: withdraw(db, subscriber_id, source=ask.value, now=now))
        if ask is Ask.LEAVE_BY_ONE_CLICK:
            return PlainTextResponse("You are unsubscribed.\n", headers=HEADERS)
        return self.shell.page("unsubscribe_done.html")

    def _show(self, subscriber_id: str) -> Response:
        person = store.find_subscriber(self.shell.db, subscriber_id)
        if person is None or person.status is Status.UNSUBSCRIBED:
            return self.shell.page("unsubscribe_done.html")
        return self.shell.page("unsubscribe.html", person=person)

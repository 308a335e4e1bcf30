"""How a reader wants to be written to: /preferences/TOKEN."""

from dataclasses import asdict, dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from subscribers import store
from subscribers.consent import Status
from subscribers.errors import BadLink
from subscribers.links import ReaderLinks
from subscribers.pages.shell import Shell, read_body
from subscribers.preference_store import save_preferences
from subscribers.preferences import read_wish


@dataclass(frozen=True, slots=True)
class PreferencePages:
    """What a reader may set for themselves."""

    shell: Shell
    preferences: ReaderLinks

    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [Route("/preferences/{token:path}", self.prefer, methods=["GET", "POST"])]

    async def prefer(self, request: Request) -> Response:
        """GET and HEAD show what is set; the page's own form sets it."""
        try:
            subscriber_id = self.preferences.read(request.path_params["token"])
        except BadLink:
            return self.shell.page("bad_link.html", status=404)
        wish = read_wish(request.method, await read_body(request))
        if wish is not None:
            wished, now = asdict(wish), self.shell.clock()
            await self.shell.commit(
                lambda db: save_preferences(db, subscriber_id, wished, source="page", now=now)
            )
        return self._show(subscriber_id, saved=wish is not None)

    def _show(self, subscriber_id: str, *, saved: bool) -> Response:
        """The form for somebody on the list; who has left is told so instead."""
        person = store.find_subscriber(self.shell.db, subscriber_id)
        if person is None or person.status is Status.UNSUBSCRIBED:
            return self.shell.page("unsubscribe_done.html")
        return self.shell.page("preferences.html", person=person, saved=saved)

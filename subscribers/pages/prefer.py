"""How a reader wants to be written to, and what we know of them: /preferences/TOKEN."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson
from sqlite_utils import Database
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from subscribers import store
from subscribers.consent import Status
from subscribers.errors import BadLink, BadWish, NobodyThere
from subscribers.leaving.store import withdraw
from subscribers.links import ReaderLinks
from subscribers.pages.shell import HEADERS, Shell, read_body, read_fields
from subscribers.preference_store import save_preferences
from subscribers.preferences import LONGEST_PAUSE, Deed, read_deed, read_wish
from subscribers.store import Subscriber


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencePages:
    """What readers set, see and have erased.

    `today` is the day where the newsletter is at home. `personal_data` gives all that is known of
    somebody, `erase` forgets them and gives what their certificate says.
    """

    shell: Shell
    preferences: ReaderLinks
    today: Callable[[], date]
    personal_data: Callable[[Database, str], Mapping[str, Any]]
    erase: Callable[[Database, str], object]

    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [Route("/preferences/{token:path}", self.prefer, methods=["GET", "POST"])]

    async def prefer(self, request: Request) -> Response:
        """GET and HEAD show what is set; the page's own buttons act."""
        try:
            reader = self.preferences.read(request.path_params["token"])
        except BadLink:
            language = self.shell.language_of(request)
            return self.shell.page("bad_link.html", status=404, language=language)
        fields = read_fields(request, await read_body(request))
        person = store.find_subscriber(self.shell.db, reader)
        language = self.shell.language_of(request, person.language if person else "")
        deed = read_deed(request.method, fields)
        with suppress(NobodyThere):  # an impatient second press: the first has erased them
            if person is not None:
                return await self._act(deed, person, fields, language)
        return self.shell.page("unsubscribe_done.html", language=language, can_undo=False)

    async def _act(
        self, deed: Deed, person: Subscriber, fields: Mapping[str, str], language: str
    ) -> Response:
        if deed is Deed.DOWNLOAD:
            return _as_file(self.personal_data(self.shell.db, person.id))
        if deed is Deed.ASK_ERASE:
            return self.shell.page("erase.html", language=language)
        if deed is Deed.ERASE:
            done = await self.shell.commit(lambda db: self.erase(db, person.id))
            return self.shell.page("erased.html", language=language, certificate=done)
        if deed is Deed.LEAVE:
            now = self.shell.clock()
            await self.shell.commit(
                lambda db: withdraw(db, person.id, source="preferences", now=now)
            )
        if deed is Deed.SAVE and person.status is not Status.UNSUBSCRIBED:
            return await self._save(person, fields, language)
        return self._show(person.id, language)

    async def _save(self, person: Subscriber, fields: Mapping[str, str], language: str) -> Response:
        try:
            wish = read_wish(fields, self.shell.catalogues.languages, self.today())
        except BadWish as error:
            return self._show(person.id, language, problem=str(error))
        now = self.shell.clock()
        await self.shell.commit(
            lambda db: save_preferences(db, person.id, wish.as_row(), source="page", now=now)
        )
        return self._show(person.id, wish.language or language, saved=True)

    def _show(
        self, reader: str, language: str, *, saved: bool = False, problem: str = ""
    ) -> Response:
        """The form for somebody on the list; who has left may see and erase what is known."""
        person = store.find_subscriber(self.shell.db, reader)
        if person is None or person.status is Status.UNSUBSCRIBED:
            return self.shell.page("preferences_gone.html", language=language)
        today, said = self.today(), self.shell.catalogues
        return self.shell.page(
            "preferences.html",
            status=422 if problem else 200,
            language=language,
            person=person,
            languages=[(code, said.name_of(code)) for code in said.languages],
            saved=saved,
            problem=problem,
            shortest=today + timedelta(days=1),
            longest=today + LONGEST_PAUSE,
        )


def _as_file(data: Mapping[str, Any]) -> Response:
    body = orjson.dumps(data, option=orjson.OPT_INDENT_2)
    headers = {**HEADERS, "Content-Disposition": 'attachment; filename="my-data.json"'}
    return Response(body, headers=headers, media_type="application/json")

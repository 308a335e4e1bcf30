"""The way in: /subscribe, /confirm/TOKEN, and /find-my-link for who has lost the way out."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from subscribers.address import Address, read_address
from subscribers.errors import BadAddress, BadLink
from subscribers.joining.form import Form, read_form
from subscribers.joining.limits import NetworkLimits
from subscribers.joining.steps import Joining, Visit
from subscribers.links import ReaderLinks
from subscribers.pages.shell import Shell, read_body, read_fields

_SUBSCRIBE, _FIND = "/subscribe", "/find-my-link"
_RETRY = "3600"  # seconds; the longest window of the limits


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinPages:
    """Signing up, confirming, and finding one's link.

    `wording` gives the words beside the button in a language; `wake` is called when a letter is
    owed; `preferences_url` is the address of the preferences, up to the token.
    """

    shell: Shell
    joining: Joining
    confirmations: ReaderLinks
    preferences: ReaderLinks
    preferences_url: str
    wording: Callable[[str], str]
    ask_name: bool
    wake: Callable[[], None]
    limits: NetworkLimits

    def routes(self) -> list[Route]:
        """Where these pages are."""
        both = ["GET", "POST"]
        return [
            Route(_SUBSCRIBE, self.subscribe, methods=both),
            Route(_FIND, self.find, methods=both),
            Route("/confirm/{token:path}", self.confirm, methods=both),
        ]

    async def subscribe(self, request: Request) -> Response:
        """GET shows the form; POST takes it, from our page or from any other."""
        if request.method == "POST" and not self._allowed(request):
            return self._too_many(self.shell.language_of(request))
        form, language = await self._form(request)
        if request.method != "POST":
            return self._subscribe_form(form, language)
        try:
            address = read_address(form.email)
        except BadAddress:
            return self._subscribe_form(form, language, bad_address=True)
        if not form.by_program:
            await self._sign_up(request, address, form, language)
        return self.shell.page("subscribe_sent.html", language=language)

    async def _sign_up(self, request: Request, address: Address, form: Form, language: str) -> None:
        visit, words = self._visit(request, "form", language), self.wording(language)
        await self.shell.commit(lambda db: self.joining.sign_up(db, address, form, words, visit))
        self.wake()

    async def find(self, request: Request) -> Response:
        """GET shows the form; POST mails the links to who is on the list, and tells nobody."""
        if request.method == "POST" and not self._allowed(request):
            return self._too_many(self.shell.language_of(request))
        form, language = await self._form(request)
        if request.method != "POST":
            return self._find_form(form, language)
        try:
            address = read_address(form.email)
        except BadAddress:
            return self._find_form(form, language, bad_address=True)
        if not form.by_program:
            visit = self._visit(request, "find-my-link", language)
            await self.shell.commit(lambda db: self.joining.search(db, address, visit))
            self.wake()
        return self.shell.page("find_my_link_sent.html", language=language)

    async def confirm(self, request: Request) -> Response:
        """GET and HEAD show a button and change nothing; POST confirms."""
        language = self.shell.language_of(request)
        try:
            request_id = self.confirmations.read(request.path_params["token"])
        except BadLink:
            return self.shell.page("bad_link.html", status=404, language=language)
        visit = self._visit(request, "confirmation", language)
        if request.method != "POST":
            asked = self.joining.can_confirm(self.shell.db, request_id, visit.at)
            name = "confirm.html" if asked else "confirm_old.html"
            return self.shell.page(name, language=language)
        await read_body(request)
        asked = await self.shell.commit(lambda db: self.joining.confirm(db, request_id, visit))
        if asked is None:
            return self.shell.page("confirm_old.html", status=410, language=language)
        self.wake()
        url = self.preferences_url + self.preferences.sign(asked.subscriber_id)
        return self.shell.page("confirm_done.html", language=language, preferences_url=url)

    async def _form(self, request: Request) -> tuple[Form, str]:
        form = read_form(read_fields(request, await read_body(request)))
        said = form.language or request.query_params.get("language", "")
        return form, self.shell.language_of(request, said)

    def _allowed(self, request: Request) -> bool:
        return self.limits.allow(request.client.host if request.client else "")

    def _visit(self, request: Request, what: str, language: str) -> Visit:
        origin = request.headers.get("origin") or request.headers.get("referer", "")
        host = _host(origin)
        return Visit(
            at=self.shell.clock(),
            ip=request.client.host if request.client else "",
            agent=request.headers.get("user-agent", ""),
            source=f"{what} at {host}" if host else what,
            language=language,
        )

    def _subscribe_form(self, form: Form, language: str, *, bad_address: bool = False) -> Response:
        words = self.wording(language)
        return self.shell.page(
            "subscribe.html",
            status=422 if bad_address else 200,
            language=language,
            ask_name=self.ask_name,
            wording=words,
            wording_id=hashlib.sha256(words.encode()).hexdigest(),
            given=form,
            bad_address=bad_address,
        )

    def _find_form(self, form: Form, language: str, *, bad_address: bool = False) -> Response:
        status = 422 if bad_address else 200
        return self.shell.page(
            "find_my_link.html",
            status=status,
            language=language,
            given=form,
            bad_address=bad_address,
        )

    def _too_many(self, language: str) -> Response:
        answer = self.shell.page("too_many.html", status=429, language=language)
        answer.headers["Retry-After"] = _RETRY
        return answer


def _host(origin: str) -> str:
    """The host of the page that a form stood on; of its path nothing is kept."""
    try:
        return (urlsplit(origin).hostname or "")[:100]
    except ValueError:
        return ""

"""The pages that the author's links lead to. GET and HEAD ask, and change nothing; POST acts."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

import content.ledger
import content.store
from content.choice import is_digest
from content.edition import EditionState
from content.errors import ContentError
from content.store import EditionRecord
from delivery.errors import AlreadySending
from flows.author.own_copy import own_copy
from flows.author.tickets import LASTS, Ticket, post_mark, read_ticket, say_changed, sign_ticket
from flows.errors import Held, SettingsWrong
from flows.outcome import say_moment
from flows.programs import programs_of
from flows.resources import Resources, open_resources
from subscribers.errors import BadLink
from subscribers.pages.shell import HEADERS, Shell, read_body, read_fields

if TYPE_CHECKING:
    from flows.outcome import Outcome

# The letter brings pictures and styles of its own, and nothing that acts.
_LETTER = HEADERS | {
    "Content-Security-Policy": (
        "default-src 'none'; img-src https:; style-src 'unsafe-inline'; form-action 'none'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
}
# Seconds that the second of a double click waits for the first: its answer is the one that is seen.
_PATIENCE = 20
_KINDS = ("approve", "hold", "program", "drop")
_ENGLISH = "en"  # as everything is that the author is told


@dataclass(frozen=True, slots=True)
class DecidePages:
    """Deciding about a draft by its links. `wake` sends the letter about the next one."""

    resources: Resources
    shell: Shell
    wake: Callable[[], None]

    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route("/decide/{token}", self.look),
            Route("/decide/{token}/letter", self.letter),
            Route("/decide/{token}/{act}", self.decide, methods=["GET", "POST"]),
        ]

    async def look(self, request: Request) -> Response:
        """Show the draft, and what may be done with it."""
        ticket = self._ticket(request)
        if isinstance(ticket, Response):
            return ticket
        return self._page("decide.html", request, ticket)

    async def letter(self, request: Request) -> Response:
        """Show the letter as its readers would get it."""
        ticket = self._ticket(request)
        if isinstance(ticket, Response):
            return ticket
        edition = content.store.get_edition(self.resources.db, ticket.key)
        return HTMLResponse(own_copy(self.resources, edition).html, headers=_LETTER)

    async def decide(self, request: Request) -> Response:
        """GET and HEAD ask once more; POST does it."""
        ticket = self._ticket(request, acts=request.method == "POST")
        if isinstance(ticket, Response):
            return ticket
        kind, _, what = request.path_params["act"].partition("-")
        asked = request.method != "POST"
        post = self._find_post(ticket, what) if kind == "drop" else ""
        if kind not in _KINDS or (asked and kind == "drop" and not post):
            return self.shell.page("not_found.html", status=404, language=_ENGLISH)
        if asked and not self._may(kind, ticket):
            return self._page("decide.html", request, ticket)
        if asked:
            return self._page("decide_ask.html", request, ticket, kind=kind, post=post)
        if kind == "program":
            chosen = read_fields(request, await read_body(request)).get("program")
            if chosen is None:  # not our form; none of them is a choice too, and is said as ""
                return self._sorry("no program was chosen", 400)
            what = chosen
        return await self._act(request, ticket, kind, what)

    async def _act(self, request: Request, ticket: Ticket, kind: str, what: str) -> Response:
        try:
            outcome = await run_in_threadpool(_act_on, self.resources, ticket, kind, what)
        except (Held, SettingsWrong, AlreadySending, ContentError) as error:
            return self._sorry(str(error), 409)
        self.wake()
        following = new_token(self.resources, ticket.key, outcome.content_hash)
        values = {"kind": kind, "outcome": outcome, "next": following}
        return self._page("decide_done.html", request, ticket, **values)

    def _ticket(self, request: Request, *, acts: bool = False) -> Ticket | Response:
        """What a token is for, if it may be used; when it `acts`, who asks twice is told the same
        as before, so the draft may have changed by that.
        """
        try:
            ticket = read_ticket(self.resources.decisions, request.path_params["token"])
        except BadLink:
            return self.shell.page("bad_link.html", status=404, language=_ENGLISH)
        if ticket.is_over(self.shell.clock()):
            return self._sorry("this link has expired; a link works for two weeks", 410)
        edition = content.store.find_edition(self.resources.db, ticket.key)
        if not acts and (edition is None or edition.content_hash != ticket.content_hash):
            return self._sorry(say_changed(ticket), 409)
        return ticket

    def _sorry(self, said: str, status: int) -> Response:
        return self.shell.page("decide_over.html", status=status, language=_ENGLISH, said=said)

    def _may(self, kind: str, ticket: Ticket) -> bool:
        """Whether an act would still do something: what is approved can be held."""
        state = content.store.get_edition(self.resources.db, ticket.key).state
        return state is EditionState.DRAFT or (state, kind) == (EditionState.APPROVED, "hold")

    def _find_post(self, ticket: Ticket, mark: str) -> str:
        posts = content.ledger.posts_in(self.resources.db, ticket.key)
        return next((held.post.title for held in posts if post_mark(held) == mark), "")

    def _page(self, name: str, request: Request, ticket: Ticket, **values: Any) -> Response:
        facts = _facts(self.resources, content.store.get_edition(self.resources.db, ticket.key))
        token = request.path_params["token"]
        return self.shell.page(name, language=_ENGLISH, token=token, **facts, **values)


def new_token(resources: Resources, key: str, content_hash: str) -> str:
    """The token of the draft that an act has left: whoever acted may go on with it."""
    until = resources.clock.now() + LASTS
    return sign_ticket(resources.decisions, Ticket(key, content_hash, until))


def _facts(resources: Resources, edition: EditionRecord) -> dict[str, Any]:
    posts = content.ledger.posts_in(resources.db, edition.key)
    open_today = [p for p in programs_of(resources.settings) if p.is_open(resources.today)]
    return {
        "edition": edition,
        "wide": True,
        "posts": [(held.post.title, post_mark(held)) for held in posts],
        "programs": [p.name for p in open_today] if is_digest(edition.key) else [],
        "goes_out": edition.send_after and say_moment(edition.send_after, resources.zone),
        "is_draft": edition.state is EditionState.DRAFT,
    }


def _act_on(resources: Resources, ticket: Ticket, kind: str, what: str) -> "Outcome":
    """Do it with a connection of its own: the pages go on meanwhile."""
    from flows.serving.decisions import Act, act_on  # brings MJML: the server must start quickly

    with open_resources(resources.home) as own:
        for _ in range(_PATIENCE * 10):
            with suppress(AlreadySending):
                return act_on(own, ticket, Act(kind, what))
            time.sleep(0.1)
    raise Held(f"something else is being done to {ticket.key}; try again in a minute")

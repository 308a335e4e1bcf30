"""The public site: the rooms' pages, put together; `flows/serving/server.py` answers with them."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from delivery.providers.http import fetch
from flows.database import open_database
from flows.errors import Busy
from flows.mailings.event_readers import open_reader
from flows.people.joining import keep_wordings, owing, wording
from flows.people.person import erase_person, personal_data
from flows.resources import Resources
from flows.serving.access_log import AccessLog
from flows.serving.archive_pages import ArchivePages
from flows.serving.decide_pages import DecidePages
from flows.serving.group_commit import GroupCommit, group_commit
from flows.serving.note_sender import NoteSender, note_sender
from flows.serving.safeguard import Safeguard
from flows.serving.webhooks import Webhooks
from subscribers.joining.limits import NetworkLimits
from subscribers.joining.steps import Joining
from subscribers.pages.join import JoinPages
from subscribers.pages.leave import LeavePages
from subscribers.pages.prefer import PreferencePages
from subscribers.pages.shell import Shell

_LATER = "30"  # seconds, after which a mail program may bring its one click again
ACCESS = logging.getLogger("lettermill.access")


@contextmanager
def open_site(resources: Resources) -> Iterator[Starlette]:
    """The site of one newsletter, for as long as its writer and its sender of notes are open."""
    keep_wordings(resources)
    with (
        closing(open_database(resources.home)) as writer,
        group_commit(writer) as commit,
        note_sender(resources.home) as sender,
    ):
        yield _put_together(resources, commit, sender)


def _put_together(resources: Resources, commit: GroupCommit, sender: NoteSender) -> Starlette:
    shell = Shell(
        resources.db,
        commit,
        resources.clock.now,
        resources.render_page,
        resources.catalogues,
        resources.settings.language,
    )
    rooms = (
        _way_in(resources, shell, sender),
        LeavePages(shell, resources.exits),
        _preferences(resources, shell),
        ArchivePages(resources),
        DecidePages(resources, shell, sender.wake),
    )
    routes = [route for room in rooms for route in room.routes()]
    if reader := open_reader(resources):
        routes += Webhooks(resources, reader, commit, visit=fetch).routes()
    return Starlette(
        routes=[*routes, Route("/healthz", _healthy)],
        middleware=[Middleware(AccessLog, say=ACCESS.info), Middleware(Safeguard)],
        exception_handlers=_apologies(shell),
    )


def _way_in(resources: Resources, shell: Shell, sender: NoteSender) -> JoinPages:
    asked = resources.settings.joining
    welcomes = asked.welcome != "none"
    return JoinPages(
        shell=shell,
        joining=Joining(owing(resources), resources.fingerprints, welcomes),
        confirmations=resources.confirmations,
        preferences=resources.preferences,
        preferences_url=resources.settings.page("preferences/"),
        wording=partial(wording, resources),
        ask_name=asked.ask_name,
        wake=sender.wake,
        limits=NetworkLimits(),
    )


def _preferences(resources: Resources, shell: Shell) -> PreferencePages:
    return PreferencePages(
        shell=shell,
        preferences=resources.preferences,
        today=lambda: resources.today,
        personal_data=personal_data,
        erase=partial(erase_person, resources),
    )


def _apologies(shell: Shell) -> dict[int | type[Exception], Any]:
    """What is answered where there is no page, or none that could be made."""

    def sorry(request: Request, name: str, status: int) -> Response:
        return shell.page(name, status=status, language=shell.language_of(request))

    async def not_found(request: Request, _error: Exception) -> Response:
        return sorry(request, "not_found.html", 404)

    async def wrong_method(request: Request, error: Exception) -> Response:
        answer = sorry(request, "wrong_method.html", 405)
        answer.headers.update(getattr(error, "headers", None) or {})
        return answer

    async def try_later(request: Request, _error: Exception) -> Response:
        answer = sorry(request, "try_later.html", 503)
        answer.headers["Retry-After"] = _LATER
        return answer

    return {404: not_found, 405: wrong_method, Busy: try_later, sqlite3.OperationalError: try_later}


async def _healthy(_request: Request) -> Response:
    return PlainTextResponse("ok\n")

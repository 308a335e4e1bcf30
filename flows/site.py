"""The public site: the rooms' pages, put together; `flows/serving.py` answers with them."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from flows.access_log import AccessLog
from flows.archive_pages import ArchivePages
from flows.errors import Busy
from flows.group_commit import GroupCommit, group_commit
from flows.resources import Resources, open_database
from subscribers.pages.leave import LeavePages
from subscribers.pages.prefer import PreferencePages
from subscribers.pages.shell import Shell

_LATER = "30"  # seconds, after which a mail program may bring its one click again
ACCESS = logging.getLogger("lettermill.access")


@contextmanager
def open_site(resources: Resources) -> Iterator[Starlette]:
    """The site of one newsletter, for as long as its writer is open."""
    with closing(open_database(resources.home)) as writer, group_commit(writer) as commit:
        yield _put_together(resources, commit)


def _put_together(resources: Resources, commit: GroupCommit) -> Starlette:
    shell = Shell(resources.db, commit, resources.clock.now, resources.render_page)
    rooms = (
        LeavePages(shell, resources.exits),
        PreferencePages(shell, resources.preferences),
        ArchivePages(resources),
    )
    routes = [route for room in rooms for route in room.routes()]
    return Starlette(
        routes=[*routes, Route("/healthz", _healthy)],
        middleware=[Middleware(AccessLog, say=ACCESS.info)],
        exception_handlers=_apologies(shell),
    )


def _apologies(shell: Shell) -> dict[int | type[Exception], Any]:
    """What is answered where there is no page, or none that could be made."""

    async def not_found(_request: Request, _error: Exception) -> Response:
        return shell.page("not_found.html", status=404)

    async def wrong_method(_request: Request, error: Exception) -> Response:
        answer = shell.page("wrong_method.html", status=405)
        answer.headers.update(getattr(error, "headers", None) or {})
        return answer

    async def try_later(_request: Request, _error: Exception) -> Response:
        answer = shell.page("try_later.html", status=503)
        answer.headers["Retry-After"] = _LATER
        return answer

    return {404: not_found, 405: wrong_method, Busy: try_later, sqlite3.OperationalError: try_later}


async def _healthy(_request: Request) -> Response:
    return PlainTextResponse("ok\n")

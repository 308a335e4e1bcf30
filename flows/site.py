"""The public site: the rooms' routes, put together and served."""

import socket
from collections.abc import Callable
from typing import TypeVar

import uvicorn
from rich.console import Console
from rich.markup import escape
from sqlite_utils import Database
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from flows.archive_pages import ArchivePages
from flows.errors import SettingsWrong
from flows.resources import Resources, open_resources
from subscribers.pages.leave import LeavePages
from subscribers.pages.prefer import PreferencePages
from subscribers.pages.shell import Shell

T = TypeVar("T")

_HERE = ("127.0.0.1", "::1", "localhost")


def make_site(resources: Resources) -> Starlette:
    """Build the site of one newsletter."""

    async def commit(job: Callable[[Database], T]) -> T:
        with resources.db.atomic():
            return job(resources.db)

    shell = Shell(resources.db, commit, resources.clock.now, resources.render_page)
    rooms = (
        LeavePages(shell, resources.exits),
        PreferencePages(shell, resources.preferences),
        ArchivePages(resources),
    )
    routes = [route for room in rooms for route in room.routes()]
    return Starlette(routes=[*routes, Route("/healthz", _healthy)])


async def _healthy(_request: Request) -> Response:
    return PlainTextResponse("ok\n")


def serve_pages(host: str, port: int, out: Console) -> None:
    """Serve the site until interrupted.

    Raises:
        SettingsWrong: the links of these pages are signed with the key everybody knows, and the
            host can be reached from elsewhere.
    """
    with open_resources() as resources:
        if resources.on_trial and host not in _HERE:
            raise SettingsWrong(
                "LETTERMILL_SECRET_KEYS is not set: anybody could make unsubscribe links; "
                "set it, or serve on 127.0.0.1"
            )
        try:
            listening = socket.create_server((host, port))
        except OSError as error:
            why = error.strerror or error
            raise SettingsWrong(f"cannot listen on {host}:{port} ({why}); try --port") from error
        site = make_site(resources)
        out.print(
            f"Serving {escape(resources.settings.name)} on http://{host}:{port} (Ctrl-C stops)"
        )
        # The access log would hold the readers' tokens.
        config = uvicorn.Config(site, access_log=False, log_level="warning")
        with listening:
            uvicorn.Server(config).run(sockets=[listening])

"""Serve the public site: listen, answer until told to stop, finish what was accepted."""

import logging
import signal
import socket
from contextlib import closing, suppress

import uvicorn
from rich.console import Console
from rich.markup import escape
from starlette.applications import Starlette

from flows.errors import SettingsWrong
from flows.resources import Resources, open_resources
from flows.serving.site import ACCESS, open_site
from flows.serving.timed_connection import TimedConnection

_HERE = ("127.0.0.1", "::1", "localhost")
# Each connection costs some 100 KiB at the worst; more than these get a 503 and may come again.
_MOST_CONNECTIONS = 1_000
_GRACE = 20  # seconds for answers that are under way when the server is told to stop


def serve_pages(host: str, port: int, out: Console, *, quiet: bool, proxies: str) -> None:
    """Serve the site until interrupted; what was accepted then is finished.

    `proxies` are the addresses whose word is taken for where a request comes from.

    Raises:
        SettingsWrong: the links of these pages are signed with the key everybody knows, and the
            host can be reached from elsewhere; or nothing can listen there.
    """
    with open_resources() as resources, closing(listen(resources, host, port)) as listening:
        out.print(
            f"Serving {escape(resources.settings.name)} on http://{host}:{port} (Ctrl-C stops)"
        )
        if not quiet:
            _show_access(out)
        with open_site(resources) as site:
            _run_until_told(uvicorn.Server(configure(site, proxies)), listening)


def listen(resources: Resources, host: str, port: int) -> socket.socket:
    """Listen where the site is to be.

    Raises:
        SettingsWrong: nothing can listen there, or strangers could make links of readers.
    """
    if resources.on_trial and host not in _HERE:
        raise SettingsWrong(
            "LETTERMILL_SECRET_KEYS is not set: anybody could make unsubscribe links; "
            "set it, or serve on 127.0.0.1"
        )
    try:
        return socket.create_server((host, port))
    except OSError as error:
        why = error.strerror or error
        raise SettingsWrong(f"cannot listen on {host}:{port} ({why}); try --port") from error


def _run_until_told(server: uvicorn.Server, listening: socket.socket) -> None:
    """Serve until a signal; uvicorn answers what it accepted, then sends us the signal again."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        # What is open besides, the writer and the sender of notes, must end in order too.
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listening])
    finally:
        signal.signal(signal.SIGTERM, before)


def configure(site: Starlette, proxies: str) -> uvicorn.Config:
    """How uvicorn serves the site: what strangers can make long, slow or many has bounds."""
    # uvicorn's own access log would hold the readers' tokens.
    return uvicorn.Config(
        site,
        access_log=False,
        log_level="warning",
        http=TimedConnection,
        ws="none",
        lifespan="off",
        forwarded_allow_ips=proxies,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=_GRACE,
        server_header=False,
    )


def _show_access(out: Console) -> None:
    class _Shown(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            out.print(escape(record.getMessage()), style="dim", soft_wrap=True)

    ACCESS.addHandler(_Shown())
    ACCESS.setLevel(logging.INFO)

"""`lettermill up`: look whether everything is right to start, then start the parts."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout
from rich.console import Console
from rich.markup import escape

from flows import running
from flows.errors import SettingsWrong
from flows.resources import find_home, open_resources
from flows.serving.server import listen
from flows.settings.file import FILE, load_settings
from flows.up.keeping import Keeper
from flows.up.parts import Places, parts_of
from flows.up.processes import environment_of, environment_of_own_server, password_of
from flows.up.screen import shown


def keep_everything(places: Places, out: Console) -> None:
    """Start Prefect, the flows and the site, and keep them going until told to stop.

    Where a Prefect server is configured that one is used, and none is started.

    Raises:
        SettingsWrong: `up` runs in this folder already; a port is taken; the site would be open to
            strangers with a key that everybody knows; the configured server is not as it should be.
    """
    home = find_home()
    settings = load_settings(home / FILE)
    with _alone(home):
        elsewhere = running.require_server() if running.prefect_is_configured() else ""
        if elsewhere:
            places = replace(places, prefect_port=None)
        _require_ports(places)
        keeper = _make_keeper(home, places, elsewhere)
        _greet(settings.name, home, places, out)
        with shown(out) as show:
            keeper.keep(show)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Be the only `up` of a folder."""
    (home / ".lettermill").mkdir(exist_ok=True)
    lock = FileLock(home / ".lettermill" / "up.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise SettingsWrong(f"another `lettermill up` runs in {home}; one is enough") from error
    try:
        yield
    finally:
        lock.release()


def _require_ports(places: Places) -> None:
    with open_resources() as resources, closing(listen(resources, places.host, places.port)):
        pass
    if places.prefect_port is None:
        return
    try:
        socket.create_server((places.prefect_host, places.prefect_port)).close()
    except OSError as error:
        where = f"{places.prefect_host}:{places.prefect_port}"
        raise SettingsWrong(
            f"Prefect cannot listen on {where} ({error.strerror or error}); try --prefect-port"
        ) from error


def _make_keeper(home: Path, places: Places, elsewhere: str) -> Keeper:
    environment = environment_of(home, elsewhere or f"{places.prefect}/api")
    if places.prefect:
        environment |= environment_of_own_server(home, password_of(home))
    parts = parts_of(places, elsewhere)
    return Keeper(parts, places, environment, home / ".lettermill" / "logs")


def _greet(name: str, home: Path, places: Places, out: Console) -> None:
    out.print(f"[bold]{escape(name)}[/] is kept going from here; Ctrl-C stops all of it.")
    if places.prefect:
        here = escape(str(home / ".lettermill" / "prefect-password"))
        out.print(f"[dim]Prefect's pages ask for what stands in {here}[/]", soft_wrap=True)

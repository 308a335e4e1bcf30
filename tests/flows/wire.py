"""The site on a port of this machine as `lettermill serve` serves it, and what is said to it."""

import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from threading import Thread

import uvicorn
from sqlite_utils import Database
from starlette.applications import Starlette
from starlette.routing import Route

from content.store import get_edition
from flows.resources import Resources, open_resources
from flows.serving.decide_pages import new_token
from flows.serving.server import configure
from flows.serving.site import open_site
from subscribers.store import all_subscribers

WAITING = "SELECT count(*) FROM notes WHERE state IN ('pending', 'claimed')"
PAIR = b"List-Unsubscribe=One-Click"


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 is nothing at all."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Wire:
    """A site that answers: where, what it is made of, and its database seen from outside."""

    port: int
    app: Starlette
    resources: Resources
    seen: Database

    @property
    def routes(self) -> list[str]:
        return [route.path for route in self.app.routes if isinstance(route, Route)]

    def tokens(self, address: str) -> dict[str, str]:
        """The tokens of one reader, by the start of the path they belong to."""
        found = {person.address: person.id for person in all_subscribers(self.resources.db)}
        reader, made = found[address], self.resources
        return {
            "/unsubscribe/": made.exits.sign(reader),
            "/preferences/": made.preferences.sign(reader),
            "/confirm/": made.confirmations.sign(reader),
        }

    def ticket(self, key: str) -> str:
        """The token of the author's links for this draft."""
        return new_token(self.resources, key, get_edition(self.resources.db, key).content_hash)

    def sign_up(self, address: str) -> str:
        """Sign somebody up, and wait for the letter; the token that confirms it."""
        self.ask("POST", "/subscribe", f"email={address}".encode())
        for _ in range(400):
            if not self.seen.execute(WAITING).fetchone()[0]:
                break
            time.sleep(0.05)
        sql = "SELECT id FROM requests WHERE address_key = ?"
        return self.resources.confirmations.sign(self.seen.execute(sql, [address]).fetchone()[0])

    def connect(self, timeout: float = 20) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def ask(self, method: str, target: str, body: bytes = b"", **headers: str) -> Answer:
        """One request, as it is written here; `_` in a header's name is `-`."""
        head = {"Host": "news.example", "Connection": "close", "Content-Length": str(len(body))}
        head |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {head[name]}" for name in head)]
        return self.say("\r\n".join([*lines, "", ""]).encode("latin-1") + body, method)

    def say(self, request: bytes, method: str = "GET", *, whole: bool = True) -> Answer:
        """Say this and hear the answer. Who has not said the `whole` of it hangs up then."""
        with self.connect() as wire:
            try:
                wire.sendall(request)
                if not whole:
                    wire.shutdown(socket.SHUT_WR)
            except ConnectionError:  # it has heard enough; its answer may be there
                return self._hear(wire, method)
            return self._hear(wire, method)

    def _hear(self, wire: socket.socket, method: str) -> Answer:
        answer = HTTPResponse(wire, method=method)
        try:
            answer.begin()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        except (ConnectionError, HTTPException):
            return Answer(0, {}, b"")


@contextmanager
def on_the_wire(home: Path) -> Iterator[Wire]:
    """The newsletter's site, until the end of the block."""
    with open_resources(home) as resources, open_site(resources) as app:
        listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        config = configure(app, "127.0.0.1")
        logging.getLogger("uvicorn").propagate = True  # tests hear what it logs
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        seen = Database(home / "lettermill.db")
        yield Wire(listener.getsockname()[1], app, resources, seen)
        server.should_exit = True
        thread.join(20)
        listener.close()
        seen.close()


def wait_until(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"it did not come to pass in {seconds} seconds"
        time.sleep(0.02)

"""One-click unsubscribes, each on disk before it is answered, over loopback with wrk.

Beside them, in the same run: the same server answering 204 with no work, and a commit for each
request. Whoever was answered is then looked for in the database: `lost` counts those not there.
Usage: `python -m benchmarks.one_click [--seconds 5] [--people 60000]`.
"""

import argparse
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import uvicorn
from sqlite_utils import Database
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from content.catalogues import Catalogues
from flows.database import open_database
from flows.resources import OUR_TEMPLATES
from flows.serving.group_commit import group_commit
from flows.serving.timed_connection import TimedConnection
from subscribers.links import ReaderLinks
from subscribers.pages.leave import LeavePages
from subscribers.pages.shell import Shell

LINKS = ReaderLinks(["a key for measuring only"], "unsubscribe")
NOW = datetime(2026, 12, 1, tzinfo=UTC)
# Each thread of wrk walks a list of tokens of its own, so that every request is somebody's first.
LUA = """
local threads = 0
function setup(thread) thread:set("offset", threads); threads = threads + 1 end
function init(args)
  lines, n, pos = {}, 0, 0
  for line in io.lines("%s") do
    n = n + 1
    if n %% %d == offset then lines[#lines + 1] = line end
  end
end
function request()
  pos = pos + 1
  return wrk.format("POST", "/unsubscribe/" .. lines[(pos - 1) %% #lines + 1],
    {["Content-Type"] = "application/x-www-form-urlencoded"}, "List-Unsubscribe=One-Click")
end
function done(summary, latency, requests)
  io.write(string.format("p99 %%f ms\\n", latency:percentile(99) / 1000))
  io.write(string.format("answered %%d\\n", summary.requests - summary.errors.status))
end
"""
# Each connection waits so many milliseconds before it asks.
PAUSE = """
function delay() return %d end
"""
Commit = Callable[[Callable[[Database], Any]], Awaitable[Any]]


def fill(db: Database, people: int) -> list[str]:
    ids = [secrets.token_urlsafe(9) for _ in range(people)]
    with db.atomic():
        db.conn.executemany(
            """INSERT INTO subscribers (id, address, address_key, name, status, added)
               VALUES (?1, ?1 || '@example.com', ?1 || '@example.com', 'Ada', 'active', '')""",
            [[each] for each in ids],
        )
    return ids


def commit_each(db: Database, synchronous: str) -> Commit:
    db.execute(f"PRAGMA synchronous = {synchronous}")

    async def commit(job: Callable[[Database], Any]) -> Any:
        with db.atomic():
            return job(db)

    return commit


@contextmanager
def serving(app: Starlette) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    config = uvicorn.Config(app, access_log=False, log_config=None, http=TimedConnection)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        sleep(0.01)
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()


def wrk(port: int, script: Path, connections: int, seconds: int) -> tuple[float, float, int]:
    """Requests a second, their 99th percentile in milliseconds, and how many were answered 2xx."""
    done = subprocess.run(
        ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "-s", script, f"http://127.0.0.1:{port}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = [
        re.search(pattern, done.stdout)
        for pattern in (r"Requests/sec:\s+([\d.]+)", r"p99 ([\d.]+) ms", r"answered (\d+)")
    ]
    if None in found:
        raise RuntimeError(done.stdout + done.stderr)
    rate, p99, answered = (float(each[1]) for each in found if each)
    return rate, p99, int(answered)


def measure(name: str, people: int, connections: int, seconds: int, pause: int = 0) -> float:
    folder = Path(tempfile.mkdtemp(prefix="one-click-", dir="."))
    try:
        with ExitStack() as stack:
            db = stack.enter_context(closing(open_database(folder)))
            ids = fill(db, people)
            tokens = folder / "tokens"
            tokens.write_text("\n".join(map(LINKS.sign, ids)))
            script = folder / "walk.lua"
            script.write_text(LUA % (tokens, 2) + (PAUSE % pause if pause else ""))
            app = application(name, db, folder, stack)
            port = stack.enter_context(serving(app))
            rate, p99, answered = wrk(port, script, connections, seconds)
            kept = db["consents"].count_where("action = 'withdrawn'")
        lost = max(0, min(answered, people) - kept) if "204" not in name else 0
        load = f"{connections} with pauses" if pause else str(connections)
        print(f"{name:<20} {load:>15} {rate:>8.0f}/s  p99 {p99:>6.1f} ms  lost {lost}")
        return rate
    finally:
        shutil.rmtree(folder)


def application(name: str, db: Database, folder: Path, stack: ExitStack) -> Starlette:
    if name == "204, no work":
        return Starlette(routes=[Route("/unsubscribe/{token:path}", nothing, methods=["POST"])])
    if name == "group commit, FULL":
        writer = stack.enter_context(closing(open_database(folder)))
        commit: Commit = stack.enter_context(group_commit(writer))
    else:
        commit = commit_each(db, name.rpartition(" ")[2])
    words = Catalogues(OUR_TEMPLATES)
    shell = Shell(db, commit, lambda: NOW, lambda name, values, language="": "", words, "en")
    return Starlette(routes=LeavePages(shell, LINKS).routes())


async def nothing(_request: Request) -> Response:
    return Response(status_code=204)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--people", type=int, default=60_000)
    given = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed; on Debian: apt-get install wrk")
    for connections in (16, 64):
        for name in ("204, no work", "group commit, FULL", "each NORMAL", "each FULL"):
            rate = measure(name, given.people, connections, given.seconds)
            if name == "group commit, FULL":  # and how long people wait at half of that
                pause = round(2 * connections / rate * 1000)
                measure(name, given.people, connections, given.seconds, pause)


if __name__ == "__main__":
    main()

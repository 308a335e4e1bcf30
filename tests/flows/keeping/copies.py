"""Copies of a newsletter's folder, as they come about: by cp, at any moment of its life."""

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flows.resources import open_resources
from tests.flows.homes import outbox

# What a person copies: all but the letters that lie in the outbox, which stands for the provider.
_LEFT_OUT = shutil.ignore_patterns("outbox", "*.lock", "copy-*")


def copy_folder(home: Path, to: Path) -> Path:
    shutil.copytree(home, to, ignore=_LEFT_OUT)
    return to


def put_over(home: Path, older: Path) -> None:
    """`cp` of an older database over the one that is there, with nothing of that left beside it."""
    for ending in ("", "-wal", "-shm"):
        (home / f"lettermill.db{ending}").unlink(missing_ok=True)
    shutil.copy(older / "lettermill.db", home)
    for path in older.glob("lettermill.db-wal"):
        shutil.copy(path, home)


class Copying:
    """Calls steps, and copies the newsletter's folder before each commit of theirs."""

    def __init__(self, home: Path, into: Path) -> None:
        self.home, self.into = home, into
        self.copies: list[Path] = []
        self.sent: list[Counter[str]] = []  # by then

    def __call__(self, step: Callable[..., Any], *arguments: Any) -> Any:
        with open_resources(self.home) as resources:
            resources.db.conn.set_trace_callback(self._look)
            return step(resources, *arguments)

    def _look(self, statement: str) -> None:
        if statement == "COMMIT":
            self.copies.append(copy_folder(self.home, self.into / f"copy-{len(self.copies)}"))
            self.sent.append(outbox(self.home))

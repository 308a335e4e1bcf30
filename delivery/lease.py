"""One sender at a time for each mailing."""

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout
from sqlite_utils import Database

from delivery import steering_store
from delivery.errors import AlreadySending

# The longest a living sender is silent: a call without an answer, and a wait beside it.
EXPIRES_AFTER = timedelta(minutes=5)


@contextmanager
def sole_sender(folder: Path, key: str) -> Iterator[None]:
    """Hold the right to send on this machine; the system takes it back when a process dies.

    It makes recovery safe: whoever holds it knows that an open batch belongs to nobody alive here.

    Raises:
        AlreadySending: another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{key}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise AlreadySending("another process is sending it") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def lease(db: Database, folder: Path, key: str, *, now: datetime) -> Iterator[str]:
    """Hold the right to send a mailing, also against other machines that share the database.

    Gives the sender's name, which each claim must bring: who was silent too long, and was taken
    for dead, can claim nothing more. Each claim is a sign of life.

    Raises:
        AlreadySending: another process holds it, or another machine that is not silent.
    """
    here = f"{socket.gethostname()}:"
    sender = here + secrets.token_hex(4)
    with sole_sender(folder, key):
        if not steering_store.take_lease(
            db, key, sender, here=here, silence=EXPIRES_AFTER, now=now
        ):
            raise AlreadySending("another machine is sending it, or was until a moment ago")
        try:
            yield sender
        finally:
            steering_store.end_lease(db, key, sender)

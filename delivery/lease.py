"""One sender at a time for each mailing on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from delivery.errors import AlreadySending


@contextmanager
def sole_sender(folder: Path, mailing_key: str) -> Iterator[None]:
    """Hold the right to send a mailing; the system takes it back when a process dies.

    It makes recovery safe: whoever holds it knows that an open batch belongs to nobody alive.

    Raises:
        AlreadySending: another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{mailing_key}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise AlreadySending("another process is sending it") from error
    try:
        yield
    finally:
        lock.release()

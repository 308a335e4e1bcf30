"""Write files that are there whole or not at all, also after a power cut."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# What SQLite may lay beside a database.
BESIDE = ("-wal", "-shm", "-journal")


@contextmanager
def written_aside(target: Path) -> Iterator[Path]:
    """Give a new file beside the target, for its owner only; at the end it takes its place.

    Where anything fails nothing of it is left, and the target is as it was.
    """
    aside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    os.close(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield aside
        sync(aside)
        aside.replace(target)
        sync(target.parent)
    finally:
        for ending in ("", *BESIDE):
            with suppress(FileNotFoundError):
                Path(f"{aside}{ending}").unlink()


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

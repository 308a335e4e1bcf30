"""The file beside the database that says which copy was used here last, and how far it had come."""

from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from delivery.fence import Witness
from flows.keeping.files import sync

_NAME = "instance"


def read_witness(folder: Path) -> Witness | None:
    """What the file says; None where there is none, or nothing that we wrote."""
    with suppress(OSError, ValueError):
        name, generation = (folder / _NAME).read_text().split()
        return Witness(name, int(generation))
    return None


def write_witness(folder: Path, witness: Witness, *, durably: bool = False) -> None:
    """Write the file, as a whole; the caller holds its lock.

    Not `durably` it outlives our death, though not a power cut, and costs no wait for the disk.
    """
    made = folder / f"{_NAME}.new"
    made.write_text(f"{witness.id} {witness.generation}\n")
    if durably:
        sync(made)
    made.replace(folder / _NAME)
    if durably:
        sync(folder)


def forget_witness(folder: Path) -> None:
    """Take the file away: whatever database is there belongs nowhere."""
    (folder / _NAME).unlink(missing_ok=True)


def witness_lock(folder: Path) -> FileLock:
    """One writer at a time, so that an older generation never comes after a newer one."""
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / f"{_NAME}.lock")

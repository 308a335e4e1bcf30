"""Where a database is at home: which machine, which path."""

import hashlib
import os
import socket
from contextlib import suppress
from pathlib import Path

# In a container the machine's own id may be another after each start.
MACHINE_VARIABLE = "LETTERMILL_INSTANCE"


def place_of(database: Path) -> str:
    """A hash of this machine and of a database's path on it."""
    machine = os.environ.get(MACHINE_VARIABLE) or _machine_id() or socket.gethostname()
    return hashlib.sha256(f"{machine} {database.resolve()}".encode()).hexdigest()[:32]


def _machine_id() -> str:
    """What machine-id(5) says, which lasts; '' where there is none, as in most containers."""
    with suppress(OSError):
        return Path("/etc/machine-id").read_text().strip()
    return ""

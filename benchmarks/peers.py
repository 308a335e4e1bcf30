"""Other senders to the same stand-ins: django-anymail, measured here; others, only quoted."""

import json
import subprocess
import tempfile
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import mailings, receivers

ANYMAIL = "django-anymail==15.1"
# How each names a value, and how many readers a call has. Those without names for values get
# whole letters, which are all the same.
_VARIABLES: dict[str, tuple[Callable[[str], str] | None, int]] = {
    "mailgun": (lambda name: f"%recipient.{name}%", 1000),
    "sendgrid": (lambda name: f"-{name}-", 1000),
    "postmark": (None, 500),
    "resend": (None, 100),
}
KINDS = tuple(_VARIABLES)
# Quoted, not measured here: each runs with its own database and settings, on 2 cores, 2026-11-22.
QUOTED = (
    "Ghost 6.65 with MariaDB, Mailgun, 1,000 a call: 2,305 - 2,690/s, 0.86 GB, 680 B/reader",
    "listmonk 6.2 with PostgreSQL, SMTP, 10 connections: 885 - 1,260/s, 7.4 GB",
    "listmonk 6.2 with PostgreSQL, one HTTP call a reader: 3,130 - 3,480/s, 2.1 GB",
)
_TOKEN = f"r00000000000.AbCdEfGh.{'x' * 43}"
_VALUES = {"first_name": "Reader", "exit": _TOKEN, "preferences": _TOKEN}


@dataclass(frozen=True, slots=True)
class Anymail:
    """django-anymail, installed for as long as it is measured."""

    python: Path

    def as_row(self, kind: str, readers: int) -> str:
        """Send to so many readers; a line of what it took."""
        with receivers.receiver(kind, Path(".")) as there:
            took = self._send(kind, readers, there.where)
            counted = there.end()
            receivers.require_all(counted, readers)
        rate, size = readers / took["seconds"], counted["bytes"] / readers
        return (
            f"{kind + ', anymail':18}{readers:10,}{rate:11,.0f}{'':17}{_VARIABLES[kind][1]:8,}"
            f"{'':20}{size:10,.0f}{took['peak']:5.0f} MB   no ledger"
        )

    def _send(self, kind: str, readers: int, url: str) -> dict[str, float]:
        variable, a_call = _VARIABLES[kind]
        fill = variable or _VALUES.__getitem__
        asked = {
            "kind": kind,
            "url": url,
            "readers": readers,
            "a_call": a_call,
            "subject": mailings.LETTER.subject,
            "html": _filled(mailings.LETTER.html, fill),
            "text": _filled(mailings.LETTER.text, fill),
            "exit_url": _filled(mailings.LETTER.exit_url, _VALUES.__getitem__),
            "values": _VALUES if variable else {},
        }
        script = Path(__file__).with_name("anymail_peer.py")
        done = subprocess.run(
            [self.python, script], input=json.dumps(asked), check=True, text=True,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        return json.loads(done.stdout)


@contextmanager
def anymail() -> Iterator[Anymail]:
    """Install it into a folder that goes away again."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", ANYMAIL], check=True)
        yield Anymail(python)


def _filled(slotted: tuple[str, ...], fill: Callable[[str], str]) -> str:
    parts = (fill(part) if place % 2 else part for place, part in enumerate(slotted))
    return "".join(parts)

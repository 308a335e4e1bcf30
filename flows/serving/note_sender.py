"""Sends notes while the site is served: a thread of its own, with its own database connection."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from delivery.notes import ledger as note_ledger
from flows.resources import Resources, open_resources

# Somebody else may owe a note as well, and a wait may end; looking costs microseconds.
_LOOK_EVERY = 5.0  # seconds
_REST = 60.0  # seconds after trouble, so that a provider that is down is not asked for each note
_log = logging.getLogger(__name__)


class NoteSender:
    """Sends what is due when it is woken, and every few seconds; outlives what goes wrong."""

    def __init__(self, home: Path, *, rest: float = _REST) -> None:
        self._home = home
        self._rest = rest
        self._woken = Event()
        self._closing = Event()
        self._thread = Thread(target=self._work, name="note-sender")
        self._thread.start()

    def wake(self) -> None:
        """Say that a note is owed, after the commit that owes it; returns at once."""
        self._woken.set()

    def close(self) -> None:
        """Stop after the note in hand; what is left is sent by the next `serve` or `dispatch`."""
        self._closing.set()
        self._woken.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._closing.is_set():
            try:
                self._send_until_trouble()
            except Exception as error:  # whatever it is, the pages go on, and so must this
                # Its words could hold an address; `lettermill dispatch` shows them.
                _log.error("notes were not sent (%s)", type(error).__name__)
            self._closing.wait(self._rest)

    def _send_until_trouble(self) -> None:
        with open_resources(self._home) as resources:
            while not self._closing.is_set():
                self._woken.clear()
                if not self._send(resources):
                    return
                self._woken.wait(_LOOK_EVERY)

    def _send(self, resources: Resources) -> bool:
        if not note_ledger.is_any_due(resources.db, now=resources.clock.now()):
            return True
        from flows.mailings.noting import (
            send_notes,  # it brings MJML: the server must start quickly
        )

        return send_notes(resources, self._closing.is_set)


@contextmanager
def note_sender(home: Path) -> Iterator[NoteSender]:
    """A sender that stops with the block."""
    sender = NoteSender(home)
    try:
        yield sender
    finally:
        sender.close()

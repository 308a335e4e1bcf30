"""Send notes beside the site: a thread that wakes when a page owes somebody a letter."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from content.errors import ContentError
from delivery.errors import DeliveryError
from flows.errors import SettingsWrong
from flows.noting import send_owed_notes
from flows.resources import open_resources

_EVERY = 60.0  # seconds between looks, for notes that wait for their time
_log = logging.getLogger("lettermill.notes")


class NoteSender:
    """Sends what is owed soon after `wake` is called, and now and then without."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._work_waits = Event()
        self._ends = False
        self._thread = Thread(target=self._live, name="notes")
        self._thread.start()

    def wake(self) -> None:
        """Say that a letter is owed; returns at once."""
        self._work_waits.set()

    def close(self) -> None:
        """Finish the letter in hand, and stop."""
        self._ends = True
        self.wake()
        self._thread.join()

    def _live(self) -> None:
        while not self._ends:
            self._work_waits.wait(_EVERY)
            self._work_waits.clear()
            if not self._ends:
                self._send()

    def _send(self) -> None:
        """Failures are told and stay in the ledger; the site must live on."""
        try:
            with open_resources(self._home) as resources:
                send_owed_notes(resources)
        except (ContentError, DeliveryError, SettingsWrong, sqlite3.Error) as error:
            _log.error("notes wait: %s", error)


@contextmanager
def note_sender(home: Path) -> Iterator[NoteSender]:
    """A sender of notes that ends with the block."""
    sender = NoteSender(home)
    try:
        yield sender
    finally:
        sender.close()

"""Write down what many people ask for at once with one fsync: whatever waits is one transaction.

An answer is given only after its transaction is on disk (promise 2). One thread writes, so pages
never wait for a lock in the event loop.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from sqlite_utils import Database

from flows.database import writing
from flows.errors import Busy

T = TypeVar("T")
# A second's work: who comes later is told to try again rather than kept waiting.
_MOST_WAITING = 2_000
_MOST_AT_ONCE = 256
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Errand:
    """A job and who waits for it."""

    job: Callable[[Database], Any]
    answer: asyncio.Future[Any]


class GroupCommit:
    """Runs jobs, each in a savepoint of its own, and commits all that wait together."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: SimpleQueue[_Errand | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="group-commit")
        self._thread.start()

    async def __call__(self, job: Callable[[Database], T], /) -> T:
        """Run a job; when this returns, what it wrote is on disk.

        Raises:
            Busy: too many wait, or another process keeps the database; nothing was written.
        """
        if self._waiting.qsize() >= _MOST_WAITING:
            raise Busy("too much to write down at this moment")
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.put(_Errand(job, answer))
        return await answer

    def close(self) -> None:
        """Finish what was accepted, and stop."""
        self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            errands = [first, *self._more()]
            _tell(errands, self._commit(errands))

    def _more(self) -> Iterator[_Errand]:
        for _ in range(_MOST_AT_ONCE - 1):
            try:
                errand = self._waiting.get_nowait()
            except Empty:
                return
            if errand is None:  # the end is for the next turn
                self._waiting.put(None)
                return
            yield errand

    def _commit(self, errands: list[_Errand]) -> list[Any]:
        """What each job gave back or raised; where the commit fails, that for all of them."""
        try:
            with writing(self._db):
                return [self._attempt(errand.job) for errand in errands]
        except sqlite3.Error as error:
            _log.warning("nothing was written down (%s); %d must try again", error, len(errands))
            busy = Busy("the database cannot be written to at this moment")
            busy.__cause__ = error
            return [busy] * len(errands)

    def _attempt(self, job: Callable[[Database], Any]) -> Any:
        """Run a job; what it raises is raised where it is awaited.

        Some failures (a full disk) end the whole transaction: then nothing of it may be answered
        as done.
        """
        try:
            with self._db.atomic():
                return job(self._db)
        except Exception as error:
            if not self._db.conn.in_transaction:
                raise sqlite3.OperationalError("the transaction has ended") from error
            return error


def _tell(errands: list[_Errand], results: list[Any]) -> None:
    """Wake those who wait, in their own thread, all at one go."""

    def settle() -> None:
        for errand, result in zip(errands, results, strict=True):
            if errand.answer.cancelled():  # they hung up; what they asked for is done
                continue
            if isinstance(result, Exception):
                errand.answer.set_exception(result)
            else:
                errand.answer.set_result(result)

    with suppress(RuntimeError):  # the server was stopped without patience: nobody listens
        errands[0].answer.get_loop().call_soon_threadsafe(settle)


@contextmanager
def group_commit(db: Database) -> Iterator[GroupCommit]:
    """A group commit that ends with the block."""
    commit = GroupCommit(db)
    try:
        yield commit
    finally:
        commit.close()

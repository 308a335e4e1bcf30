"""Keep the parts of `lettermill up` going: look at each, decide, do, show; until told to stop."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from flows.up.health import answers
from flows.up.lives import Life, Order, Seen, Standing, next_step
from flows.up.log import Log
from flows.up.parts import Part, Places
from flows.up.processes import Process

Show = Callable[[Sequence["Watched"], float], None]
_EVERY = 1.0  # seconds between two looks
_BELIEVED = 10  # seconds after an answer
_GRACE = 25  # seconds; the site finishes what it has accepted within 20
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Watched:
    """A part, its life so far, its log, and its process while it has one."""

    part: Part
    log: Log
    life: Life
    process: Process | None = None
    answered_at: float = 0.0


class Keeper:
    """Starts the parts, looks after them, and ends them."""

    def __init__(
        self, parts: Sequence[Part], places: Places, environment: Mapping[str, str], logs: Path
    ) -> None:
        now = time.monotonic()
        self._places = places
        self._environment = environment
        self._password = environment.get("PREFECT_API_AUTH_STRING", "")
        self.watched = [
            Watched(part, Log(logs / f"{part.name}.log"), Life(since=now)) for part in parts
        ]

    def keep(self, show: Show) -> None:
        """Keep the parts going until a signal says to stop; then end them all."""
        with _told_to_stop() as told:
            try:
                while not told.is_set():
                    self._look_after_all()
                    show(self.watched, time.monotonic())
                    told.wait(_EVERY)
            finally:
                self._stop(show)

    def _look_after_all(self) -> None:
        with ThreadPoolExecutor(len(self.watched)) as pool:
            found = list(pool.map(self._look, self.watched))
        now = time.monotonic()
        for watched, seen in zip(self.watched, found, strict=True):
            watched.life, order = next_step(watched.life, seen, now)
            self._do(watched, order)

    def _look(self, watched: Watched) -> Seen:
        if watched.process is None:
            return Seen(False, False, self._may_start(watched.part), watched.log.last_words)
        if not watched.process.runs:
            return Seen(False, False, ended_because=watched.process.ended_because)
        return Seen(True, self._answers(watched, watched.process))

    def _answers(self, watched: Watched, process: Process) -> bool:
        """Whether a part answers; who is up and has done so lately is not asked again.

        Who waits for another part that is down is not to be ended for it: letters may be under way.
        """
        now = time.monotonic()
        if watched.life.standing is Standing.UP:
            lately = now - watched.answered_at < _BELIEVED
            if lately or not self._may_start(watched.part):
                return True
        answered = answers(watched.part, self._places, self._password, process.age)
        if answered:
            watched.answered_at = now
        return answered

    def _may_start(self, part: Part) -> bool:
        needed = [watched.life for watched in self.watched if watched.part.name == part.after]
        return all(life.standing is Standing.UP for life in needed)

    def _do(self, watched: Watched, order: Order) -> None:
        if order is Order.END and watched.process:
            watched.process.end()
            watched.process = None
        elif order is Order.START:
            try:
                watched.process = Process(watched.part.arguments, self._environment, watched.log)
            except OSError as error:  # no memory, say: it is tried again
                watched.log.write(f"cannot be started: {error.strerror}")

    def _stop(self, show: Show) -> None:
        """End the parts, those first that need others; what they started ends with them."""
        now = time.monotonic()
        for watched in self.watched:
            watched.life = replace(watched.life, standing=Standing.STOPPED, since=now, why="")
        needed = {watched.part.after for watched in self.watched}
        self._end([watched for watched in self.watched if watched.part.name not in needed])
        self._end([watched for watched in self.watched if watched.part.name in needed])
        show(self.watched, time.monotonic())
        for watched in self.watched:
            watched.log.close()

    def _end(self, several: list[Watched]) -> None:
        processes = [watched.process for watched in several if watched.process]
        for process in processes:
            process.ask_to_end()
        deadline = time.monotonic() + _GRACE
        while any(process.runs for process in processes) and time.monotonic() < deadline:
            time.sleep(0.05)
        for process in processes:
            process.end()


@contextmanager
def _told_to_stop() -> Iterator[Event]:
    """An event that a signal sets; a second one changes nothing, as ending is under way."""
    told = Event()
    # What is ignored stays so: `nohup` asks for that.
    heard = [number for number in _STOPS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, lambda *_: told.set()) for number in heard}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

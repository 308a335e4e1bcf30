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
from flows.up.lives import Deed, Life, Seen, Standing, next_step
from flows.up.log import Log
from flows.up.parts import Part, Places
from flows.up.processes import Process

Show = Callable[[Sequence["Kept"], float], None]
_EVERY = 1.0  # seconds between two looks
_BELIEVED = 10  # seconds after an answer
_GRACE = 25  # seconds; the site finishes what it has accepted within 20
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Kept:
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
        self.kept = [Kept(part, Log(logs / f"{part.name}.log"), Life(since=now)) for part in parts]

    def keep(self, show: Show) -> None:
        """Keep the parts going until a signal says to stop; then end them all."""
        with _told_to_stop() as told:
            try:
                while not told.is_set():
                    self._look_after_all()
                    show(self.kept, time.monotonic())
                    told.wait(_EVERY)
            finally:
                self._stop(show)

    def _look_after_all(self) -> None:
        with ThreadPoolExecutor(len(self.kept)) as pool:
            found = list(pool.map(self._look, self.kept))
        now = time.monotonic()
        for kept, seen in zip(self.kept, found, strict=True):
            kept.life, deed = next_step(kept.life, seen, now)
            self._do(kept, deed)

    def _look(self, kept: Kept) -> Seen:
        if kept.process is None:
            return Seen(False, False, self._may_start(kept.part), kept.log.last)
        if not kept.process.runs:
            return Seen(False, False, ended_because=kept.process.ended_because)
        return Seen(True, self._answers(kept, kept.process))

    def _answers(self, kept: Kept, process: Process) -> bool:
        """Whether a part answers; who is up and has done so lately is not asked again.

        Who waits for another part that is down is not to be ended for it: letters may be under way.
        """
        now = time.monotonic()
        if kept.life.standing is Standing.UP:
            lately = now - kept.answered_at < _BELIEVED
            if lately or not self._may_start(kept.part):
                return True
        answered = answers(kept.part, self._places, self._password, process.age)
        if answered:
            kept.answered_at = now
        return answered

    def _may_start(self, part: Part) -> bool:
        needed = [kept.life.standing for kept in self.kept if kept.part.name == part.after]
        return all(standing is Standing.UP for standing in needed)

    def _do(self, kept: Kept, deed: Deed) -> None:
        if deed is Deed.END and kept.process:
            kept.process.end()
            kept.process = None
        elif deed is Deed.START:
            try:
                kept.process = Process(kept.part.arguments, self._environment, kept.log)
            except OSError as error:  # no memory, say: it is tried again
                kept.log.write(f"cannot be started: {error.strerror}")

    def _stop(self, show: Show) -> None:
        """End the parts, those first that need others; what they started ends with them."""
        now = time.monotonic()
        for kept in self.kept:
            kept.life = replace(kept.life, standing=Standing.STOPPED, since=now, why="")
        needed = {kept.part.after for kept in self.kept}
        self._end([kept for kept in self.kept if kept.part.name not in needed])
        self._end([kept for kept in self.kept if kept.part.name in needed])
        show(self.kept, time.monotonic())
        for kept in self.kept:
            kept.log.close()

    def _end(self, several: list[Kept]) -> None:
        processes = [kept.process for kept in several if kept.process]
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
    before = {number: signal.signal(number, lambda *_: told.set()) for number in _STOPS}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

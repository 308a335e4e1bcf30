"""A live bar while letters are handed over.

It reads the ledger as any other process would, so it shows the same numbers as `status --json`,
also where a Prefect worker does the sending.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event, Thread

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from sqlite_utils import Database

from delivery.count_store import load_progress, mailings_under_way
from delivery.progress import Progress
from flows.resources import find_home, open_resources
from flows.terminal import say_seconds

_EVERY = 0.5  # seconds


@contextmanager
def progress_bar(out: Console, *, shown: bool) -> Iterator[None]:
    """Show how mailings get on while the block runs; nothing where there is no terminal."""
    if not shown or not out.is_terminal:
        yield
        return
    done = Event()
    with Live(console=out, refresh_per_second=4, transient=True) as live:
        thread = Thread(target=_watch, args=(find_home(), live, done), name="progress-bar")
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def _watch(home: Path, live: Live, done: Event) -> None:
    with open_resources(home) as resources:
        while not done.wait(_EVERY):
            live.update(_look(resources.db, resources.clock.now()))


def _look(db: Database, now: datetime) -> Table:
    table = Table.grid(padding=(0, 1))
    for key in mailings_under_way(db):
        progress = load_progress(db, key, now=now)
        if progress.total:
            table.add_row(*progress_row(progress, now))
    return table


def progress_row(progress: Progress, now: datetime) -> tuple[str | ProgressBar, ...]:
    """One mailing in a row: its key, a bar, counts, rate and time left."""
    bar = ProgressBar(total=progress.total, completed=progress.done, width=24)
    return (
        f"[bold]{progress.key}[/]",
        bar,
        f"{progress.done:,}/{progress.total:,}",
        f"[dim]{say_pace(progress, now)}[/]",
        f"[red]{say_trouble(progress)}[/]",
    )


def say_pace(progress: Progress, now: datetime) -> str:
    """The rate and the time left, in words; or until when it waits."""
    if progress.waits_until and progress.waits_until > now:
        return f"waits until {progress.waits_until.astimezone():%H:%M}: {progress.waits_because}"
    left = progress.seconds_left(now)
    if left is None or not progress.is_alive(now):
        return ""
    return f"{progress.rate(now):,.0f}/s, {say_seconds(left)} left"


def say_trouble(progress: Progress) -> str:
    """What did not go well, in words, or ''."""
    counts = {"refused": progress.refused, "unknown": progress.unknown}
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)

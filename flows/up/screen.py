"""What `lettermill up` shows: a live table on a terminal, a line for each change elsewhere."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from flows.terminal import say_seconds
from flows.up.keeping import Show, Watched
from flows.up.lives import Standing

_LOOKS = {
    Standing.WAITING: ("○", "dim"),
    Standing.STARTING: ("◐", "yellow"),
    Standing.UP: ("●", "green"),
    Standing.SILENT: ("◑", "yellow"),
    Standing.DOWN: ("●", "red"),
    Standing.STOPPED: ("○", "dim"),
}
_WELL = (Standing.UP, Standing.STOPPED)


@contextmanager
def shown(out: Console) -> Iterator[Show]:
    """Show how the parts stand, as fits where it is read."""
    if not out.is_terminal:
        yield Lines(out)
        return
    with Live(console=out, auto_refresh=False) as live:
        yield lambda parts, now: live.update(table_of(parts, now), refresh=True)


def table_of(parts: Sequence[Watched], now: float) -> Table:
    """One row for each part: name, state, since when, restarts, address, what is wrong."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(overflow="fold", ratio=1)
    for watched in parts:
        sign, colour = _LOOKS[watched.life.standing]
        table.add_row(
            f"[{colour}]{sign}[/] [bold]{watched.part.name}[/]",
            f"[{colour}]{watched.life.standing}[/]",
            f"[dim]{_say_span(now - watched.life.since)}[/]",
            _details(watched),
        )
    return table


def _details(watched: Watched) -> Text:
    """Where it is, and how often it was started again; or what is wrong and what that means."""
    life = watched.life
    text = Text(watched.part.address)
    if life.restarts:
        text.append(f"  {_say_restarts(life.restarts)}", "dim")
    if life.why:
        text.append(f"\nlast: {life.why}", "dim" if life.standing in _WELL else "red")
    if life.standing not in _WELL:
        text.append(f"\nmeanwhile {watched.part.meanwhile}", "dim")
    if watched.log.trouble:
        text.append(f"\nno log: {watched.log.trouble}", "red")
    return text


def _say_span(seconds: float) -> str:
    return "now" if seconds < 2 else say_seconds(seconds)


def _say_restarts(count: int) -> str:
    return f"{count} restart{'s' if count > 1 else ''}"


class Lines:
    """A line whenever a part comes to stand otherwise."""

    def __init__(self, out: Console) -> None:
        self._out = out
        self._before: dict[str, Standing] = {}

    def __call__(self, parts: Sequence[Watched], now: float) -> None:
        """Print what has changed since the last time."""
        for watched in parts:
            if self._before.get(watched.part.name) is not watched.life.standing:
                self._before[watched.part.name] = watched.life.standing
                self._out.print(escape(line_of(watched)), soft_wrap=True)


def line_of(watched: Watched) -> str:
    """How a part stands, in one line."""
    life, part = watched.life, watched.part
    words = [f"{part.name}: {life.standing}"]
    if life.standing is Standing.UP and part.address:
        words.append(part.address)
    if life.restarts:
        words.append(_say_restarts(life.restarts))
    if life.why and life.standing is Standing.DOWN:
        words.append(f"{life.why}; meanwhile {part.meanwhile}")
    return ", ".join(words)

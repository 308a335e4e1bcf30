"""What `lettermill up` shows: a live table on a terminal, a line for each change elsewhere."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from flows.commands.progress_bar import say_seconds
from flows.up.keeping import Kept, Show
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


def table_of(parts: Sequence[Kept], now: float) -> Table:
    """One row for each part: name, state, since when, restarts, address, what is wrong."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(overflow="fold", ratio=1)
    for kept in parts:
        sign, colour = _LOOKS[kept.life.standing]
        table.add_row(
            f"[{colour}]{sign}[/] [bold]{kept.part.name}[/]",
            f"[{colour}]{kept.life.standing}[/]",
            f"[dim]{_say_span(now - kept.life.since)}[/]",
            _details(kept),
        )
    return table


def _details(kept: Kept) -> Text:
    """Where it is, and how often it was started again; or what is wrong and what that means."""
    text = Text(kept.part.address)
    if kept.life.restarts:
        text.append(f"  {_say_restarts(kept.life.restarts)}", "dim")
    if kept.life.why:
        text.append(f"\nlast: {kept.life.why}", "dim" if kept.life.standing in _WELL else "red")
    if kept.life.standing not in _WELL:
        text.append(f"\nmeanwhile {kept.part.meanwhile}", "dim")
    if kept.log.trouble:
        text.append(f"\nno log: {kept.log.trouble}", "red")
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

    def __call__(self, parts: Sequence[Kept], now: float) -> None:
        """Print what has changed since the last time."""
        for kept in parts:
            if self._before.get(kept.part.name) is not kept.life.standing:
                self._before[kept.part.name] = kept.life.standing
                self._out.print(escape(line_of(kept)), soft_wrap=True)


def line_of(kept: Kept) -> str:
    """How a part stands, in one line."""
    life, part = kept.life, kept.part
    words = [f"{part.name}: {life.standing}"]
    if life.standing is Standing.UP and part.address:
        words.append(part.address)
    if life.restarts:
        words.append(_say_restarts(life.restarts))
    if life.why and life.standing is Standing.DOWN:
        words.append(f"{life.why}; meanwhile {part.meanwhile}")
    return ", ".join(words)

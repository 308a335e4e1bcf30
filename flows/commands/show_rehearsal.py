"""What `rehearse` prints for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from flows.rehearsal.months import Rehearsal, RehearsedMonth


def show_rehearsal(made: Rehearsal, out: Console) -> None:
    """Show both years, a line each month, and below what is to be known of them."""
    if made.past:
        out.print("[bold]The past, as if it had run then[/]")
        _show_months(made.past, out)
    out.print("[bold]To come, if the blog goes on as last year[/]")
    _show_months(made.to_come, out)
    if not made.people:
        out.print("Nobody is on the list: `lettermill subscribers import` brings people in.")


def _show_months(months: Sequence[RehearsedMonth], out: Console) -> None:
    table = Table(box=box.SIMPLE, pad_edge=False, expand=True)
    for name, width in (("month", 7), ("due", 18)):
        table.add_column(name, min_width=width)
    for name in ("posts", "readers"):
        table.add_column(name, min_width=len(name), justify="right")
    table.add_column("subject, or why none", ratio=1, no_wrap=True, overflow="ellipsis")
    for month in months:
        table.add_row(*_row(month))
    out.print(table)
    for month in months:
        for notice in month.notices:
            out.print(f"[yellow]![/] {_period(month)}: {escape(notice)}", soft_wrap=True)
    out.print()


def _row(month: RehearsedMonth) -> tuple[str, str, str, str, str]:
    due = f"{month.due.day:2} {month.due:%b %H:%M %z}"
    if month.nothing_because:
        return _period(month), due, "-", "-", f"[dim]none: {escape(month.nothing_because)}[/]"
    went = f"[green]({month.went})[/] " if month.went else ""
    posts, readers = str(len(month.posts)), f"{month.readers:,}"
    return _period(month), due, posts, readers, f"{went}{escape(month.subject)}"


def _period(month: RehearsedMonth) -> str:
    return month.key.removeprefix("digest-")

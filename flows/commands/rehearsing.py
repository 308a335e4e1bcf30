"""The command that rehearses: what would have gone out in a year, and what will."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from flows.terminal import LETTER, Json, one_line, out, print_json

if TYPE_CHECKING:
    from pathlib import Path

    from flows.rehearsal.months import Rehearsal
    from flows.resources import Resources

rehearsing = typer.Typer()


@rehearsing.command(rich_help_panel=LETTER)
def rehearse(
    months: Annotated[int, typer.Option(min=1, max=60, help="How many months to come.")] = 12,
    past: Annotated[int, typer.Option(min=0, max=60, help="How many months of the past.")] = 12,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in your browser.")] = False,
    json: Json = False,
) -> None:
    """Replay the past year, and go through the year to come, on a clock of its own. Sends nothing.

    Works in a copy, and writes a page.

    Example: `lettermill rehearse --months 12`
    """
    with one_line():
        from flows import jobs
        from flows.commands.show_rehearsal import show_rehearsal

        made, page = jobs.plainly(_write, past, months)
        if open_:
            typer.launch(page.as_uri())
        if json:
            print_json({"page": page, "rehearsal": made})
        else:
            show_rehearsal(made, out)
            out.print(f"\n{escape(str(page))}", soft_wrap=True)


def _write(resources: "Resources", past: int, months: int) -> "tuple[Rehearsal, Path]":
    from flows.rehearsal.page import write_page
    from flows.rehearsal.rehearsing import rehearse as live

    made = live(resources, past, months)
    return made, write_page(resources, made)

"""The commands about letters: an ad-hoc campaign, a preview, and what would stop a send."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from flows.terminal import BEGIN, COULD_NOT, HELD, LETTER, Json, one_line, out, print_json

letters = typer.Typer()


@letters.command(rich_help_panel=LETTER)
def campaign(
    file: Annotated[Path, typer.Argument(help="A Markdown file with a subject on top.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Approve it and send it.")] = False,
    json: Json = False,
) -> None:
    """Prepare a letter of your own from a Markdown file, and send it if you say yes.

    Sent once, however often this runs.

    Example: `lettermill campaign spring.md`
    """
    with one_line():
        from flows import running
        from flows.commands.progress_bar import progress_bar
        from flows.commands.show import show_outcome

        with progress_bar(out, shown=not json):
            outcome = running.campaign(file, agreed=yes)
        print_json(outcome) if json else show_outcome(outcome, out)
        raise typer.Exit(HELD if running.is_held(outcome) else 0)


@letters.command(rich_help_panel=LETTER)
def preview(
    key: Annotated[
        str, typer.Argument(help="An edition, such as digest-2026-11; or confirm, welcome, notice.")
    ],
    open_: Annotated[bool, typer.Option("--open", help="Open it in your browser.")] = False,
    png: Annotated[
        bool, typer.Option("--png", help="Take pictures of it too, with Chromium.")
    ] = False,
    json: Json = False,
) -> None:
    """Write a page with an edition's letters, what preflight found, and why it is like this.

    Example: `lettermill preview digest-2026-11 --open`
    """
    with one_line():
        from flows import jobs
        from flows.views.pictures import take_pictures
        from flows.views.preview import write_preview

        files = jobs.plainly(write_preview, key)
        pictures = jobs.plainly(take_pictures, files.page.parent) if png else []
        if open_:
            typer.launch(files.page.as_uri())
        if json:
            shown = {"page": files.page, "html": files.html, "text": files.text}
            print_json(shown | {"pictures": pictures})
        else:
            for line in (files.page, *pictures):
                out.print(escape(str(line)), soft_wrap=True)


@letters.command(rich_help_panel=BEGIN)
def check(json: Json = False) -> None:
    """Look for everything that would stop a send: settings, provider, templates, programs, drafts.

    Example: `lettermill check`
    """
    with one_line():
        from flows import jobs
        from flows.check import check_newsletter
        from flows.commands.show import show_findings

        found = jobs.plainly(check_newsletter)
        print_json(found) if json else show_findings(found, out)
        raise typer.Exit(COULD_NOT if any(f.level == "error" for f in found) else 0)

"""The commands by which an author decides: approve, hold, send, and a test letter."""

from typing import Annotated

import typer

from flows.terminal import HELD, LETTER, Json, one_line, out, print_json

deciding = typer.Typer()
Key = Annotated[str, typer.Argument(help="The edition, as in digest-2026-11.")]
Hash = Annotated[str, typer.Argument(metavar="HASH", help="As `plan` or `preview` shows it.")]


@deciding.command(rich_help_panel=LETTER)
def approve(key: Key, content_hash: Hash, json: Json = False) -> None:
    """Say yes to exactly the draft with this hash. `dispatch` sends it within minutes.

    Example: `lettermill approve digest-2026-11 0f3c9a51e2b7d846`
    """
    with one_line():
        from flows import jobs
        from flows.commands.show import show_outcome

        outcome = jobs.approve(jobs.plainly, key, content_hash)
        print_json(outcome) if json else show_outcome(outcome, out)
        raise typer.Exit(HELD if outcome.errors else 0)


@deciding.command(rich_help_panel=LETTER)
def hold(key: Key, content_hash: Hash, json: Json = False) -> None:
    """Keep a draft from sending itself, until you approve it.

    Example: `lettermill hold digest-2026-11 0f3c9a51e2b7d846`
    """
    with one_line():
        from flows import jobs
        from flows.author.deciding import hold_draft
        from flows.commands.show import show_outcome

        outcome = jobs.plainly(hold_draft, key, content_hash)
        print_json(outcome) if json else show_outcome(outcome, out)


@deciding.command(rich_help_panel=LETTER)
def send(key: Key, json: Json = False) -> None:
    """Send an approved edition now, or go on with it.

    Example: `lettermill send digest-2026-11`
    """
    with one_line():
        from flows import jobs, running
        from flows.author.deciding import require_approved
        from flows.commands.progress_bar import progress_bar
        from flows.commands.show import show_outcome

        jobs.plainly(require_approved, key)
        with progress_bar(out, shown=not json):
            [outcome] = running.dispatch(key)
        print_json(outcome) if json else show_outcome(outcome, out)
        raise typer.Exit(HELD if running.is_held(outcome) else 0)


@deciding.command("test", rich_help_panel=LETTER)
def send_test(
    key: Key,
    to: Annotated[str, typer.Option("--to", help="Your own address.")],
    program: Annotated[
        str | None, typer.Option(help="The letter that offers this program, or `none`.")
    ] = None,
) -> None:
    """Send the letter of an edition to one address, as its readers get it.

    It is not counted, and its links unsubscribe nobody.

    Example: `lettermill test digest-2026-11 --to me@example.com`
    """
    with one_line():
        from flows import jobs
        from flows.mailings.trial import send_trial

        jobs.plainly(send_trial, key, to, program)
        out.print("Handed over. Nobody else got it, and nothing was counted.")

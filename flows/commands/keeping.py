"""The commands that keep a newsletter's database: backup, restore, claim."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from flows.terminal import (
    HELD,
    KEEPING,
    Json,
    complain,
    is_interactive,
    one_line,
    out,
    print_json,
    warn,
)

if TYPE_CHECKING:
    from flows.keeping.claim import Claimed, Seen
    from flows.keeping.restore import Restored

keeping = typer.Typer()
Backup = Annotated[Path, typer.Argument(metavar="FILE", help="A file such as backup.db.")]


@keeping.command(rich_help_panel=KEEPING)
def backup(
    file: Backup,
    force: Annotated[bool, typer.Option("--force", help="Write over whatever is there.")] = False,
    json: Json = False,
) -> None:
    """Copy the database into one file, also while letters are being sent.

    An earlier backup of that name is replaced. The copy sends nothing before `claim`.

    Example: `lettermill backup /backups/newsletter.db`
    """
    with one_line():
        from flows import jobs
        from flows.keeping.backup import back_up

        made = jobs.plainly(back_up, file, force)
        if json:
            print_json(made)
        else:
            size = f"{made.size / 1024**2:.1f} MB"
            out.print(f"Backed up to {escape(str(made.file))} ({size})", soft_wrap=True)


@keeping.command(rich_help_panel=KEEPING)
def restore(file: Backup, json: Json = False) -> None:
    """Put a backup in the place of the database, which is kept aside.

    Stop `serve` and whatever sends first; nothing is sent before `claim`.

    Example: `lettermill restore /backups/newsletter.db`
    """
    with one_line():
        from flows.keeping.restore import restore as put_back
        from flows.resources import open_resources

        with open_resources(without_database=True) as resources:
            done = put_back(resources, file)
        print_json(done) if json else _show_restored(done)


def _show_restored(done: "Restored") -> None:
    out.print("Restored.")
    if done.kept:
        out.print(f"The database that was there is kept: {escape(str(done.kept))}", soft_wrap=True)
    if done.read:
        out.print(
            f"From it come those who left, were barred or erased since the backup: {done.left} "
            f"left, {done.erased} erased. Who joined since is only there.",
            soft_wrap=True,
        )
    else:
        warn(["who left by our own link after the backup is not known here, and may be written to"])
    if done.whole:
        out.print("Everything that was sent is known as well.")
    out.print("Nothing is sent until `lettermill claim`.")


@keeping.command(rich_help_panel=KEEPING)
def claim(
    latest: Annotated[
        bool,
        typer.Option("--latest", help="It is the newest copy, and the other is stopped for good."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Let this copy of the database be the one that sends: after a restore, a copy, a move.

    What another copy may have sent meanwhile is not sent again: it waits for you. After a move
    nothing need wait: `--latest`.

    Example: `lettermill claim --latest --yes`
    """
    with one_line():
        from flows import jobs
        from flows.keeping.claim import claim as take
        from flows.keeping.claim import look

        seen = jobs.plainly(look)
        if seen.why and not _agreed(seen, latest=latest, yes=yes, json=json):
            raise typer.Exit(HELD)
        claimed = jobs.plainly(take, latest)
        if json:
            print_json(claimed)
        elif not seen.why:
            out.print("This database is at home here already; nothing was to be claimed.")
        else:
            _show_claimed(claimed, seen)


def _agreed(seen: "Seen", *, latest: bool, yes: bool, json: bool) -> bool:
    """Ask the person at the terminal; where there is none, only --yes is a yes."""
    if yes:
        return True
    if json or not is_interactive():
        complain(f"nothing was claimed: {seen.why}. Say --yes if no other copy is used any more")
        return False
    out.print(f"This database is not known here: {seen.why}.", soft_wrap=True)
    if latest or seen.whole:
        question = "Is it the newest copy there is, and is every other stopped for good?"
    else:
        out.print(
            f"It knows what was sent until {seen.knows:%Y-%m-%d %H:%M}. What another copy may "
            "have sent since then will wait for you.",
            soft_wrap=True,
        )
        question = "Is every other copy stopped for good?"
    return typer.confirm(question, default=False)


def _show_claimed(claimed: "Claimed", seen: "Seen") -> None:
    out.print("This database is the one that sends now.")
    if claimed.since is None:
        return
    if claimed.letters or claimed.notes or claimed.editions:
        out.print(f"What may have been sent after {seen.knows:%Y-%m-%d %H:%M} is held back:")
    if claimed.letters:
        out.print(
            f"  {claimed.letters} letters are unknown. `lettermill hear` asks the provider; of the "
            "rest you say `lettermill resolve KEY --sent` or `--resend`",
            soft_wrap=True,
        )
    if claimed.notes:
        out.print(f"  notes, such as confirmations, that are not sent: {claimed.notes}")
    for key in claimed.editions:
        out.print(f"  {key} is not sent by itself", soft_wrap=True)
    warn(
        [
            f"who left by our own link after {seen.knows:%Y-%m-%d %H:%M} is not known here; the "
            "provider's list of them is read anew"
        ]
    )

"""The `lettermill subscribers` commands."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from flows.terminal import COULD_NOT, Json, err, one_line, out, print_json

people = typer.Typer(help="The list: who is on it, and bringing people in.", no_args_is_help=True)


@people.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8 with a header; a column `email`.")],
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave wrong rows out instead of stopping.")
    ] = False,
    json: Json = False,
) -> None:
    """Bring people in from a CSV file: email, and if you have them name, status, confirmed_at.

    A wrong row stops the import before anything is written. Whoever left stays gone.
    Example: `lettermill subscribers import readers.csv`
    """
    with one_line():
        from flows.resources import open_resources
        from flows.show import show_import
        from subscribers.errors import BadList
        from subscribers.importing import import_list

        try:
            with open_resources() as resources, file.open(newline="", encoding="utf-8-sig") as text:
                report = import_list(
                    resources.db, text, file.name, now=resources.clock.now(), skip_bad=skip_bad
                )
        except OSError as error:
            raise BadList(f"{file}: cannot be read ({error.strerror})") from error
        print_json(report) if json else show_import(report, file.name, out, err)
        raise typer.Exit(0 if report.written else COULD_NOT)


@people.command("list")
def list_(json: Json = False) -> None:
    """List everybody, with whether we may write to them or why not.

    Example: `lettermill subscribers list --json`
    """
    with one_line():
        from flows.resources import open_resources
        from flows.show import show_people
        from subscribers.store import all_subscribers

        with open_resources() as resources:
            everybody, today = list(all_subscribers(resources.db)), resources.today
        if json:
            print_json([asdict(person) | {"ruling": person.ruling(today)} for person in everybody])
        else:
            show_people(everybody, today, out)

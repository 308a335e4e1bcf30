"""The `lettermill subscribers` commands."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.terminal import COULD_NOT, Json, err, one_line, out, print_json, warn

if TYPE_CHECKING:
    from subscribers.store import Subscriber

SegmentOption = Annotated[
    str, typer.Option("--segment", help="Only who matches: tags with &, |, ! and brackets.")
]
people = typer.Typer(help="The list: who is on it, and bringing people in.", no_args_is_help=True)


@people.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV with a header; a column `email`.")],
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave wrong rows out instead of stopping.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be done, and do nothing.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option("--report", help="Write what became of each row to this file.")
    ] = None,
    json: Json = False,
) -> None:
    """Bring people in from a CSV file: a plain one, or another service's export as it is.

    A wrong row stops the import before anything is written. Whoever left stays gone.

    Example: `lettermill subscribers import readers.csv --dry-run`
    """
    with one_line():
        from flows.commands.show_lists import show_import, show_understood
        from flows.people.lists import bring_in
        from flows.resources import open_resources

        with open_resources() as resources:
            done = bring_in(
                resources,
                file,
                skip_bad=skip_bad,
                dry_run=dry_run,
                verdicts=report,
                tell=lambda understood: None if json else show_understood(understood, out),
            )
        print_json(done) if json else show_import(done, file.name, out, err, dry_run=dry_run)
        sound = done.written or (dry_run and (skip_bad or not done.refused))
        raise typer.Exit(0 if sound else COULD_NOT)


@people.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="CSV file to write; - for standard output.")],
) -> None:
    """Write everybody to a CSV file, with standing, tags, consent and what bars an address.

    Spreadsheets open it without harm, and `import` reads it back.

    Example: `lettermill subscribers export readers.csv`
    """
    with one_line():
        from flows.people.lists import send_out
        from flows.resources import open_resources

        with open_resources() as resources:
            people_written = send_out(resources, file)
        if str(file) != "-":
            out.print(f"{people_written} people in {file}", markup=False, soft_wrap=True)


@people.command("list")
def list_(segment: SegmentOption = "", json: Json = False) -> None:
    """List everybody, or a segment, with whether we may write to them or why not.

    Example: `lettermill subscribers list --segment "runner & !bought:hip-rehab"`
    """
    with one_line():
        from flows.commands.show_people import show_people
        from flows.resources import open_resources
        from subscribers.segment import read_segment
        from subscribers.store import all_subscribers

        wanted = read_segment(segment)
        with open_resources() as resources:
            found = (p for p in all_subscribers(resources.db) if wanted.matches(p.tags))
            today = resources.today
            if json:
                rows = [
                    asdict(p) | {"tags": sorted(p.tags), "ruling": p.ruling(today)} for p in found
                ]
                print_json(rows)
            else:
                show_people(found, today, out)


def _row(person: "Subscriber", today: date) -> dict[str, object]:
    return asdict(person) | {"tags": sorted(person.tags), "ruling": person.ruling(today)}


@people.command()
def count(
    segment: Annotated[str, typer.Argument(help="Tags with &, |, ! and brackets; '' is all.")],
    json: Json = False,
) -> None:
    """Count the readers of a segment whom we may write to.

    Example: `lettermill subscribers count "runner & !bought:hip-rehab"`
    """
    with one_line():
        from flows.people.audience import count_segment, strange_tags
        from flows.resources import open_resources
        from subscribers.segment import read_segment

        wanted = read_segment(segment)
        with open_resources() as resources:
            number, strange = count_segment(resources, wanted), strange_tags(resources, wanted)
        print_json({"readers": number, "strange": sorted(strange)}) if json else out.print(number)
        warn([f"nobody who may be written to is tagged {tag}" for tag in sorted(strange)])


@people.command()
def form() -> None:
    """Print the HTML of a sign-up form for your own pages; it needs no script.

    Example: `lettermill subscribers form > form.html`
    """
    with one_line():
        from flows.people.joining import embedded_form
        from flows.resources import open_resources

        with open_resources() as resources:
            typer.echo(embedded_form(resources), nl=False)

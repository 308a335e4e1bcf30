"""The commands about one person: `lettermill subscribers show ADDRESS` and its like."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.posts import why
from flows.commands.subscribers import people
from flows.terminal import Json, ask_first, one_line, out, print_json

# These commands join those of two groups; who adds the groups finds them here, complete.
__all__ = ["people", "why"]
Address = Annotated[
    str,
    typer.Argument(metavar="ADDRESS", help="In any spelling; `-` reads it from standard input."),
]


def given(address: str) -> str:
    """The address; from standard input it stands in no history of the shell."""
    return sys.stdin.readline().strip() if address == "-" else address


@people.command()
def show(address: Address, json: Json = False) -> None:
    """Show one person: where they stand and what is set.

    Example: `lettermill subscribers show ada@example.com`
    """
    with one_line():
        from flows.commands.show_people import show_person
        from flows.people.person import find_person
        from flows.resources import open_resources

        with open_resources() as resources:
            person, today = find_person(resources, given(address)), resources.today
        print_json(person) if json else show_person(person, today, out)


@people.command()
def add(
    address: Address,
    name: Annotated[str, typer.Option(help="What to call them.")] = "",
    tags: Annotated[str, typer.Option(help="Tags with commas between.")] = "",
    agreed: Annotated[
        str, typer.Option(help="How they agreed, such as `on paper, 2026-11-01`; no letter asks.")
    ] = "",
) -> None:
    """Add somebody: they get a letter to confirm, unless you say how they agreed.

    Whoever left, complained or was erased is not added: they may sign up themselves.

    Example: `lettermill subscribers add ada@example.com --name Ada`
    """
    with one_line():
        from flows.people.by_hand import add_person
        from flows.resources import open_resources

        with open_resources() as resources:
            out.print(add_person(resources, given(address), name, tags, agreed))


@people.command(context_settings={"ignore_unknown_options": True})
def tag(
    address: Address,
    tags: Annotated[list[str], typer.Argument(metavar="+TAG|-TAG", help="What to put on or off.")],
) -> None:
    """Put tags on somebody, or take them off.

    Example: `lettermill subscribers tag ada@example.com +runner -beginner`
    """
    with one_line():
        from flows.people.by_hand import tag_person
        from flows.resources import open_resources

        with open_resources() as resources:
            now_on = tag_person(resources, given(address), tags)
        out.print(", ".join(sorted(now_on)) or "no tags")


@people.command()
def unsubscribe(address: Address) -> None:
    """Take somebody off the list who asked you to.

    Example: `lettermill subscribers unsubscribe ada@example.com`
    """
    with one_line():
        from flows.people.by_hand import unsubscribe_person
        from flows.resources import open_resources

        with open_resources() as resources:
            unsubscribe_person(resources, given(address))
        out.print("Unsubscribed; no list brings them back.")


@people.command()
def block(
    address: Address,
    because: Annotated[str, typer.Option(help="Why, for you to remember.")],
) -> None:
    """Bar an address for good, whether it is on the list or not.

    Example: `lettermill subscribers block ada@example.com --because "asked by phone"`
    """
    with one_line():
        from flows.people.by_hand import block_address
        from flows.resources import open_resources

        with open_resources() as resources:
            block_address(resources, given(address), because)
        out.print("Blocked; no form and no list brings this address back.")


@people.command()
def data(
    address: Address,
    file: Annotated[Path, typer.Argument(help="Where to write the JSON.")],
) -> None:
    """Write all that is known of somebody into a JSON file, for them.

    Example: `lettermill subscribers data ada@example.com ada.json`
    """
    with one_line():
        import orjson

        from flows.people.person import find_person, personal_data
        from flows.resources import open_resources

        with open_resources() as resources:
            person = find_person(resources, given(address))
            known = personal_data(resources.db, person.id)
        file.touch(mode=0o600)
        file.write_bytes(orjson.dumps(known, option=orjson.OPT_INDENT_2))
        out.print(f"Wrote {file}.")


@people.command()
def erase(
    address: Address,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Forget somebody for good, and print the certificate for them.

    Example: `lettermill subscribers erase ada@example.com`
    """
    with one_line():
        from flows.commands.show_people import show_certificate
        from flows.people.person import erase_person, find_person
        from flows.resources import open_resources

        with open_resources() as resources:
            person = find_person(resources, given(address))
            if not yes:
                ask_first("Forget them for good? This cannot be undone.")
            done = erase_person(resources, resources.db, person.id)
        print_json(done) if json else show_certificate(done, out)


@why.command("person")
def why_person(
    address: Address,
    key: Annotated[str | None, typer.Argument(metavar="KEY", help="One edition.")] = None,
    json: Json = False,
) -> None:
    """Say where somebody stands, and why they got each edition or did not.

    Example: `lettermill why person ada@example.com digest-2026-11`
    """
    with one_line():
        from flows.commands.show_people import show_answer
        from flows.people.why import why_person
        from flows.resources import open_resources

        with open_resources() as resources:
            answer = why_person(resources, given(address), key)
        print_json(answer) if json else show_answer(answer, out)

"""What the commands about people print for a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from flows.people.why import PersonAnswer
    from subscribers.leaving.erasure import Certificate
    from subscribers.store import Subscriber


def show_people(people: Iterable[Subscriber], today: date, out: Console) -> None:
    """Show the list as a table."""
    table = Table(box=None)
    for column in ("Address", "Name", "Standing", "Tags"):
        table.add_column(column)
    for person in people:
        tags = ", ".join(sorted(person.tags))
        ruling = person.ruling(today).value
        table.add_row(escape(person.address), escape(person.name), ruling, escape(tags))
    out.print(table)


def show_person(person: Subscriber, today: date, out: Console) -> None:
    """Show one person: what is set, and where they stand."""
    out.print(f"[bold]{escape(person.address)}[/]  {escape(person.name)}", soft_wrap=True)
    facts = {
        "standing": person.ruling(today).value,
        "tags": ", ".join(sorted(person.tags)) or "none",
        "language": person.language or "the newsletter's",
        "digests": person.frequency.value,
        "break until": str(person.paused_until or "none"),
        "programs": "may be offered" if person.wants_offers else "none, please",
    }
    for name, value in facts.items():
        out.print(f"  {name:<12} {escape(value)}", soft_wrap=True)


def show_answer(answer: PersonAnswer, out: Console) -> None:
    """Show why somebody gets letters, or none: standing, history, editions."""
    out.print(f"[bold]{answer.standing}[/]")
    if answer.erased:
        out.print(f"  {answer.erased:%Y-%m-%d %H:%M} UTC  erased at their wish")
    for past in answer.consents:
        what = f"{past.action.value}: {past.source}" + (
            f", {past.evidence}" if past.evidence else ""
        )
        out.print(f"  {past.at:%Y-%m-%d %H:%M} UTC  {escape(what)}", soft_wrap=True)
    for bar in answer.suppressions:
        line = f"  {bar.since:%Y-%m-%d %H:%M} UTC  barred, {bar.reason.value}: {bar.evidence}"
        out.print(escape(line), soft_wrap=True)
    for letter in answer.letters:
        out.print(f"  [bold]{letter.key}[/]  {escape(letter.why)}", soft_wrap=True)


def show_certificate(done: Certificate, out: Console) -> None:
    """Show what was removed of somebody, and what is kept."""
    out.print(f"Erased. Certificate {done.id}, {done.at:%Y-%m-%d %H:%M} UTC")
    out.print(
        f"  removed: name and address, {done.consents} consents, {done.changes} changes, "
        f"{done.requests} requests, {done.suppressions} suppressions",
        soft_wrap=True,
    )
    out.print(f"  their address was taken out of {done.letters} records of letters")
    out.print("  kept: a keyed mark of the address, so that no list brings them back")
    out.print("  not ours to erase: outbox/, backups, the provider's own log", soft_wrap=True)

"""What the commands print for a person. The types of other commands are not imported to run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from content.edition import EditionState
from flows.commands.progress_bar import progress_row
from flows.outcome import yes_command

if TYPE_CHECKING:
    from content.preflight.finding import Finding
    from delivery.mailing import DeliveryState
    from flows.editions.collecting import FeedReading, Reading
    from flows.editions.posts import PostAnswer
    from flows.mailings.hearing import Heard
    from flows.outcome import Outcome
    from flows.views.status import EditionStatus, Overview

_LEVELS = {"error": "bold red", "warning": "yellow", "note": "dim"}
_COLOURS = {
    "submitted": "green",
    "pending": "yellow",
    "claimed": "yellow",
    "unknown": "bold red",
    "refused": "red",
    "skipped": "dim",
}


def show_reading(reading: Reading, out: Console) -> None:
    """Say what a collect found, feed by feed; of those that failed, the caller tells."""
    for feed in reading.feeds:
        if not feed.failure:
            out.print(escape(_feed_line(feed)), soft_wrap=True)


def _feed_line(feed: FeedReading) -> str:
    if feed.unchanged:
        return f"{feed.source}: nothing has changed."
    held = f", {feed.held} held: `lettermill posts held` says why" if feed.held else ""
    return f"{feed.source}: {say_posts(feed.read)}, {feed.new} new{held}."


def show_posts(answers: Iterable[PostAnswer], out: Console) -> None:
    """Show posts, each with where it is and why."""
    rows = list(answers)
    for post in rows:
        out.print(f"[bold]{escape(post.title)}[/]  [dim]{escape(post.link)}[/]", soft_wrap=True)
        out.print(f"  {escape(post.why)}", soft_wrap=True)
    if not rows:
        out.print("No post is held.")


def say_posts(count: int) -> str:
    """How many posts, in words."""
    return "1 post" if count == 1 else f"{count} posts"


def show_outcome(outcome: Outcome, out: Console) -> None:
    """Say in one line how far an edition has come, and what to do next if anything."""
    out.print(f"[bold]{outcome.key}[/]: {escape(_outcome_line(outcome))}", soft_wrap=True)
    for colour, found in (("red", outcome.errors), ("yellow", outcome.warnings)):
        for line in found:
            out.print(f"  [{colour}]![/] {escape(line)}", soft_wrap=True)


def _outcome_line(outcome: Outcome) -> str:
    letters, month = say_letters(outcome.letters), outcome.key.removeprefix("digest-")
    again = yes_command(outcome.key)
    if outcome.state is EditionState.SKIPPED:
        return f"nothing sent: {outcome.note}. `lettermill plan {month}` says why."
    if outcome.state is EditionState.DRAFT:
        look = f"`lettermill preview {outcome.key}` shows it"
        if outcome.errors:
            return f"blocked, and nothing was sent. Fix what is said below; {look}."
        readers = "" if outcome.readers is None else f" for {outcome.readers} readers"
        if outcome.send_after:
            return f"ready{readers}, {_goes_out(outcome.send_after)}. {look}, {again} sends it now."
        waits = f"{outcome.note}; it waits" if outcome.note else f"ready{readers}, and waits"
        return f"{waits} for your yes. {look}, {again} sends it."
    if outcome.state is EditionState.APPROVED:
        return f"approved. `lettermill send {outcome.key}` sends it now, `dispatch` does it too."
    if outcome.paused:
        go_on = f"`lettermill resume {outcome.key}` goes on"
        return f"paused: {outcome.paused}. {letters}. When that is fixed, {go_on}."
    if outcome.state is EditionState.CLOSED:
        written = " They are files in outbox/, and nobody was written to."
        outbox = written if outcome.provider == "outbox" else ""
        return f"{outcome.note or 'sent'}. {letters}.{outbox}"
    if outcome.note:
        return f"{outcome.note}; nothing to do here. {letters}".strip(" .") + "."
    if list(outcome.letters) and not _is_owed(outcome):
        return (
            f"{letters}. Those were handed over and nothing was heard; they are not sent again. "
            f"`lettermill dispatch` in ten minutes asks the provider, `lettermill resolve "
            f"{outcome.key}` lets you say."
        )
    return f"not all sent. {letters}. `lettermill dispatch` goes on with it."


def _goes_out(moment: datetime) -> str:
    return f"and goes out by itself after {moment:%Y-%m-%d %H:%M} UTC, unless you hold it"


def _is_owed(outcome: Outcome) -> bool:
    return bool(outcome.letters.get("pending") or outcome.letters.get("claimed"))


def show_heard(heard: Heard, out: Console) -> None:
    """Say in one line what the provider had to tell."""
    told = {
        "events": heard.events,
        "people not written to any more": heard.barred,
        "mailings without open questions": heard.settled,
    }
    said = ", ".join(f"{count} {what}" for what, count in told.items() if count)
    out.print(said or "Nothing new.", soft_wrap=True)


def say_letters(letters: Mapping[str, int]) -> str:
    """Letters by state, in words."""
    return ", ".join(f"{letters[state]} {state}" for state in _COLOURS if letters.get(state))


def show_status(status: Overview, out: Console) -> None:
    """Show posts, people and editions."""
    posts = ", ".join(f"{n} {state}" for state, n in status.posts.items()) or "none yet"
    people = ", ".join(f"{n} {ruling}" for ruling, n in status.people.items()) or "none yet"
    out.print(f"Posts   {posts}\nPeople  {people}")
    if status.notes:
        out.print(f"Notes   {escape(_say_notes(status.notes))}", soft_wrap=True)
    for notice in status.notices:
        out.print(f"[yellow]![/] {escape(notice)}", soft_wrap=True)
    for found in status.editions:
        _show_edition(found, out)
        if found.progress and found.progress.total:
            grid = Table.grid(padding=(0, 1))
            grid.add_row(" ", *progress_row(found.progress, status.now))
            out.print(grid)


def _say_notes(notes: Mapping[tuple[DeliveryState, str], int]) -> str:
    return ", ".join(
        f"{n} {state}" + (f" ({reason})" if reason else "") for (state, reason), n in notes.items()
    )


def _show_edition(found: EditionStatus, out: Console) -> None:
    edition = found.edition
    state = "paused" if found.paused_because else edition.state
    out.print(f"\n[bold]{edition.key}[/]  {state}  {escape(edition.title)}", soft_wrap=True)
    if why := edition.held or edition.reason or found.paused_because:
        out.print(f"  {escape(why)}", soft_wrap=True)
    if edition.send_after:
        out.print(f"  ready, {_goes_out(edition.send_after)}", soft_wrap=True)
    elif edition.state is EditionState.DRAFT:
        yes = f"`lettermill approve {edition.key} {edition.content_hash}`"
        out.print(f"  waits for your yes: {yes}", soft_wrap=True)
    for title in found.posts:
        since = "  [dim]edited on the blog since[/]" if title in found.edited else ""
        out.print(f"  · {escape(title)}{since}")
    if found.tally.states:
        out.print(letters_table(found))


def letters_table(found: EditionStatus) -> Table:
    """Letters of one edition by state and reason."""
    table = Table(box=None, pad_edge=True, show_header=False)
    table.add_column(justify="right")
    table.add_column()
    table.add_column(style="dim")
    for state, count in sorted(found.tally.states.items()):
        reasons = [f"{n} {r}" for (s, r), n in found.tally.reasons.items() if s is state]
        colour = _COLOURS[state.value]
        table.add_row(str(count), f"[{colour}]{state.value}[/]", escape(", ".join(reasons)))
    return table


def show_findings(findings: Iterable[Finding], out: Console) -> None:
    """Show what was found, errors first; nothing found is said too."""
    rows = list(findings)
    for found in rows:
        where = f"  [dim]{escape(found.where)}[/]" if found.where else ""
        level = f"[{_LEVELS[found.level]}]{found.level}[/]"
        out.print(f"{level}  {escape(found.text)}{where}", soft_wrap=True)
    if not any(found.level == "error" for found in rows):
        out.print("Nothing was found that would stop a send.")

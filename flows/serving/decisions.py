"""What the author's links do to a draft: yes, hold, leave a post out, another program."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import content.approval_store
import content.ledger
import content.store
from content.decision_store import find_decision, record_decision
from content.edition import EditionState
from content.intake import Cause, PostState
from content.program import NO_PROGRAM
from delivery.lease import sole_sender
from flows import jobs
from flows.author.deciding import hold_draft, let_go
from flows.author.telling import tell_author
from flows.author.tickets import Ticket, post_mark, say_changed
from flows.editions.preparing import prepare_digest
from flows.errors import Held
from flows.outcome import Outcome, edition_outcome
from flows.programs import programs_of
from flows.resources import Resources


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do to a draft: `approve`, `hold`, `drop` with a post's mark, or `program` with a
    name, '' for none.
    """

    kind: str
    what: str = ""

    @property
    def name(self) -> str:
        """How it is written down."""
        return f"{self.kind} {self.what}".rstrip()


def act_on(resources: Resources, ticket: Ticket, act: Act) -> Outcome:
    """Do one thing to the draft of a ticket. Asked for twice, it is done once.

    Raises:
        Held: the draft is not the one of the ticket any more; nothing was done.
        AlreadySending: another act on it is under way.
    """
    with sole_sender(resources.locks, f"decide-{ticket.key}"):
        if not _is_unchanged(resources, ticket):
            return _done_before(resources, ticket, act)
        # What was done before may have been undone since: on the same draft each act counts anew.
        outcome = _ACTS[act.kind](resources, ticket, act.what)
        if not outcome.errors:
            now = resources.clock.now()
            names = (ticket.key, ticket.content_hash, act.name)
            record_decision(resources.db, *names, outcome.content_hash, now=now)
        return outcome


def _is_unchanged(resources: Resources, ticket: Ticket) -> bool:
    edition = content.store.find_edition(resources.db, ticket.key)
    return edition is not None and edition.content_hash == ticket.content_hash


def _done_before(resources: Resources, ticket: Ticket, act: Act) -> Outcome:
    """How the draft stands that this very act has changed already; of a double click."""
    if find_decision(resources.db, ticket.key, ticket.content_hash, act.name) is None:
        raise Held(say_changed(ticket))
    return edition_outcome(resources, ticket.key)


def _require_draft(resources: Resources, key: str) -> None:
    state = content.store.get_edition(resources.db, key).state
    if state is not EditionState.DRAFT:
        hold = "; hold it first" if state is EditionState.APPROVED else ""
        raise Held(f"{key} is {state}{hold}")


def _approve(resources: Resources, ticket: Ticket, _what: str) -> Outcome:
    def call(step: Callable[..., Any], *arguments: Any) -> Any:
        return step(resources, *arguments)

    return jobs.approve(call, ticket.key, ticket.content_hash)


def _hold(resources: Resources, ticket: Ticket, _what: str) -> Outcome:
    return hold_draft(resources, ticket.key, ticket.content_hash)


def _drop(resources: Resources, ticket: Ticket, mark: str) -> Outcome:
    _require_draft(resources, ticket.key)
    posts = content.ledger.posts_in(resources.db, ticket.key)
    reason = f"left out by hand on {resources.today}; `lettermill posts release` takes it back"
    for held in posts:
        if post_mark(held) == mark:
            dropped = held.moved(PostState.EXCLUDED, Cause.AUTHOR, reason)
            content.ledger.set_aside(resources.db, held, dropped)
    return _make_anew(resources, ticket.key)


def _offer(resources: Resources, ticket: Ticket, program: str) -> Outcome:
    _require_draft(resources, ticket.key)
    open_today = {p.name for p in programs_of(resources.settings) if p.is_open(resources.today)}
    if program not in open_today | {NO_PROGRAM}:
        raise Held(f"there is no program of this name to offer; {ticket.key} stays as it is")
    content.approval_store.want_program(resources.db, ticket.key, program)
    return _make_anew(resources, ticket.key)


def _make_anew(resources: Resources, key: str) -> Outcome:
    """The draft as it is now, with a letter to its author who may decide about that one."""
    draft = prepare_digest(resources, key)
    if draft.state is EditionState.DRAFT:
        draft = let_go(resources, key, draft.content_hash, False)
    tell_author(resources, [key])
    return draft


_ACTS = {"approve": _approve, "hold": _hold, "drop": _drop, "program": _offer}

"""Each job as a list of steps, written once.

On the command line the steps are called plainly; in a flow each becomes a Prefect task. `call`
is what differs: it opens the resources and calls one step.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from content.edition import EditionState
from delivery.errors import DeliveryError
from flows import (
    campaigning,
    collecting,
    gone_posts,
    hearing,
    mailing,
    noting,
    preflight,
    preparing,
)
from flows.collecting import Reading
from flows.errors import Held
from flows.hearing import Heard
from flows.outcome import Outcome
from flows.resources import open_resources

Call = Callable[..., Any]
# What is not approved yet is made anew by each run; the rest is fixed.
REMADE = (EditionState.DRAFT, EditionState.SKIPPED)


def plainly(step: Callable[..., Any], *arguments: Any) -> Any:
    """Call a step in this process."""
    with open_resources() as resources:
        return step(resources, *arguments)


def collect(call: Call, *, since: date | None = None, polite: bool = False) -> Reading:
    """Read the feeds; from `since` on, posts that were there before may be mailed."""
    if since is not None:
        call(collecting.open_feeds, since)
    reading: Reading = call(collecting.collect_posts, polite)
    return reading


def collect_for_digest(call: Call) -> Reading:
    """Read the feeds for an edition; one that was read within a day may be down."""
    reading: Reading = call(collecting.collect_for_digest)
    return reading


def monthly_digest(
    call: Call, period: str | None, *, agreed: bool, at: datetime | None = None
) -> Outcome:
    """Make the edition of a month from what the feeds say now, and mail it if it is approved."""
    outcome: Outcome = call(preparing.open_month, period, at)
    if outcome.state in REMADE:
        seen = outcome.content_hash
        collect_for_digest(call)
        call(gone_posts.hold_gone_posts, outcome.key)
        outcome = call(preparing.prepare_digest, outcome.key)
        outcome = _decide(call, outcome, seen, agreed=agreed)
    return _mail_if_approved(call, outcome, agreed=agreed)


def campaign(call: Call, path: str, *, agreed: bool) -> Outcome:
    """Make the edition of a campaign from its file, and mail it if a person says yes."""
    outcome: Outcome = call(campaigning.open_campaign, path)
    if outcome.state in REMADE:
        seen = outcome.content_hash
        outcome = call(campaigning.prepare_campaign, path)
        outcome = _decide(call, outcome, seen, agreed=agreed)
    return _mail_if_approved(call, outcome, agreed=agreed)


def _decide(call: Call, draft: Outcome, seen: str, *, agreed: bool) -> Outcome:
    """Look a draft over, and approve it: errors block it, and warnings need a person's yes.

    A yes was said to what was `seen`; it does not stand for a draft that has changed since.
    """
    if draft.state is not EditionState.DRAFT:
        return draft
    if agreed and seen not in ("", draft.content_hash):
        return replace(draft, note="it has changed since it was prepared")
    found: Outcome = call(preflight.judge_draft, draft.key)
    found = replace(found, warnings=[*draft.warnings, *found.warnings])
    if found.errors or (found.warnings and not agreed):
        return found
    approved: Outcome = call(preparing.approve_edition, draft.key, draft.content_hash, agreed)
    return approved


def _mail_if_approved(call: Call, outcome: Outcome, *, agreed: bool) -> Outcome:
    if outcome.state in (EditionState.APPROVED, EditionState.MAILING):
        return mail_edition(call, outcome.key, agreed=agreed)
    return outcome


def mail_edition(call: Call, key: str, *, agreed: bool = False) -> Outcome:
    """Freeze an approved edition and hand its letters over; what is done already stays done."""
    call(mailing.freeze_mailing, key)
    sent: Outcome = call(mailing.send_mailing, key, agreed)
    if sent.note or sent.paused:
        return sent
    closed: Outcome = call(mailing.close_edition, key)
    return closed


def dispatch(call: Call, key: str | None = None) -> list[Outcome]:
    """Send what is approved, and go on with what was interrupted: one edition, or every one.

    Without a key it hears first whom the provider writes to no more, and the notes that are owed
    go before the editions: somebody waits for them. An edition that fails does not keep the others
    back; the first failure is raised at the end.
    """
    if key is None:
        call(hearing.hear_events)
        call(hearing.hear_barred)
        call(noting.send_notes)
    outcomes: list[Outcome] = []
    failures: list[Exception] = []
    for due in [key] if key else call(mailing.unfinished_editions):
        try:
            outcomes.append(mail_edition(call, due))
        except (DeliveryError, Held) as error:
            failures.append(error)
    if key is None:
        call(hearing.settle_unknown)  # of those that are paused or over
    if failures:
        raise failures[0]
    return outcomes


def hear(call: Call) -> Heard:
    """Hear what became of letters, and who must not be written to any more."""
    events: int = call(hearing.hear_events)
    heard: Heard = call(hearing.hear_barred)
    settled: int = call(hearing.settle_unknown)
    return replace(heard, events=events, settled=settled)

"""Each job as a list of steps, written once.

On the command line the steps are called plainly; in a flow each becomes a Prefect task. `call`
is what differs: it opens the resources and calls one step.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from content.choice import is_digest
from content.edition import EditionState
from content.errors import ContentError
from delivery.errors import DeliveryError
from flows import tidying
from flows.author import deciding, drift, telling
from flows.author.notices import Notice
from flows.editions import campaigning, collecting, gone_posts, preflight, preparing
from flows.editions.collecting import Reading
from flows.errors import Held
from flows.exits.self_test import require_exits
from flows.mailings import hearing, mailing, noting
from flows.mailings.hearing import Heard
from flows.outcome import Outcome
from flows.resources import open_resources

Call = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """What keeping house came to: the key of a missed edition that was made or '', and the news."""

    missed: str
    told: Sequence[str]


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
    """Make the edition of a month from what the feeds say now, and mail it if it is approved.

    A run that comes too late for the month that it was for does what the settings say of that; a
    month that a person names is made at any time.
    """
    skipped: Outcome | None = call(deciding.skip_if_missed, period, at) if not agreed else None
    outcome = skipped or _make_digest(call, period, agreed=agreed, at=at)
    tell(call, outcome.key)
    return outcome


def _make_digest(
    call: Call, period: str | None, *, agreed: bool, at: datetime | None = None
) -> Outcome:
    outcome: Outcome = call(preparing.open_month, period, at)
    if outcome.state in REMADE:
        outcome = _remake(call, outcome, agreed=agreed, named=period is not None)
    return _mail_if_approved(call, outcome, agreed=agreed)


def _remake(call: Call, before: Outcome, *, agreed: bool, named: bool) -> Outcome:
    """Make a month's draft from what the feeds say now, and decide about it."""
    collect_for_digest(call)
    call(gone_posts.hold_gone_posts, before.key)
    draft: Outcome = call(preparing.prepare_digest, before.key)
    return _decide(call, draft, before.content_hash, agreed=agreed, named=named)


def campaign(call: Call, path: str, *, agreed: bool) -> Outcome:
    """Make the edition of a campaign from its file, and mail it if a person says yes."""
    outcome: Outcome = call(campaigning.open_campaign, path)
    if outcome.state in REMADE:
        seen = outcome.content_hash
        outcome = call(campaigning.prepare_campaign, path)
        outcome = _decide(call, outcome, seen, agreed=agreed)
    outcome = _mail_if_approved(call, outcome, agreed=agreed)
    tell(call)
    return outcome


def _decide(call: Call, draft: Outcome, seen: str, *, agreed: bool, named: bool = False) -> Outcome:
    """Look a draft over, and approve it: errors block it, and warnings need a person's yes.

    A yes was said to what was `seen`; it does not stand for a draft that has changed since.
    """
    if draft.state is not EditionState.DRAFT:
        return draft
    if agreed and seen not in ("", draft.content_hash):
        return replace(draft, note="it has changed since it was prepared")
    found: Outcome = call(preflight.judge_draft, draft.key)
    found = replace(found, warnings=[*draft.warnings, *found.warnings])
    if not agreed and (found.errors or found.warnings):
        call(deciding.keep_back, draft.key, draft.content_hash, [*found.errors, *found.warnings])
    if found.errors or (found.warnings and not agreed):
        return replace(found, send_after=None)
    if agreed:
        approved: Outcome = call(preparing.approve_edition, draft.key, draft.content_hash)
        return approved
    decided: Outcome = call(deciding.let_go, draft.key, draft.content_hash, named)
    return replace(decided, readers=found.readers)


def approve(call: Call, key: str, content_hash: str) -> Outcome:
    """Say yes to the draft with this hash; errors of preflight block it. Sends nothing yet.

    The hash may be that of a plan: what was only planned is made the draft first.
    """
    if is_digest(key):
        outcome: Outcome = call(preparing.open_month, key.removeprefix("digest-"), None)
        if outcome.state in REMADE and outcome.content_hash != content_hash:
            call(preparing.prepare_digest, key)
    draft: Outcome = call(deciding.require_hash, key, content_hash)
    if draft.state is not EditionState.DRAFT:
        return draft
    found: Outcome = call(preflight.judge_draft, key)
    if found.errors:
        return found
    approved: Outcome = call(preparing.approve_edition, key, content_hash)
    return approved


def catch_up(call: Call) -> Outcome | None:
    """Make the digest of a month that was due, and that no run has made; gives it, if there is one.

    What becomes of it is what the settings say of missed months.
    """
    due: datetime | None = call(deciding.find_missed)
    return monthly_digest(call, None, agreed=False, at=due) if due else None


def tell(call: Call, *made: str) -> list[Notice]:
    """Tell the author what is new, by mail where there is an address; give it.

    `made` are the drafts that were decided about.
    """
    news: list[Notice] = call(telling.tell_author, made)
    call(noting.send_notes)
    return news


def _mail_if_approved(call: Call, outcome: Outcome, *, agreed: bool) -> Outcome:
    if outcome.state in (EditionState.APPROVED, EditionState.MAILING):
        return mail_edition(call, outcome.key, agreed=agreed)
    return outcome


def mail_edition(call: Call, key: str, *, agreed: bool = False) -> Outcome:
    """Freeze an approved edition and hand its letters over; what is done already stays done.

    One that is not what was approved is a draft again, as it would be now, and nothing is sent.
    """
    found: Outcome = call(drift.stop_if_drifted, key)
    if found.state is EditionState.DRAFT:
        return call(preparing.prepare_digest, key) if is_digest(key) else found
    call(require_exits, key)
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
    if key is not None:
        return [mail_edition(call, key)]
    call(hearing.hear_events)
    call(hearing.hear_barred)
    call(noting.send_notes)
    drafts: list[str] = call(deciding.drafts_due)
    steps = [(_let_draft_go, due) for due in drafts]
    steps += [(mail_edition, due) for due in call(mailing.unfinished_editions)]
    outcomes: list[Outcome] = []
    failures: list[Exception] = []
    for step, due in steps:
        try:
            outcomes.append(step(call, due))
        except (ContentError, DeliveryError, Held) as error:
            failures.append(error)
    call(hearing.settle_unknown)  # of those that are paused or over
    tell(call, *drafts)
    if failures:
        raise failures[0]
    return outcomes


def _let_draft_go(call: Call, key: str) -> Outcome:
    """Send a draft whose time has come, if it is still what its author was shown."""
    before: Outcome = call(preparing.open_month, key.removeprefix("digest-"), None)
    return _mail_if_approved(call, _remake(call, before, agreed=False, named=False), agreed=False)


def hear(call: Call) -> Heard:
    """Hear what became of letters, and who must not be written to any more."""
    events: int = call(hearing.hear_events)
    heard: Heard = call(hearing.hear_barred)
    settled: int = call(hearing.settle_unknown)
    return replace(heard, events=events, settled=settled)


def housekeeping(call: Call) -> Kept:
    """Make a month that was missed, tidy up, tell the author."""
    missed = catch_up(call)
    call(tidying.tidy)
    told = tell(call)
    made = missed.key if missed and missed.state is not EditionState.SKIPPED else ""
    return Kept(made, [notice.text for notice in told])

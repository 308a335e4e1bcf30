"""Steps by which a draft goes on: by itself, or by what its author says of it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import content.approval_store
import content.store
from content.choice import digest_key, is_digest, period_of
from content.edition import EditionState
from delivery.notes.ledger import find_note
from flows.author.by_itself import Course, Decided, Waiting, decide, why_skipped
from flows.author.notices import MAKING, is_undecided, missed_month
from flows.author.tickets import BY_ITS_AUTHOR, draft_note_id
from flows.editions.preparing import approve_edition, period_due
from flows.errors import Held
from flows.keeping.fence import require_ours
from flows.outcome import Outcome, edition_outcome
from flows.resources import Resources

_NEVER = datetime.max.replace(tzinfo=UTC)


def let_go(resources: Resources, key: str, content_hash: str, named: bool) -> Outcome:
    """Approve a draft that may send itself, set the moment for one that may do so later, and write
    down of others why they wait.

    `named` when a person named it. What preflight blocks does not get here.
    """
    edition = content.store.get_edition(resources.db, key)
    if edition.state is not EditionState.DRAFT or not is_digest(key):
        return edition_outcome(resources, key)
    decided = _decide(resources, edition, named)
    if decided.course is Course.SEND:
        require_ours(resources)
        return approve_edition(resources, key, content_hash)
    if decided.until is not None:
        content.approval_store.send_later(resources.db, key, content_hash, decided.until)
    elif decided.why:
        content.approval_store.hold(resources.db, key, content_hash, decided.why)
    return edition_outcome(resources, key)


def _decide(resources: Resources, edition: content.store.EditionRecord, named: bool) -> Decided:
    asked = resources.settings.digest
    note = find_note(resources.db, draft_note_id(edition), "draft")
    waiting = Waiting(
        period=period_of(edition.key),
        approval=asked.approval,
        notice=timedelta(hours=asked.notice_hours),
        held=edition.held,
        send_after=edition.send_after,
        named=named,
        announcement=note.state if note else None,
    )
    return decide(waiting, resources.schedule, resources.clock.now())


def keep_back(resources: Resources, key: str, content_hash: str, found: Sequence[str]) -> None:
    """Keep a draft from sending itself in which preflight found something, where it was to."""
    edition = content.store.get_edition(resources.db, key)
    if edition.send_after is not None and not edition.held:
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        why = f"it does not go out by itself: {found[0]}{more}"
        content.approval_store.hold(resources.db, key, content_hash, why)


def skip_if_missed(resources: Resources, asked: str | None, at: datetime | None) -> Outcome | None:
    """Write down that a month is skipped whose run came too late; a month that is named never is.

    Gives nothing where there is time, or an edition already.
    """
    if asked is not None:
        return None
    period, now = period_due(resources, None, at), resources.clock.now()
    why, key = why_skipped(period, resources.schedule, now), digest_key(period)
    if not why:
        return None
    content.approval_store.skip_month(resources.db, key, why, now=now)
    outcome = edition_outcome(resources, key)
    return outcome if outcome.state is EditionState.SKIPPED else None


def find_missed(resources: Resources) -> datetime | None:
    """When the month was due that no run has made a digest of in time; None where all is made."""
    period = missed_month(resources)
    return resources.schedule.due(period) if period else None


def require_hash(resources: Resources, key: str, content_hash: str) -> Outcome:
    """How far the edition with this hash has come: a draft to say yes to, or approved already.

    Raises:
        NoSuchEdition: there is none with this key.
        Held: it has another hash by now, or is not one to say yes to.
    """
    outcome = edition_outcome(resources, key)
    if outcome.state in (EditionState.SKIPPED, EditionState.CANCELLED):
        because = f" ({outcome.note})" if outcome.note else ""
        raise Held(f"{key} is {outcome.state}{because}, and there is nothing to say yes to")
    if outcome.content_hash != content_hash:
        raise Held(
            f"{key}: {content_hash!r} is not its hash any more, which is "
            f"{outcome.content_hash}; look at it again: `lettermill preview {key}`"
        )
    return outcome


def hold_draft(resources: Resources, key: str, content_hash: str) -> Outcome:
    """Keep exactly the draft with this hash from going out, also where a yes was said already.

    Raises:
        NoSuchEdition: there is none with this key.
        Held: it has another hash by now, or is being sent.
    """
    db, why = resources.db, f"{BY_ITS_AUTHOR} on {resources.today}"
    outcome = require_hash(resources, key, content_hash)
    if outcome.state is EditionState.APPROVED and content.approval_store.reopen(db, key, why):
        return edition_outcome(resources, key)
    if not content.approval_store.hold(db, key, content_hash, why):
        raise Held(f"{key} is {outcome.state}; `lettermill pause {key}` stops what is being sent")
    return edition_outcome(resources, key)


def drafts_due(resources: Resources) -> list[str]:
    """The drafts to decide about: whose time has come to send themselves, or that need a yes since
    the settings were changed, and those whose run died before it decided.
    """
    db, now = resources.db, resources.clock.now()
    needs_yes = resources.settings.digest.approval == "required"
    due = content.approval_store.due_drafts(db, _NEVER if needs_yes else now)
    made = [e for e in content.store.list_editions(db) if now - e.drafted >= MAKING]
    return due + [edition.key for edition in made if is_undecided(resources, edition)]


def require_approved(resources: Resources, key: str) -> None:
    """See that an edition may be sent.

    Raises:
        NoSuchEdition: there is none with this key.
        Held: nobody has said yes to it, or it is over.
    """
    outcome = edition_outcome(resources, key)
    if outcome.state is EditionState.DRAFT:
        yes = f"`lettermill approve {key} {outcome.content_hash}`"
        raise Held(f"{key} waits for your yes: {yes}")
    if outcome.state in (EditionState.SKIPPED, EditionState.CANCELLED):
        raise Held(f"{key} is {outcome.state}: {outcome.note or 'nothing of it is sent'}")

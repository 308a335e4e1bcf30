"""Find what the author has to know: drafts, feeds down, months missed. Imports nothing heavy."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import content.health_store
import content.ledger
import content.store
import delivery.count_store
from content.choice import digest_key, is_digest
from content.edition import EditionState
from content.health import notices
from content.intake import PostState
from content.period import Period
from content.store import EditionRecord
from delivery.brake_store import find_evidence
from delivery.brakes import brake
from delivery.fence_store import find_instance
from delivery.notes.notice_store import is_known
from delivery.store import closed_since
from flows.author.tickets import draft_note_id
from flows.keeping.fence import why_not
from flows.outcome import say_moment
from flows.resources import Resources
from flows.schedule import Timeliness

# Bounces and complaints come for days; the next digest is a month away. A month that was skipped
# is news for as long.
_NEWS_FOR = timedelta(days=31)
# The run that makes a draft has decided about it by then, or has died.
MAKING = timedelta(minutes=15)
# Lost answers are mostly found by then.
_UNKNOWN_FOR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to know: `topic` is what it is about, the same for as long as it lasts.

    `draft` is the key of the draft that waits, where that is the news; `edition` that of any. What
    `is_past` has happened, and nothing is to be done about it: it is told once.
    """

    topic: str
    text: str
    edition: str = ""
    draft: str = ""
    is_past: bool = False


def find_notices(resources: Resources, made: Collection[str] = ()) -> list[Notice]:
    """Everything there is to know now; `made` are the keys of drafts that were decided about."""
    return [
        *_copied(resources),
        *_feeds(resources),
        *_held_posts(resources),
        *_editions(resources, made),
        *_missed(resources),
        *_paused(resources),
        *_unknown(resources),
        *_outcry(resources),
        *_offers(resources),
    ]


def _copied(resources: Resources) -> Iterator[Notice]:
    if find_instance(resources.db) and (why := why_not(resources)):
        yield Notice("copied", f"nothing is sent: {why}; `lettermill claim` decides")


def _feeds(resources: Resources) -> Iterator[Notice]:
    sources = {feed.source for feed in resources.settings.feed}
    for health in content.health_store.list_health(resources.db):
        for line in notices(health) if health.source in sources else ():
            kind = "moved" if "has moved" in line else "down"
            yield Notice(f"feed {kind} {health.source}", line)


def _held_posts(resources: Resources) -> Iterator[Notice]:
    held = content.ledger.count_posts(resources.db).get(PostState.HELD, 0)
    if held:
        posts = "1 post is held" if held == 1 else f"{held} posts are held"
        yield Notice("posts held", f"{posts}; `lettermill posts held` says why")


def _editions(resources: Resources, made: Collection[str]) -> Iterator[Notice]:
    now = resources.clock.now()
    since = now - _NEWS_FOR
    for edition in content.store.list_editions(resources.db):
        if edition.state is EditionState.DRAFT:
            fresh = edition.key not in made and now - edition.drafted < MAKING
            if not (fresh and is_undecided(resources, edition)):
                text = _say_draft(resources, edition)
                yield Notice(_topic(edition), text, edition=edition.key, draft=edition.key)
        elif edition.state is EditionState.APPROVED and edition.held:
            text = f"{edition.key}: blocked, and nothing was sent: {edition.held}"
            yield Notice(f"blocked {edition.key}", text)
        elif edition.state is EditionState.SKIPPED and edition.drafted > since:
            topic, why = f"skipped {edition.key}", edition.held or edition.reason
            text = f"{edition.key}: nothing was sent: {why}"
            yield Notice(topic, text, edition=edition.key, is_past=True)


def is_undecided(resources: Resources, edition: EditionRecord) -> bool:
    """Whether a month's draft was made that may go by itself, and its run did not come to say when,
    or what is in the way.
    """
    return (
        edition.state is EditionState.DRAFT
        and is_digest(edition.key)
        and resources.settings.digest.approval != "required"
        and not edition.held
        and edition.send_after is None
        and not is_known(resources.db, _topic(edition))
    )


def _topic(edition: EditionRecord) -> str:
    return f"draft {draft_note_id(edition)}"


def _say_draft(resources: Resources, edition: EditionRecord) -> str:
    if edition.send_after:
        when = say_moment(edition.send_after, resources.zone)
        return f"{edition.key} goes out by itself after {when}, unless you hold it"
    because = f": {edition.held}" if edition.held else ""
    return f"{edition.key} waits for your yes{because}"


def _missed(resources: Resources) -> Iterator[Notice]:
    """The newest month that is due has neither an edition nor a word why not."""
    if period := missed_month(resources):
        key, when = digest_key(period), say_moment(resources.schedule.due(period), resources.zone)
        text = f"{key} was due on {when}, and no run has made it: `lettermill digest {period}`"
        yield Notice(f"missed {key}", text)


def missed_month(resources: Resources) -> Period | None:
    """The newest month that is due, if its time is over and nothing was made of it."""
    schedule, now = resources.schedule, resources.clock.now()
    period = schedule.newest(now)
    if schedule.timeliness(period, now) is Timeliness.IN_TIME:
        return None
    if not _was_there(resources, schedule.due(period)):
        return None
    known = content.store.find_edition(resources.db, digest_key(period))
    return period if known is None else None


def _was_there(resources: Resources, moment: datetime) -> bool:
    """Whether this newsletter read a feed before; a new one has missed nothing."""
    fares = content.health_store.list_health(resources.db)
    return any(health.first_read and health.first_read < moment for health in fares)


def _paused(resources: Resources) -> Iterator[Notice]:
    for key, why in delivery.count_store.paused_mailings(resources.db).items():
        text = f"{key} is paused: {why}; `lettermill resume {key}` goes on"
        yield Notice(f"paused {key} {why}", text, edition=key)


def _unknown(resources: Resources) -> Iterator[Notice]:
    before = resources.clock.now() - _UNKNOWN_FOR
    for key, count in delivery.count_store.unknown_before(resources.db, before).items():
        letters = "1 letter was" if count == 1 else f"{count} letters were"
        text = f"{key}: {letters} handed over, and nothing was heard; `lettermill resolve {key}`"
        yield Notice(f"unknown {key}", text, edition=key)


def _outcry(resources: Resources) -> Iterator[Notice]:
    """Mailings that are over, of which a brake would say what it says of those under way."""
    since = resources.clock.now() - _NEWS_FOR
    for mailing in closed_since(resources.db, since):
        if why := brake(find_evidence(resources.db, mailing)):
            text = f"{mailing.key}: {why}; `lettermill report {mailing.key}` shows more"
            yield Notice(f"outcry {mailing.key}", text, is_past=True)


def _offers(resources: Resources) -> Iterator[Notice]:
    programs, today = resources.settings.program, resources.today
    if programs and all(program.ends and program.ends < today for program in programs):
        yield Notice("offers", "no offer of any program stands, so letters invite to nothing")

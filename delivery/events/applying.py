"""Apply stored events: load -> decide -> record, some hundreds in one transaction.

An event is believed only through its send key: a recipient alone may have been made up by whoever
found out our webhook's address. Events may come late, twice and in any order.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from delivery.events import ledger, store
from delivery.events.bounces import PastEvent, is_for_good, is_given_up
from delivery.events.event import EventKind
from delivery.events.ledger import Subject
from delivery.events.store import KeptEvent
from delivery.providers.base import BarReason

_AT_ONCE = 500
_COUNTED = (EventKind.SOFT_BOUNCED, EventKind.BOUNCED)
_REASONS = {
    EventKind.COMPLAINED: BarReason.COMPLAINED,
    EventKind.UNSUBSCRIBED: BarReason.UNSUBSCRIBED,
    EventKind.BOUNCED: BarReason.BOUNCED,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Somebody must not be written to any more; `evidence` says what showed it, without names."""

    subscriber_id: str
    reason: BarReason
    evidence: str


CarryOut = Callable[[Verdict], None]
Matched = tuple[KeptEvent, Subject]


def apply_events(
    db: Database, carry_out: CarryOut, *, now: datetime, as_one: Collection[str] = ()
) -> int:
    """Apply all events that wait; tell how many.

    `carry_out` is called within the transaction that marks its event as applied, so neither is
    there without the other; the same verdict may come again. `as_one` are the providers that take
    a call as a whole: an event that names a batch proves all of it.
    """
    applied = 0
    while some := _apply_some(db, carry_out, as_one, now):
        applied += some
    return applied


def _apply_some(db: Database, carry_out: CarryOut, as_one: Collection[str], now: datetime) -> int:
    with db.atomic():
        events = store.take(db, _AT_ONCE, now=now)
        subjects = ledger.find_subjects(db, {event.send_key for event in events})
        matched = [(e, subjects[e.send_key]) for e in events if e.send_key in subjects]
        store.write_whose(db, [(s.mailing_key, s.subscriber_id, e.id) for e, s in matched])
        ledger.write_heard(db, gravest(matched).items())
        _settle(db, matched, as_one, now)
        for subscriber_id in {s.subscriber_id for _, s in matched if s.is_erased}:
            store.forget(db, subscriber_id)
        counted = {s.subscriber_id for e, s in matched if e.kind in _COUNTED}
        for verdict in verdicts(matched, store.histories(db, counted)):
            carry_out(verdict)
    return len(events)


def gravest(matched: Iterable[Matched]) -> dict[Subject, EventKind]:
    """What is heard of each subject now, where that is graver than what was."""
    heard: dict[Subject, EventKind] = {}
    for event, subject in matched:
        if event.kind.outweighs(heard.get(subject, subject.heard)):
            heard[subject] = event.kind
    return heard


def _settle(
    db: Database, matched: Iterable[Matched], as_one: Collection[str], now: datetime
) -> None:
    """Whatever a provider says of a message, it has taken it."""
    notes: dict[int, str] = {}
    batches: dict[str, dict[int, str]] = {}
    whole: set[str] = set()
    for event, subject in matched:
        if subject.is_open:
            taken = notes if subject.is_note else batches.setdefault(subject.batch_id, {})
            taken[subject.id] = event.provider_id or taken.get(subject.id, "")
        if event.provider in as_one and _proves_its_batch(event, subject):
            batches.setdefault(subject.batch_id, {})
            whole.add(subject.batch_id)
    given_back = [(e.batch_id, e.provider_id, s.id) for e, s in matched if s.is_owed and e.batch_id]
    ledger.submit_given_back(db, given_back)
    ledger.submit_notes(db, notes, now=now)
    for batch_id, taken in batches.items():
        ledger.submit_deliveries(db, batch_id, taken, whole=batch_id in whole, now=now)


def _proves_its_batch(event: KeptEvent, subject: Subject) -> bool:
    """An event of an earlier hand-over of a letter says nothing of the others in this one."""
    return subject.is_batch_open and event.batch_id == subject.batch_id


def verdicts(
    matched: Iterable[Matched], histories: Mapping[str, Iterable[PastEvent]]
) -> list[Verdict]:
    """What follows for people, each once: of single events, and of bounces that add up."""
    found: dict[tuple[str, BarReason], Verdict] = {}
    for event, subject in matched:
        reason = _reason(event, histories.get(subject.subscriber_id, ()))
        if reason:
            verdict = Verdict(subject.subscriber_id, reason, _evidence(event, subject))
            found.setdefault((subject.subscriber_id, reason), verdict)
    return list(found.values())


def _reason(event: KeptEvent, history: Iterable[PastEvent]) -> BarReason | None:
    if event.kind in _COUNTED and not is_for_good(event.kind, event.code):
        return BarReason.BOUNCED if is_given_up(history) else None
    return _REASONS.get(event.kind)


def _evidence(event: KeptEvent, subject: Subject) -> str:
    told = [event.provider, event.kind.value, event.code, subject.mailing_key]
    return " ".join([*filter(None, told), event.occurred.isoformat(timespec="seconds")])

"""Leaving and coming back on disk: status, suppression and evidence move together or not at all."""

from datetime import datetime

from sqlite_utils import Database

from subscribers.consent import Action, Actor, Consent
from subscribers.consent_store import add_consent, consents_of
from subscribers.leaving.probe_store import take_exit
from subscribers.leaving.undo import can_undo
from subscribers.store import find_subscriber
from subscribers.suppression import Reason
from subscribers.suppression_store import lift, suppress, suppressions_of


def withdraw(
    db: Database, subscriber_id: str, *, source: str, now: datetime, actor: Actor = Actor.READER
) -> None:
    """Take somebody off the list for good, or mark a probe as gone. Twice is once."""
    with db.atomic():
        take_exit(db, subscriber_id, now=now)
        moved = db.query(
            """UPDATE subscribers SET status = 'unsubscribed'
                WHERE id = :id AND status <> 'unsubscribed' RETURNING address_key""",
            {"id": subscriber_id},
        )
        for row in list(moved):
            suppress(db, row["address_key"], Reason.UNSUBSCRIBED, evidence=source, now=now)
            gone = Consent(action=Action.WITHDRAWN, at=now, source=source, actor=actor)
            add_consent(db, subscriber_id, gone)


def may_undo(db: Database, subscriber_id: str, now: datetime) -> bool:
    """Whether somebody's leaving can be taken back with their link alone."""
    person = find_subscriber(db, subscriber_id)
    if person is None:
        return False
    bars = [bar.reason for bar in suppressions_of(db, person.address_key)]
    return can_undo(person.status, consents_of(db, subscriber_id), bars, now)


def restore(db: Database, subscriber_id: str, *, source: str, now: datetime) -> None:
    """Undo a leaving: back to active, or to pending where nobody ever confirmed."""
    with db.atomic():
        moved = db.query(
            """UPDATE subscribers SET status = iif(EXISTS (
                      SELECT 1 FROM consents WHERE subscriber_id = :id AND action = 'confirmed'),
                      'active', 'pending')
                WHERE id = :id AND status = 'unsubscribed' RETURNING address_key""",
            {"id": subscriber_id},
        )
        for row in list(moved):
            lift(db, row["address_key"], Reason.UNSUBSCRIBED)
            back = Consent(action=Action.RESTORED, at=now, source=source)
            add_consent(db, subscriber_id, back)

"""What is left when two things happen at once: everybody settled, the numbers in accord."""

from datetime import timedelta

import pytest
from sqlite_utils import Database

from delivery import count_store, ledger, pace_store, steering_store, store
from delivery.errors import (
    AlreadySending,
    OutcomeUnknown,
    QuotaExhausted,
    RestUntil,
    Throttled,
)
from delivery.events.applying import apply_events
from delivery.events.event import Event, EventKind
from delivery.events.store import keep
from delivery.lease import EXPIRES_AFTER, lease
from delivery.mailing import Batch, DeliveryState, MailingState
from delivery.message import Answer, Handover, Message, Payload, Receipt
from delivery.pace import Allowance
from delivery.run import Terms
from delivery.sending import settle_letters
from delivery.unknown import OnUnknown
from tests.delivery.test_run import KEY, owe, send
from tests.delivery.test_sending import raiser, states
from tests.fakes import NOON, FakeProvider, Time, all_stay


def settle(db: Database, provider: FakeProvider, time: Time) -> None:
    mailing = store.load_mailing(db, KEY)
    settle_letters(db, mailing, provider, all_stay(), OnUnknown.HOLD, now=time.moment)


def silent(db: Database, count: int = 2, *, can_search: bool = True) -> tuple[FakeProvider, Time]:
    """A mailing whose only call was not taken, and had no answer."""
    owe(db, count)
    provider, time = FakeProvider(size=count, can_search=can_search), Time()
    provider.before = raiser(OutcomeUnknown("no answer"))
    send(db, provider, time)
    assert states(db) == {DeliveryState.UNKNOWN: count}
    return provider, time


def hear(db: Database, reader: str, batch_id: str = "") -> None:
    event = Event(
        dedupe=reader,
        kind=EventKind.DELIVERED,
        occurred=NOON,
        send_key=f"{KEY}.{reader}",
        batch_id=batch_id,
    )
    with db.atomic():
        keep(db, "fake", [event], now=NOON)
    apply_events(db, lambda verdict: None, now=NOON)


def hand_over(db: Database, size: int = 2) -> Batch:
    """A batch that is under way."""
    batch = ledger.claim_batch(db, KEY, account="one", size=size, now=NOON)
    assert batch is not None
    messages = tuple(Message(key, "", "", {}) for key in batch.send_keys)
    assert ledger.mark_in_flight(db, batch, Payload(batch.id, messages, (b"",)), now=NOON)
    return batch


def require_accord(db: Database) -> None:
    tally, progress = (
        count_store.tally(db, KEY),
        count_store.load_progress(db, KEY, now=NOON + timedelta(hours=1)),
    )
    assert progress.taken == tally.count(DeliveryState.SUBMITTED)
    assert progress.unknown == tally.count(DeliveryState.UNKNOWN)
    assert progress.pending == tally.count(DeliveryState.PENDING)


def test_a_letter_that_comes_back_after_its_mailing_was_cancelled_is_skipped(db):
    provider, time = silent(db)
    steering_store.cancel(db, KEY, now=NOON)
    time.moment += timedelta(hours=1)
    settle(db, provider, time)
    assert count_store.tally(db, KEY).reasons == {(DeliveryState.SKIPPED, "cancelled"): 2}


def test_what_a_killed_sender_had_claimed_is_settled_although_the_mailing_was_cancelled(db):
    owe(db, 2)
    assert ledger.claim_batch(db, KEY, account="one", size=2, now=NOON)
    steering_store.cancel(db, KEY, now=NOON)
    assert count_store.mailings_to_settle(db, provider="fake") == [KEY]
    settle(db, FakeProvider(), Time())
    assert states(db) == {DeliveryState.SKIPPED: 2}
    assert count_store.mailings_to_settle(db, provider="fake") == []


def test_a_mailing_whose_last_answer_was_asked_for_is_closed_and_cleared_away(db):
    provider, time = silent(db)
    provider.by_batch = {b["id"]: [f"{KEY}.p0", f"{KEY}.p1"] for b in db.query(_BATCHES)}
    time.moment += timedelta(minutes=1)
    settle(db, provider, time)
    assert states(db) == {DeliveryState.SUBMITTED: 2}
    assert store.load_mailing(db, KEY).state is MailingState.CLOSED
    assert provider.ended == [KEY]


_BATCHES = "SELECT id, state FROM batches"


def test_letters_that_a_person_says_were_sent_count_as_taken(db):
    silent(db, can_search=False)
    steering_store.decide_unknown(db, KEY, as_sent=True)
    require_accord(db)


def test_a_letter_given_back_and_taken_after_all_counts_as_taken(db):
    silent(db, can_search=False)
    [batch] = db.query(_BATCHES)
    steering_store.decide_unknown(db, KEY, as_sent=False)
    hear(db, "p1", batch["id"])
    assert states(db) == {DeliveryState.PENDING: 1, DeliveryState.SUBMITTED: 1}
    require_accord(db)


@pytest.mark.parametrize("heard", [["p0"], ["p0", "p1"]])
def test_events_that_overtake_an_answer_that_never_comes_count_as_taken(db, heard):
    owe(db, 2)
    batch = hand_over(db)
    for reader in heard:
        hear(db, reader)
    ledger.mark_unknown(db, batch.id, now=NOON)
    require_accord(db)
    [row] = db.query(_BATCHES)
    assert row["state"] == ("answered" if len(heard) == 2 else "unknown")


def test_events_that_overtake_an_answer_are_not_counted_twice(db):
    owe(db, 2)
    batch = hand_over(db)
    hear(db, "p0")
    hear(db, "p1")
    receipts = {d.id: Receipt("", Answer.SUBMITTED) for d in batch.deliveries}
    ledger.record_receipts(db, batch, receipts, now=NOON)
    require_accord(db)
    assert [row["state"] for row in db.query(_BATCHES)] == ["answered"]


class Choking(FakeProvider):
    """Takes one letter of each call, and wants the others later."""

    def submit(self, payload: Payload) -> Handover:
        first, *rest = payload.messages
        later = [Receipt(message.send_key, Answer.NOT_NOW) for message in rest]
        trouble = Throttled("slower", wait=1) if rest else None
        return Handover((self._take(first), *later), trouble)


def test_letters_that_were_not_taken_for_now_use_up_none_of_the_days_letters(db):
    owe(db, 6)
    provider = Choking(size=6)
    with pytest.raises(RestUntil):
        send(db, provider, terms=Terms(allowance=Allowance(letters=4)))
    assert sum(provider.taken.values()) == 4


def test_letters_of_a_call_that_was_given_back_in_part_are_spent(db):
    owe(db, 3)
    batch = hand_over(db, 3)
    answers = (Answer.SUBMITTED, Answer.SUBMITTED, Answer.UNKNOWN)
    pairs = zip(batch.deliveries, answers, strict=True)
    receipts = {d.id: Receipt("", answer) for d, answer in pairs}
    ledger.record_receipts(db, batch, receipts, now=NOON)
    ledger.release_batch(db, batch.id, now=NOON)
    assert pace_store.spent(db, "one", now=NOON + timedelta(hours=1)).letters == 2


def test_a_quota_that_never_comes_back_when_it_was_promised_ends_the_run(db):
    owe(db, 2)
    provider, time, calls = FakeProvider(), Time(), []

    def never() -> None:
        calls.append(time.moment)
        raise QuotaExhausted("no more", until=time.moment - timedelta(minutes=1))

    provider.before = lambda: never() if len(calls) < 50 else None
    with pytest.raises(RestUntil):
        send(db, provider, time)
    assert len(calls) < 6
    assert states(db) == {DeliveryState.PENDING: 2}
    assert store.load_mailing(db, KEY).state is MailingState.SENDING


def test_a_machine_whose_clock_is_a_little_slow_takes_no_living_senders_mailing(
    db, tmp_path, monkeypatch
):
    owe(db, 2)
    machine: list[str] = ["one"]
    monkeypatch.setattr("socket.gethostname", lambda: machine[0])
    with lease(db, tmp_path / "one", KEY, now=NOON):
        machine[0] = "two"
        with (
            pytest.raises(AlreadySending, match="another machine"),
            lease(db, tmp_path / "two", KEY, now=NOON - timedelta(seconds=3)),
        ):
            pass
        long_ago = NOON - EXPIRES_AFTER - timedelta(seconds=1)  # no clock of a living sender
        with lease(db, tmp_path / "two", KEY, now=long_ago):
            pass


@pytest.mark.parametrize("late", [Answer.NOT_NOW, Answer.REFUSED, Answer.UNKNOWN])
def test_a_late_answer_says_nothing_of_another_call(db, late):
    owe(db, 2)
    old = hand_over(db)
    ledger.release_batch(db, old.id, now=NOON)  # another machine took us for dead
    new = hand_over(db)
    receipts = {d.id: Receipt("", late, reason="no") for d in old.deliveries}
    ledger.record_receipts(db, old, receipts, now=NOON)
    assert states(db) == {DeliveryState.CLAIMED: 2}
    assert {r["batch_id"] for r in db.query("SELECT batch_id FROM deliveries")} == {new.id}

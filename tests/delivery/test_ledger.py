"""The ledger of deliveries: what is owed is owed once, and every answer is kept."""

import sqlite3

import pytest
from sqlite_utils import Database

from delivery import count_store, ledger, store
from delivery.errors import LetterDrift, NoSuchMailing
from delivery.mailing import Batch, BatchState, DeliveryState, MailingState, Owed, Tally
from delivery.message import Answer, Payload, Receipt
from tests.fakes import LETTER, NOON

KEY = "digest-2026-11"


def owe(db: Database, *names: str, skip: tuple[str, ...] = (), content_hash: str = "c0") -> bool:
    audience = [Owed(name, f"{name}@example.com", name.title()) for name in names]
    audience += [Owed(name, f"{name}@example.com", name, "unconfirmed") for name in skip]
    return store.freeze(
        db, KEY, {"": LETTER}, audience, provider="fake", content_hash=content_hash, now=NOON
    )


def claim(db: Database, size: int = 10):
    return ledger.claim_batch(db, KEY, account="a", size=size, now=NOON)


def submitted(batch) -> dict[int, Receipt]:
    return {d.id: Receipt(d.subscriber_id, Answer.SUBMITTED, "p1") for d in batch.deliveries}


def fly(db: Database, batch: Batch) -> None:
    """Write down that a batch is handed over now."""
    payload = Payload(batch.id, (), (b"letter",))
    assert ledger.mark_in_flight(db, batch, payload, now=NOON)


def test_freezing_owes_one_letter_to_each_reader_and_none_to_the_others(db):
    assert owe(db, "ada", "bo", skip=("cy",))
    assert count_store.tally(db, KEY) == Tally(
        {DeliveryState.PENDING: 2, DeliveryState.SKIPPED: 1},
        {(DeliveryState.SKIPPED, "unconfirmed"): 1},
    )


def test_the_address_of_somebody_who_gets_no_letter_is_not_kept(db):
    owe(db, "ada", skip=("cy",))
    rows = db.query("SELECT address FROM deliveries ORDER BY id")
    assert [row["address"] for row in rows] == ["ada@example.com", None]


def test_a_mailing_is_frozen_once_and_later_sign_ups_are_not_in_it(db):
    owe(db, "ada")
    assert not owe(db, "ada", "bo")
    assert count_store.tally(db, KEY).states == {DeliveryState.PENDING: 1}


def test_another_letter_under_the_same_key_is_refused_and_named(db):
    owe(db, "ada")
    with pytest.raises(LetterDrift, match="digest-2026-11: the letter is not the one"):
        owe(db, "ada", content_hash="c1")


def test_the_database_itself_forbids_a_second_letter_to_one_reader(db):
    owe(db, "ada")
    with pytest.raises(sqlite3.IntegrityError), db.atomic():
        db.execute(
            """INSERT INTO deliveries (mailing_key, subscriber_id, address, name)
               VALUES (?, ?, ?, ?)""",
            (KEY, "ada", "ada@example.com", "Ada"),
        )


def test_a_freeze_that_breaks_half_way_leaves_nothing(db):
    def audience():
        yield Owed("ada", "ada@example.com", "Ada")
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        store.freeze(db, KEY, {"": LETTER}, audience(), provider="f", content_hash="c", now=NOON)
    with pytest.raises(NoSuchMailing):
        store.load_mailing(db, KEY)
    assert count_store.tally(db, KEY).states == {}


def test_the_frozen_letter_comes_back_as_it_was(db):
    owe(db, "ada")
    mailing = store.load_mailing(db, KEY)
    assert mailing.letters == {"": LETTER}
    assert (mailing.state, mailing.provider, mailing.frozen) == (
        MailingState.SENDING,
        "fake",
        NOON,
    )


def test_the_same_audience_has_the_same_hash_and_one_reader_more_another(db, tmp_path):
    from flows.database import open_database

    hashes = []
    for names in (("ada", "bo"), ("ada", "bo"), ("ada", "bo", "cy")):
        folder = tmp_path / str(len(hashes))
        folder.mkdir()
        other = open_database(folder)
        owe(other, *names)
        hashes.append(store.load_mailing(other, KEY).audience_hash)
        other.close()
    assert hashes[0] == hashes[1] != hashes[2]


def test_two_claims_never_hold_the_same_reader(db):
    owe(db, "ada", "bo", "cy")
    first, second = claim(db, 2), claim(db, 2)
    assert [d.subscriber_id for d in first.deliveries] == ["ada", "bo"]
    assert [d.subscriber_id for d in second.deliveries] == ["cy"]
    assert claim(db) is None


def test_when_nothing_is_pending_no_empty_batch_is_left_behind(db):
    owe(db, "ada")
    claim(db)
    claim(db)
    assert db["batches"].count == 1


def test_a_receipt_settles_a_delivery_for_good(db):
    owe(db, "ada")
    batch = claim(db)
    fly(db, batch)
    ledger.record_receipts(db, batch, submitted(batch), now=NOON)
    ledger.release_batch(db, batch.id, now=NOON)
    ledger.mark_unknown(db, batch.id, now=NOON)
    assert count_store.tally(db, KEY).states == {DeliveryState.SUBMITTED: 1}


def test_a_batch_without_all_its_answers_stays_open(db):
    owe(db, "ada", "bo")
    batch = claim(db)
    fly(db, batch)
    ledger.mark_unknown(db, batch.id, now=NOON)
    one = {batch.deliveries[0].id: Receipt("ada", Answer.SUBMITTED, "p1")}
    ledger.record_receipts(db, batch, one, now=NOON)
    assert [b.state for b in ledger.open_batches(db, KEY)] == [BatchState.UNKNOWN]
    assert count_store.tally(db, KEY).states == {
        DeliveryState.SUBMITTED: 1,
        DeliveryState.UNKNOWN: 1,
    }


def test_a_released_batch_gives_its_readers_back(db):
    owe(db, "ada")
    batch = claim(db)
    ledger.release_batch(db, batch.id, now=NOON)
    again = claim(db)
    assert again.id != batch.id
    assert again.deliveries == batch.deliveries


def test_somebody_who_left_is_skipped_with_the_reason_and_the_address_forgotten(db):
    owe(db, "ada", "bo")
    batch = claim(db)
    ledger.skip(db, {batch.deliveries[0].id: "suppressed"})
    ledger.release_batch(db, batch.id, now=NOON)
    rows = db.query("SELECT subscriber_id, state, reason, address FROM deliveries ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [
        ("ada", "skipped", "suppressed", None),
        ("bo", "pending", "", "bo@example.com"),
    ]


def test_a_refusal_without_a_reason_cannot_be_written(db):
    owe(db, "ada")
    batch = claim(db)
    fly(db, batch)
    nameless = {batch.deliveries[0].id: Receipt("ada", Answer.REFUSED)}
    with pytest.raises(sqlite3.IntegrityError):
        ledger.record_receipts(db, batch, nameless, now=NOON)

"""A mailing in variants: each reader gets the letter that is theirs, and it is known which."""

from dataclasses import replace

from sqlite_utils import Database

from delivery import count_store, ledger, people_store, store
from delivery.mailing import DeliveryState, Owed
from delivery.sending import send_letters
from tests.fakes import LETTER, NOON, FakeProvider, Time, all_stay

KEY = "digest-2026-11"
VARIANTS = {
    "Hips": replace(LETTER, subject="hips"),
    "Backs": replace(LETTER, subject="backs"),
    "": replace(LETTER, subject="plain"),
}


def owe(db: Database, key: str = KEY, **variants: str) -> None:
    audience = [Owed(n, f"{n}@example.com", n.title(), "", v) for n, v in variants.items()]
    audience.append(Owed("gone", "gone@example.com", "", "unsubscribed", ""))
    store.freeze(db, key, VARIANTS, audience, provider="fake", content_hash="c0", now=NOON)


def send(db: Database, provider: FakeProvider, key: str = KEY) -> None:
    send_letters(db, store.load_mailing(db, key), provider, all_stay(), Time().clock())


def test_a_batch_is_of_one_variant_because_a_provider_takes_one_letter_a_call(db):
    owe(db, ada="Hips", bo="Backs", cy="Hips", di="", eli="Backs")
    claimed = []
    while batch := ledger.claim_batch(db, KEY, account="a", size=10, now=NOON):
        claimed.append((batch.variant, [d.subscriber_id for d in batch.deliveries]))
    assert claimed == [("", ["di"]), ("Backs", ["bo", "eli"]), ("Hips", ["ada", "cy"])]
    assert [batch.variant for batch in ledger.open_batches(db, KEY)] == ["", "Backs", "Hips"]


def test_each_reader_gets_the_letter_that_is_theirs(db):
    owe(db, ada="Hips", bo="Backs", cy="Hips", di="", eli="Backs")
    provider = FakeProvider(size=2)
    send(db, provider)
    assert {key.rpartition(".")[2]: subject for key, subject in provider.subjects.items()} == {
        "ada": "hips",
        "bo": "backs",
        "cy": "hips",
        "di": "plain",
        "eli": "backs",
    }


def test_the_frozen_letters_come_back_each_under_its_variant(db):
    owe(db, ada="Hips")
    assert store.load_mailing(db, KEY).letters == VARIANTS


def test_letters_are_counted_by_variant_without_those_that_nobody_gets(db):
    owe(db, ada="Hips", bo="Backs", cy="Hips", di="")
    assert count_store.count_variants(db, KEY) == {"": 1, "Backs": 1, "Hips": 2}


def test_what_a_reader_was_sent_is_known_afterwards_and_plain_letters_do_not_count(db):
    owe(db, ada="Hips", bo="", cy="Backs")
    owe(db, "digest-2026-12", ada="Backs", bo="Hips", cy="Backs")
    for key in (KEY, "digest-2026-12"):
        send(db, FakeProvider(), key)
    assert people_store.variants_so_far(db, ["ada", "bo", "cy", "gone", "nobody"]) == {
        "ada": ["Hips", "Backs"],
        "bo": ["Hips"],
        "cy": ["Backs", "Backs"],
    }


def test_what_is_still_owed_was_offered_to_nobody(db):
    owe(db, ada="Hips")
    assert count_store.tally(db, KEY).count(DeliveryState.PENDING) == 1
    assert people_store.variants_so_far(db, ["ada"]) == {}

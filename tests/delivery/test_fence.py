"""Which copy of a database may send: what is written down, as rules and on disk."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery import doubt_ledger, ledger, store
from delivery.fence import Instance, Witness, why_not_ours
from delivery.fence_store import (
    begin_instance,
    belong_nowhere,
    claim_instance,
    get_instance,
    last_sign,
)
from delivery.mailing import Owed
from delivery.message import Answer, Receipt
from delivery.unknown import OnUnknown, settle_open_batches
from delivery.writing import Writing
from tests.fakes import LETTER, NOON, FakeProvider, all_stay

HERE = Instance(lineage="l", id="a", place="here", generation=3, claimed=NOON)
LATER = NOON + timedelta(hours=1)


@given(behind=st.integers(0, 3))
def test_a_database_at_home_may_send_also_where_its_witness_is_behind(behind):
    assert why_not_ours(HERE, Witness("a", HERE.generation - behind), "here") == ""


@pytest.mark.parametrize(
    ("instance", "witness", "place", "why"),
    [
        (HERE, Witness("a", 3), "there", "copied or moved"),
        (HERE, None, "here", "without the file"),
        (HERE, Witness("b", 1), "here", "another copy"),
        (HERE, Witness("a", 4), "here", "an older copy"),
        (Instance(lineage="l", id="a", place="", generation=3, claimed=NOON), None, "", "backup"),
    ],
)
def test_every_other_copy_may_not_and_the_reason_is_said(instance, witness, place, why):
    assert why in why_not_ours(instance, witness, place)


@given(
    instance=st.builds(
        Instance,
        lineage=st.just("l"),
        id=st.sampled_from("ab"),
        place=st.sampled_from(["", "here", "there"]),
        generation=st.integers(0, 3),
        claimed=st.just(NOON),
    ),
    witness=st.none() | st.builds(Witness, st.sampled_from("ab"), st.integers(0, 3)),
)
def test_no_backup_and_no_copy_that_is_behind_ever_may(instance, witness):
    if why_not_ours(instance, witness, "here"):
        return
    assert instance.place == "here"
    assert witness is not None
    assert (witness.id, witness.generation <= instance.generation) == (instance.id, True)


def freeze(db, *names: str) -> None:
    audience = [Owed(name, f"{name}@example.com", "") for name in names]
    store.freeze(db, "m", {"": LETTER}, audience, provider="fake", content_hash="h", now=NOON)


@pytest.fixture
def ours(db):
    begin_instance(db, "a", "here", now=NOON)
    return db


def test_each_freeze_and_each_hand_over_is_another_generation(ours):
    provider = FakeProvider()
    grown = [get_instance(ours).generation]
    freeze(ours, "ada", "bo")
    grown.append(get_instance(ours).generation)
    freeze(ours, "ada", "bo")  # a second time
    batch = ledger.claim_batch(ours, "m", account="one", size=2, now=NOON)
    grown.append(get_instance(ours).generation)
    payload = Writing(store.load_mailing(ours, "m"), provider, all_stay()).payload(batch, now=NOON)
    ledger.mark_in_flight(ours, batch, payload, now=NOON)
    grown.append(get_instance(ours).generation)
    assert grown == [0, 1, 1, 2]


def test_it_begins_once_and_a_claim_gives_it_another_name(ours):
    begin_instance(ours, "b", "there", now=NOON)
    first = get_instance(ours)
    assert (first.id, first.place) == ("a", "here")
    with ours.atomic():
        claim_instance(ours, "c", "there", doubted=NOON, now=LATER)
    second = get_instance(ours)
    assert (second.id, second.place, second.lineage) == ("c", "there", first.lineage)
    assert second.generation > first.generation
    assert second.doubted == NOON


def test_a_backup_belongs_nowhere_and_says_of_when_it_is(ours):
    belong_nowhere(ours, known_to=LATER)
    assert (get_instance(ours).place, get_instance(ours).known_to) == ("", LATER)


def test_the_last_sign_is_the_newest_moment_of_the_ledgers(ours):
    freeze(ours, "ada")
    assert last_sign(ours) == NOON
    ledger.claim_batch(ours, "m", account="one", size=2, now=LATER)
    assert last_sign(ours) == LATER


def doubt(db) -> int:
    with db.atomic():
        return doubt_ledger.doubt_letters(db, now=LATER)


def settle(db, provider, how=OnUnknown.HOLD, *, after=timedelta(days=1)) -> dict[str, str]:
    writing = Writing(store.load_mailing(db, "m"), provider, all_stay())
    settle_open_batches(db, writing, how, now=LATER + after)
    rows = db.query("SELECT subscriber_id, state FROM deliveries")
    return {row["subscriber_id"]: row["state"] for row in rows}


def hand_over(db, provider, size: int) -> None:
    """As far as a copy sees it that is made before the answer."""
    batch = ledger.claim_batch(db, "m", account=provider.account, size=size, now=NOON)
    payload = Writing(store.load_mailing(db, "m"), provider, all_stay()).payload(batch, now=NOON)
    ledger.mark_in_flight(db, batch, payload, now=NOON)
    provider.submit(payload)


def test_what_the_provider_has_of_a_doubted_batch_is_settled_and_the_rest_stays_unknown(ours):
    provider = FakeProvider()
    freeze(ours, "ada", "bo", "cy")
    hand_over(ours, provider, 2)
    assert doubt(ours) == 3
    assert settle(ours, provider) == {"ada": "submitted", "bo": "submitted", "cy": "unknown"}


class Finding(FakeProvider):
    """One that can look single letters up."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def find(self, send_keys) -> dict[str, Receipt]:
        self.asked += send_keys
        return {key: Receipt(key, Answer.SUBMITTED) for key in send_keys if self.taken[key]}


def test_letters_of_calls_that_are_not_known_here_are_found_by_their_own_names(ours):
    provider = Finding()
    freeze(ours, "ada", "bo", "cy")
    provider.taken.update(provider.readers("m", "ada", "cy"))
    doubt(ours)
    assert settle(ours, provider) == {"ada": "submitted", "bo": "unknown", "cy": "submitted"}


def test_of_many_letters_some_hundreds_are_looked_up_in_a_run_and_each_in_its_turn(ours):
    provider = Finding()
    freeze(ours, *(f"r{n}" for n in range(700)))
    doubt(ours)
    for run in range(3):
        settle(ours, provider, after=timedelta(minutes=5 * run))
    assert len(provider.asked) == 700
    assert len(set(provider.asked)) == 700


@pytest.mark.parametrize("how", list(OnUnknown))
def test_that_the_provider_never_had_a_doubted_batch_shows_nothing(ours, how):
    provider = FakeProvider()
    freeze(ours, "ada", "bo")
    batch = ledger.claim_batch(ours, "m", account=provider.account, size=1, now=NOON)
    assert batch is not None
    assert doubt(ours) == 2
    assert set(settle(ours, provider, how).values()) == {"unknown"}


def test_a_second_doubt_finds_nothing_more_to_doubt(ours):
    freeze(ours, "ada", "bo")
    assert doubt(ours) == doubt(ours) == 2
    batches = list(ours.query("SELECT state, letters, doubted FROM batches"))
    assert batches == [{"state": "unknown", "letters": 2, "doubted": 1}]

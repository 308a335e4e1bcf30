import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from delivery import ledger, schema
from delivery.events import store
from delivery.events.applying import Verdict, apply_events
from delivery.events.event import EventKind
from delivery.providers.base import BarReason
from tests.conftest import NOON
from tests.delivery.events.builders import hand_over, keep, owe, owe_note, rows, told


def apply(db, as_one=()) -> list[Verdict]:
    carried_out: list[Verdict] = []
    apply_events(db, carried_out.append, now=NOON, as_one=as_one)
    return carried_out


def people(verdicts) -> set[tuple[str, str]]:
    return {(verdict.subscriber_id, verdict.reason.value) for verdict in verdicts}


def deliveries(db) -> list[tuple[object, ...]]:
    return rows(db, "deliveries", "subscriber_id", "state", "heard")


def batches(db) -> list[tuple[object, ...]]:
    return rows(db, "batches", "state", "taken")


def test_what_was_heard_of_a_delivery_is_the_gravest(db):
    owe(db, ["ada", "bob"])
    hand_over(db, ["ada", "bob"], "answered")
    keep(db, told(EventKind.COMPLAINED), told(EventKind.DELIVERED), told(EventKind.OTHER))
    keep(db, told(EventKind.ACCEPTED, "bob"))
    apply(db)
    assert deliveries(db) == [("ada", "submitted", "complained"), ("bob", "submitted", "accepted")]
    keep(db, told(EventKind.DELIVERED, "bob"), told(EventKind.ACCEPTED))
    apply(db)
    assert deliveries(db) == [("ada", "submitted", "complained"), ("bob", "submitted", "delivered")]


@pytest.mark.parametrize("kind", list(EventKind))
def test_any_event_of_an_unknown_letter_shows_that_it_was_taken(db, kind):
    owe(db, ["ada", "bob"])
    hand_over(db, ["ada", "bob"])
    keep(db, told(kind, provider_id="p-1"))
    apply(db)
    assert deliveries(db) == [("ada", "submitted", kind.value), ("bob", "unknown", "")]
    assert batches(db) == [("unknown", 1)]  # bob's is still open
    assert {row["provider_id"] for row in db["deliveries"].rows} == {"p-1", ""}


def test_a_batch_ends_with_its_last_letter(db):
    owe(db, ["ada", "bob"])
    hand_over(db, ["ada", "bob"])
    keep(db, told(EventKind.ACCEPTED), told(EventKind.DELIVERED, "bob"))
    apply(db)
    assert batches(db) == [("answered", 2)]


def test_an_event_may_come_before_the_answer_of_the_call(db):
    owe(db, ["ada"])
    hand_over(db, ["ada"], "in_flight")
    keep(db, told(EventKind.DELIVERED))
    apply(db)
    assert deliveries(db) == [("ada", "submitted", "delivered")]
    assert batches(db) == [("in_flight", 0)]  # its sender counts, and ends it


def test_one_event_proves_its_batch_where_a_call_is_taken_as_a_whole(db):
    owe(db, ["ada", "bob", "cy"])
    batch = hand_over(db, ["ada", "bob"])
    hand_over(db, ["cy"])
    keep(db, told(EventKind.ACCEPTED, batch=batch))
    apply(db, as_one={"fake"})
    assert [state for _, state, _ in deliveries(db)] == ["submitted", "submitted", "unknown"]
    assert batches(db) == [("answered", 2), ("unknown", 0)]


@pytest.mark.parametrize(("batch", "as_one"), [("an-earlier-one", {"fake"}), ("", {"fake"})])
def test_an_event_of_an_earlier_hand_over_proves_nothing_for_the_others_of_this_one(
    db, batch, as_one
):
    owe(db, ["ada", "bob"])
    hand_over(db, ["ada", "bob"])
    keep(db, told(EventKind.ACCEPTED, batch=batch))
    apply(db, as_one)
    assert [state for _, state, _ in deliveries(db)] == ["submitted", "unknown"]


def test_one_event_proves_only_its_own_letter_elsewhere(db):
    owe(db, ["ada", "bob"])
    batch = hand_over(db, ["ada", "bob"])
    keep(db, told(EventKind.ACCEPTED, batch=batch))
    apply(db, as_one={"another"})
    assert [state for _, state, _ in deliveries(db)] == ["submitted", "unknown"]


def test_a_letter_that_is_owed_stays_owed(db):
    owe(db, ["ada"])
    keep(db, told(EventKind.OTHER))
    apply(db)
    assert deliveries(db) == [("ada", "pending", "other")]


def test_complaints_bounces_and_wishes_to_leave_end_in_a_verdict(db):
    owe(db, ["ada", "bob", "cy"])
    hand_over(db, ["ada", "bob", "cy"], "answered")
    keep(db, told(EventKind.COMPLAINED), told(EventKind.BOUNCED, "bob", code="5.1.1"))
    keep(db, told(EventKind.UNSUBSCRIBED, "cy"), told(EventKind.UNSUBSCRIBED, "cy"))
    verdicts = apply(db)
    assert people(verdicts) == {
        ("ada", "complained"),
        ("bob", "bounced"),
        ("cy", "unsubscribed"),
    }
    assert len(verdicts) == 3
    [bounced] = [verdict for verdict in verdicts if verdict.reason is BarReason.BOUNCED]
    assert bounced.evidence == "fake bounced 5.1.1 digest-2026-11 2026-12-01T12:00:00+00:00"


@pytest.mark.parametrize(
    "kind",
    sorted(set(EventKind) - {EventKind.COMPLAINED, EventKind.UNSUBSCRIBED, EventKind.BOUNCED}),
)
def test_nothing_else_ends_in_one(db, kind):
    owe(db, ["ada"])
    hand_over(db, ["ada"], "answered")
    keep(db, told(kind))
    assert apply(db) == []


def test_five_soft_bounces_over_months_end_in_a_verdict_and_a_letter_that_arrives_in_none(db):
    for month in range(5):
        key = f"digest-2026-0{month + 1}"
        owe(db, ["ada", "bob"], key)
        hand_over(db, ["ada", "bob"], "answered", key)
        keep(db, told(EventKind.SOFT_BOUNCED, key=key, days=30 * month))
        keep(db, told(EventKind.SOFT_BOUNCED, "bob", key=key, days=30 * month))
        if month == 2:
            keep(db, told(EventKind.DELIVERED, "bob", key=key, days=30 * month + 1))
        assert people(apply(db)) == ({("ada", "bounced")} if month == 4 else set())


def test_a_disabled_mailbox_ends_in_a_verdict_when_it_still_is_after_a_day(db):
    owe(db, ["ada"])
    hand_over(db, ["ada"], "answered")
    keep(db, told(EventKind.BOUNCED, code="5.2.1"))
    assert apply(db) == []
    keep(db, told(EventKind.BOUNCED, code="5.2.1", days=1))
    assert people(apply(db)) == {("ada", "bounced")}


def test_of_two_that_say_the_same_the_first_is_the_evidence(db):
    owe(db, ["ada"])
    hand_over(db, ["ada"], "answered")
    keep(db, told(EventKind.COMPLAINED, days=-1), told(EventKind.COMPLAINED))
    [verdict] = apply(db)
    assert "2026-11-30" in verdict.evidence


def test_an_event_of_a_note_settles_it_and_says_whose_it_is(db):
    owe_note(db, "req_1-a", "ada")
    owe_note(db, "req_2-b", "bob", claimed=False)
    keep(db, told(EventKind.BOUNCED, "req_1-a", key="note-confirm", provider_id="p-1"))
    keep(db, told(EventKind.DELIVERED, "req_2-b", key="note-confirm"))
    keep(db, told(EventKind.COMPLAINED, "req_1-a", key="note-welcome"))  # no such note
    assert people(apply(db)) == {("ada", "bounced")}
    assert rows(db, "notes", "id", "state", "heard", "provider_id", "body") == [
        ("req_1-a", "submitted", "bounced", "p-1", None),
        ("req_2-b", "pending", "delivered", "", None),
    ]


def test_an_event_that_names_no_letter_of_ours_is_kept_and_does_nothing(db):
    owe(db, ["ada"])
    hand_over(db, ["ada"])
    keep(
        db,
        told(EventKind.COMPLAINED, "eve"),
        told(EventKind.COMPLAINED, ""),
        told(EventKind.COMPLAINED, "ada", key="digest-2019-01"),
        told(EventKind.COMPLAINED, "ada", key=""),
        told(EventKind.COMPLAINED, "ada.ada"),
    )
    assert apply(db) == []  # although each has her address as its recipient
    assert deliveries(db) == [("ada", "unknown", "")]
    assert store.count_waiting(db) == 0
    assert rows(db, "events", "mailing_key", "subscriber_id") == [("", "")] * 5


def test_a_crash_before_a_verdict_is_carried_out_loses_neither_it_nor_its_event(db):
    owe(db, ["ada", "bob"])
    hand_over(db, ["ada", "bob"])
    keep(db, told(EventKind.COMPLAINED), told(EventKind.BOUNCED, "bob"))
    carried_out: list[Verdict] = []

    def die_at_the_second(verdict: Verdict) -> None:
        carried_out.append(verdict)
        if len(carried_out) == 2:
            raise RuntimeError("killed here")

    with pytest.raises(RuntimeError):
        apply_events(db, die_at_the_second, now=NOON)
    assert store.count_waiting(db) == 2
    assert [heard for _, _, heard in deliveries(db)] == ["", ""]
    assert people(apply(db)) == {("ada", "complained"), ("bob", "bounced")}


def test_what_carrying_out_writes_is_committed_with_the_event(db):
    owe(db, ["ada"])
    hand_over(db, ["ada"])
    keep(db, told(EventKind.COMPLAINED))

    def carry_out(verdict: Verdict) -> None:
        assert db.conn.in_transaction
        with db.atomic():
            db.execute("INSERT INTO pulls VALUES (?, ?)", [verdict.subscriber_id, "now"])

    apply_events(db, carry_out, now=NOON)
    assert rows(db, "pulls", "account") == [("ada",)]


def test_more_events_than_fit_in_one_transaction_are_all_applied(db):
    readers = [f"r{number}" for number in range(600)]
    owe(db, readers)
    hand_over(db, readers)
    keep(db, *(told(EventKind.DELIVERED, reader) for reader in readers))
    assert apply_events(db, lambda verdict: None, now=NOON) == 600
    assert {(state, heard) for _, state, heard in deliveries(db)} == {("submitted", "delivered")}
    assert batches(db) == [("answered", 600)]


READERS = ["ada", "bob", "cy"]
events = st.lists(
    st.builds(
        told,
        st.sampled_from(EventKind),
        st.sampled_from([*READERS, "eve", ""]),
        days=st.integers(-40, 0),
        code=st.sampled_from(["", "5.1.1", "5.1.2", "4.2.2"]),
        batch=st.sampled_from(["the-batch", "another", ""]),
    ),
    max_size=12,
)


def outcome(made, rounds) -> tuple[object, ...]:
    """The state after events came and were applied in some rounds; codes decide verdicts."""
    db = Database(memory=True)
    schema.migrations.apply(db)
    try:
        owe(db, READERS)
        hand_over(db, READERS[:2], batch="the-batch")
        hand_over(db, READERS[2:], "in_flight")
        verdicts: set[tuple[str, str]] = set()
        for start in range(0, len(made), rounds):
            keep(db, *made[start : start + rounds])
            verdicts |= people(apply(db, as_one={"fake"}))
        sure = {(who, why) for who, why in verdicts if why != "bounced"}
        kept = rows(db, "events", "dedupe", "mailing_key", "subscriber_id")
        return deliveries(db), batches(db), kept, sure, verdicts
    finally:
        db.close()


@settings(max_examples=60, deadline=None)
@given(made=events, again=st.integers(0, 12), rounds=st.integers(1, 12), chance=st.randoms())
def test_events_in_any_order_and_told_twice_come_to_the_same(made, again, rounds, chance):
    shuffled = [*made, *made[:again]]
    chance.shuffle(shuffled)
    first = outcome(made, len(made) or 1)
    second = outcome(shuffled, rounds)
    assert first[:4] == second[:4]
    # Bounces that add up are judged by what is known: a letter that arrived may be told later.
    assert first[4] <= second[4]


def test_a_letter_that_was_given_back_and_was_taken_after_all_is_not_sent_again(db):
    owe(db, ["ada", "bob"])
    batch = hand_over(db, ["ada", "bob"])
    ledger.release_batch(db, batch, reason="never had it", now=NOON)
    keep(db, told(EventKind.DELIVERED, batch=batch), told(EventKind.DELIVERED, "bob"))
    apply(db)
    # An event that does not say of which hand-over settles nobody who is owed another.
    assert deliveries(db) == [("ada", "submitted", "delivered"), ("bob", "pending", "delivered")]

from datetime import timedelta

from delivery.events import store
from delivery.events.applying import apply_events
from delivery.events.event import EventKind
from tests.conftest import NOON
from tests.delivery.events.builders import DIGEST, hand_over, keep, owe, owe_note, rows, told

EVER = NOON - timedelta(days=9999)


def apply(db) -> int:
    return apply_events(db, lambda verdict: None, now=NOON)


def test_an_event_is_kept_once_for_each_provider(db):
    event = told(EventKind.DELIVERED)
    assert keep(db, event, event) == 1
    assert keep(db, event, told(EventKind.OTHER)) == 1
    assert keep(db, event, provider="another") == 1
    assert keep(db) == 0


def test_nothing_is_kept_when_the_callers_transaction_fails(db):
    try:
        with db.atomic():
            store.keep(db, "fake", [told(EventKind.DELIVERED)], now=NOON)
            raise RuntimeError
    except RuntimeError:
        assert store.count_waiting(db) == 0


def test_events_are_taken_in_the_order_they_came(db):
    keep(db, *(told(EventKind.DELIVERED, days=-day) for day in range(5)))
    with db.atomic():
        first, second = store.take(db, 2, now=NOON), store.take(db, 9, now=NOON)
    assert [event.occurred for event in first + second] == [
        NOON - timedelta(days=day) for day in range(5)
    ]
    assert store.count_waiting(db) == 0


def test_forgetting_somebody_leaves_that_it_happened_and_no_address(db):
    owe(db, ["ada", "bob"])
    hand_over(db, ["ada", "bob"], "answered")
    keep(db, told(EventKind.DELIVERED), told(EventKind.DELIVERED, "bob"))
    apply(db)
    keep(db, told(EventKind.COMPLAINED), told(EventKind.OTHER, "xada"))  # one still waits
    store.forget(db, "ada")
    assert rows(db, "events", "send_key", "recipient", "raw") == [
        ("digest-2026-11.ada", None, None),
        ("digest-2026-11.ada", None, None),
        ("digest-2026-11.bob", "ada@reader.example", '{"to":"ada@reader.example"}'),
        ("digest-2026-11.xada", "ada@reader.example", '{"to":"ada@reader.example"}'),
    ]
    assert store.count_kinds(db, DIGEST, EventKind, since=EVER)[EventKind.DELIVERED] == 2


def test_what_comes_after_somebody_was_forgotten_is_forgotten_too(db):
    owe(db, ["ada"])
    hand_over(db, ["ada"], "answered")
    with db.atomic():
        db.execute("UPDATE deliveries SET address = NULL, name = ''")
    keep(db, told(EventKind.DELIVERED))
    apply(db)
    assert rows(db, "events", "kind", "recipient", "raw") == [("delivered", None, None)]


def test_old_words_of_providers_are_dropped_with_their_addresses(db):
    keep(db, told(EventKind.DELIVERED), now=NOON - timedelta(days=31))
    keep(db, told(EventKind.DELIVERED), now=NOON)
    assert store.drop_old_raw(db, before=NOON - timedelta(days=30)) == 1
    assert store.drop_old_raw(db, before=NOON - timedelta(days=30)) == 0
    assert [row["raw"] is None for row in db["events"].rows] == [True, False]


def test_people_are_counted_once_for_each_kind_of_event(db):
    owe(db, ["ada", "bob"])
    hand_over(db, ["ada", "bob"], "answered")
    keep(db, told(EventKind.COMPLAINED), now=NOON - timedelta(hours=1))
    keep(db, *(told(EventKind.COMPLAINED) for _ in range(3)), told(EventKind.COMPLAINED, "bob"))
    keep(db, told(EventKind.DELIVERED), told(EventKind.COMPLAINED, "a-stranger"))
    apply(db)
    assert store.count_kinds(db, DIGEST, EventKind, since=EVER) == {
        EventKind.COMPLAINED: 2,
        EventKind.DELIVERED: 1,
    }
    later = NOON + timedelta(seconds=1)
    assert store.count_kinds(db, DIGEST, EventKind, since=later) == {}
    assert store.count_kinds(db, "", EventKind, since=EVER) == {}


def test_a_provider_was_last_heard_when_its_last_event_came(db):
    assert store.last_received(db, "fake") is None
    keep(db, told(EventKind.OTHER), now=NOON)
    keep(db, told(EventKind.OTHER), now=NOON - timedelta(hours=1))
    assert store.last_received(db, "fake") == NOON
    assert store.last_received(db, "another") is None


def test_the_history_of_somebody_is_of_arrivals_and_bounces(db):
    owe(db, ["ada", "bob"])
    hand_over(db, ["ada", "bob"], "answered")
    keep(db, told(EventKind.SOFT_BOUNCED, code="4.2.2"), told(EventKind.DELIVERED, days=1))
    keep(db, told(EventKind.OTHER), told(EventKind.BOUNCED, "bob"), told(EventKind.BOUNCED, ""))
    apply(db)
    histories = store.histories(db, ["ada", "cy", ""])
    assert list(histories) == ["ada"]
    assert {(past.kind, past.code) for past in histories["ada"]} == {
        (EventKind.SOFT_BOUNCED, "4.2.2"),
        (EventKind.DELIVERED, ""),
    }


def test_events_of_notes_are_found_by_their_reader(db):
    owe_note(db, "req_1-a", "ada")
    keep(db, told(EventKind.SOFT_BOUNCED, "req_1-a", key="note-confirm"))
    apply(db)
    [past] = store.histories(db, ["ada"])["ada"]
    assert past.mailing_key == "note-confirm"

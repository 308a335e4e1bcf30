"""Notes: each is owed once, handed over once, and what became of it is written down."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from delivery.errors import (
    AddressRefused,
    LetterNotReady,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
)
from delivery.mailing import DeliveryState
from delivery.message import Answer, Handover, Message, Payload, Receipt
from delivery.notes import ledger
from delivery.notes import sending as notes
from delivery.notes.note import GIVEN_UP_AFTER, Composed, OwedNote, Withheld, wait_after
from delivery.notes.sending import MOST_A_MINUTE, send_notes
from tests.delivery.test_run import Replaying
from tests.delivery.test_sending import Crash, raiser
from tests.fakes import LETTER, NOON, FakeProvider, Time

NAMES = ("ada", "bo", "cy")
FOREVER = NOON - timedelta(days=1)


def a_note(name: str, kind: str = "confirm") -> OwedNote:
    return OwedNote(id=f"request-{name}", kind=kind, subscriber_id=name)


def owe(db: Database, *names: str, kind: str = "confirm") -> None:
    with db.atomic():
        for name in names:
            ledger.owe_note(db, a_note(name, kind), now=NOON)


def compose(note: OwedNote) -> Composed:
    values = {"first_name": "there", "exit": f"t-{note.subscriber_id}"}
    address = f"{note.subscriber_id}@example.com"
    return Composed(LETTER, Message(note.send_key, address, "", values))


def send(db: Database, provider: FakeProvider, time: Time | None = None, write=compose) -> bool:
    return send_notes(db, provider, write, (time or Time()).clock())


def told(db: Database) -> dict[str, tuple[str, str]]:
    rows = db.query("SELECT subscriber_id, state, reason FROM notes")
    return {row["subscriber_id"]: (row["state"], row["reason"]) for row in rows}


def states(db: Database) -> Counter[str]:
    return Counter(state for state, _ in told(db).values())


def keys(*names: str) -> Counter[str]:
    return Counter(a_note(name).send_key for name in names)


def test_every_note_that_is_owed_is_sent_once(db):
    owe(db, *NAMES)
    provider = FakeProvider()
    assert send(db, provider)
    assert send(db, provider)
    assert provider.taken == keys(*NAMES)
    assert states(db) == {"submitted": 3}


def test_a_request_causes_one_note_of_a_kind_however_often_it_is_told(db):
    assert ledger.owe_note(db, a_note("ada"), now=NOON)
    assert not ledger.owe_note(db, a_note("ada"), now=NOON)
    assert ledger.owe_note(db, a_note("ada", "welcome"), now=NOON)


def test_a_note_is_owed_only_if_what_caused_it_is_written_too(db):
    def sign_up() -> None:
        with db.atomic():
            ledger.owe_note(db, a_note("ada"), now=NOON)
            raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        sign_up()
    assert ledger.next_note(db, now=NOON) is None


def test_a_note_comes_back_as_it_was_owed(db):
    owed = replace(a_note("ada"), language="es", details={"already": "yes"})
    ledger.owe_note(db, owed, now=NOON)
    assert ledger.next_note(db, now=NOON) == replace(owed, made=NOON)


def test_who_must_get_none_any_more_gets_none_and_the_reason_is_kept(db):
    owe(db, "ada", "bo")
    provider = FakeProvider()
    send(db, provider, write=lambda n: Withheld("bounced") if "ada" in n.id else compose(n))
    assert provider.taken == keys("bo")
    assert told(db)["ada"] == ("skipped", "bounced")


def test_an_address_the_provider_refuses_keeps_nobody_else_back(db):
    owe(db, *NAMES)
    provider = FakeProvider()
    provider.refuses = {"ada@example.com"}
    assert send(db, provider)
    assert told(db)["ada"] == ("refused", "invalid address")
    assert provider.taken == keys("bo", "cy")


@pytest.mark.parametrize("trouble", [ProviderUnavailable("away"), ProviderRefused("no credits")])
def test_trouble_with_the_provider_ends_the_run_and_the_note_waits_longer_each_time(db, trouble):
    owe(db, *NAMES)
    provider, time = FakeProvider(), Time()
    provider.before = raiser(trouble, trouble)
    assert not send(db, provider, time)
    assert told(db) == {
        "ada": ("pending", str(trouble)),
        "bo": ("pending", ""),
        "cy": ("pending", ""),
    }
    assert not send(db, provider, time)
    assert send(db, provider, time)
    assert provider.taken == keys("cy")
    time.moment += timedelta(minutes=1)
    assert send(db, provider, time)
    assert provider.taken == keys(*NAMES)


def test_the_wait_that_the_provider_names_is_kept(db):
    owe(db, "ada")
    provider, time = FakeProvider(), Time()
    provider.before = raiser(ProviderUnavailable("busy", wait=600))
    send(db, provider, time)
    time.moment += timedelta(seconds=599)
    send(db, provider, time)
    assert not provider.taken
    time.moment += timedelta(seconds=1)
    send(db, provider, time)
    assert provider.taken == keys("ada")


def test_waits_grow_and_end_somewhere():
    waits = [wait_after(n) for n in range(100)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(seconds=30), timedelta(days=1))


def test_a_provider_that_stays_away_for_hours_is_a_refusal_with_its_reason(db):
    owe(db, "ada")
    provider, time = FakeProvider(), Time()
    provider.before = raiser(*[ProviderUnavailable("away")] * 99)
    while time.moment < NOON + 2 * GIVEN_UP_AFTER:
        send(db, provider, time)
        time.moment += timedelta(minutes=5)
    assert told(db) == {"ada": ("refused", "away")}


def test_a_broken_template_keeps_only_its_own_notes_back(db):
    def write(note: OwedNote) -> Composed:
        if note.kind == "welcome":
            raise LetterNotReady("emails/welcome.mjml, line 3: mend it")
        return compose(note)

    owe(db, "ada", kind="welcome")
    owe(db, "bo")
    provider = FakeProvider()
    assert send(db, provider, write=write)
    assert told(db)["ada"] == ("pending", "emails/welcome.mjml, line 3: mend it")
    assert provider.taken == keys("bo")


def test_silence_is_never_answered_with_a_second_note(db):
    owe(db, "ada")
    provider, time = FakeProvider(can_search=False), Time()
    provider.after = raiser(OutcomeUnknown("no answer"))
    assert not send(db, provider, time)
    time.moment += timedelta(days=30)
    assert send(db, provider, time)
    assert told(db) == {"ada": ("unknown", "no answer")}
    assert provider.taken == keys("ada")


def test_a_provider_that_remembers_settles_what_was_unknown(db):
    owe(db, "ada")
    provider = FakeProvider()
    provider.after = raiser(OutcomeUnknown("no answer"))
    send(db, provider)
    send(db, provider)
    assert told(db) == {"ada": ("submitted", "")}
    assert provider.taken == keys("ada")


def test_a_provider_that_cannot_be_asked_leaves_it_unknown(db, monkeypatch):
    owe(db, "ada")
    provider, time = FakeProvider(), Time()
    provider.after = raiser(OutcomeUnknown("no answer"))
    send(db, provider, time)
    away = raiser(ProviderUnavailable("away"))
    monkeypatch.setattr(provider, "reconcile", lambda batch, now: away())
    time.moment += timedelta(minutes=11)
    assert send(db, provider, time)
    assert told(db) == {"ada": ("unknown", "no answer")}


def test_another_account_is_not_asked_what_became_of_it(db):
    owe(db, "ada")
    provider, time = FakeProvider(), Time()
    provider.after = raiser(OutcomeUnknown("no answer"))
    send(db, provider, time)
    other = FakeProvider()
    other.account = "two"
    time.moment += timedelta(minutes=11)
    send(db, other, time)
    assert told(db) == {"ada": ("unknown", "no answer")}
    assert not other.taken


def test_absence_is_believed_only_when_the_provider_has_had_its_time(db):
    owe(db, "ada")
    provider, time = FakeProvider(), Time()
    provider.before = raiser(OutcomeUnknown("it never got there"))
    send(db, provider, time)
    send(db, provider, time)
    assert told(db)["ada"][0] == "unknown"
    time.moment += timedelta(minutes=11)
    send(db, provider, time)
    assert provider.taken == keys("ada")
    assert told(db) == {"ada": ("submitted", "")}


def test_a_flood_is_sent_a_hundred_a_minute_whoever_sends(db):
    owe(db, *(f"reader{n}" for n in range(MOST_A_MINUTE + 20)))
    provider, time = FakeProvider(), Time()
    send(db, provider, time)
    send(db, provider, time)
    assert states(db) == {"submitted": MOST_A_MINUTE, "pending": 20}
    time.moment += timedelta(seconds=61)
    send(db, provider, time)
    assert states(db) == {"submitted": MOST_A_MINUTE + 20}


def test_a_sender_that_is_stopped_leaves_the_rest_owed(db):
    owe(db, *NAMES)
    provider = FakeProvider()
    stops = iter([False, True])
    send_notes(db, provider, compose, Time().clock(), lambda: next(stops))
    assert provider.taken == keys("ada")
    assert provider.closed == 1


def test_what_waits_is_unknown_or_was_refused_is_counted_by_reason(db):
    owe(db, *NAMES)
    provider = FakeProvider()
    provider.refuses = {"ada@example.com"}
    provider.after = raiser(None, OutcomeUnknown("no answer"))
    send(db, provider)
    assert ledger.count_unsettled(db, since=FOREVER) == {
        (DeliveryState.REFUSED, "invalid address"): 1,
        (DeliveryState.UNKNOWN, "no answer"): 1,
        (DeliveryState.PENDING, ""): 1,
    }
    assert (DeliveryState.REFUSED, "invalid address") not in ledger.count_unsettled(db, since=NOON)


class CrashingLedger:
    """The ledger of notes, stopping the machine before or after its n-th call."""

    def __init__(self, at: int, *, after: bool) -> None:
        self._left, self._after = at, after

    def __getattr__(self, name: str):
        real = getattr(ledger, name)

        def call(*args, **kwargs):
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Crash
            result = real(*args, **kwargs)
            if self._left == 0:
                raise Crash
            return result

        return call


@given(
    crashes=st.lists(st.tuples(st.integers(1, 14), st.booleans()), max_size=4),
    can_search=st.booleans(),
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_crash_at_any_step_doubles_no_note_and_loses_none(
    tmp_path_factory, monkeypatch, crashes, can_search
):
    from flows.database import open_database

    db = open_database(tmp_path_factory.mktemp("crash"))
    owe(db, *NAMES)
    provider, time = FakeProvider(can_search=can_search), Time()
    for at, after in crashes:
        monkeypatch.setattr(notes, "ledger", CrashingLedger(at, after=after))
        try:
            send(db, provider, time)
        except Crash:
            time.moment += timedelta(minutes=11)
    monkeypatch.setattr(notes, "ledger", ledger)
    time.moment += timedelta(days=2)  # past every wait
    send(db, provider, time)
    found = told(db)
    db.close()
    assert provider.taken.keys() <= keys(*NAMES).keys()
    assert set(provider.taken.values()) <= {1}
    for name in NAMES:
        state, reason = found[name]
        assert state == "submitted" or (state == "unknown" and reason and not can_search)
    if can_search:
        assert provider.taken == keys(*NAMES)


def test_a_note_to_an_address_that_sinks_its_call_is_refused_and_the_others_go_out(db):
    owe(db, *NAMES)
    provider = FakeProvider()
    provider.before = raiser(AddressRefused("no such address"))
    assert send(db, provider)
    assert told(db)["ada"] == ("refused", "invalid address")
    assert states(db) == {"refused": 1, "submitted": 2}


def test_a_note_that_left_without_an_answer_of_its_own_is_unknown(db):
    class Mumbling(FakeProvider):
        def submit(self, payload: Payload) -> Handover:
            [message] = payload.messages
            unknown = Receipt(message.send_key, Answer.UNKNOWN)
            return Handover((unknown,), OutcomeUnknown("the line broke after it"))

    owe(db, "ada")
    assert not send(db, Mumbling())
    assert told(db)["ada"] == ("unknown", "the line broke after it")


def test_a_note_is_given_again_to_a_provider_that_knows_it_and_the_bytes_go_with_the_answer(db):
    owe(db, "ada")
    provider, time = Replaying(), Time()
    provider.after = raiser(OutcomeUnknown("no answer"))
    assert not send(db, provider, time)
    [kept] = db.query("SELECT body FROM notes")
    assert kept["body"] is not None
    time.moment += timedelta(minutes=2)
    assert send(db, provider, time)
    assert told(db)["ada"][0] == "submitted"
    assert set(provider.taken.values()) == {1}
    assert [row["body"] for row in db.query("SELECT body FROM notes")] == [None]

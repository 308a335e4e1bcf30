"""A run of a mailing: what each kind of no leads to, how fast it goes, and who may steer it."""

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from delivery import count_store, pace_store, steering_store, store
from delivery.errors import (
    AccountHalted,
    AddressRefused,
    LetterRefused,
    NotSent,
    OutcomeUnknown,
    ProviderRefused,
    QuotaExhausted,
    RestUntil,
    Throttled,
)
from delivery.lease import EXPIRES_AFTER, lease
from delivery.mailing import DeliveryState, MailingState, Owed
from delivery.message import Answer, Handover, Payload, Receipt
from delivery.pace import Allowance
from delivery.run import Terms
from delivery.sending import send_letters
from delivery.unknown import OnUnknown
from delivery.writing import Readers
from tests.delivery.test_sending import raiser, states
from tests.fakes import LETTER, NOON, FakeProvider, Time, all_stay

KEY = "digest-2026-11"


def owe(db: Database, count: int, key: str = KEY) -> None:
    people = [Owed(f"p{n}", f"p{n}@example.com", f"P {n}") for n in range(count)]
    store.freeze(db, key, {"": LETTER}, people, provider="fake", content_hash="c", now=NOON)


def send(
    db: Database,
    provider: FakeProvider,
    time: Time | None = None,
    terms: Terms | None = None,
    readers: Readers | None = None,
    key: str = KEY,
) -> None:
    mailing = store.load_mailing(db, key)
    send_letters(db, mailing, provider, readers or all_stay(), (time or Time()).clock(), terms)


class Picky(FakeProvider):
    """Takes no call with one of these addresses in it; says which, or does not."""

    def __init__(self, *bad: int, says: bool, size: int = 8) -> None:
        super().__init__(size=size)
        self.bad, self.says = {f"p{n}@example.com" for n in bad}, says
        self.calls = 0

    def submit(self, payload: Payload) -> Handover:
        self.calls += 1
        places = [n for n, m in enumerate(payload.messages) if m.address in self.bad]
        if places:
            raise AddressRefused("a bad address", places=places if self.says else ())
        return super().submit(payload)


@pytest.mark.parametrize("says", [True, False])
def test_one_bad_address_never_sinks_its_batch(db, says):
    owe(db, 20)
    provider = Picky(3, 11, says=says)
    send(db, provider)
    assert states(db) == {DeliveryState.SUBMITTED: 18, DeliveryState.REFUSED: 2}
    assert set(provider.taken.values()) == {1}
    assert count_store.tally(db, KEY).reasons == {(DeliveryState.REFUSED, "invalid address"): 2}


@given(bad=st.sets(st.integers(0, 19), max_size=6), size=st.integers(1, 9), says=st.booleans())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whoever_is_bad_everybody_else_gets_one_letter(tmp_path_factory, bad, size, says):
    from flows.database import open_database

    db = open_database(tmp_path_factory.mktemp("split"))
    owe(db, 20)
    provider = Picky(*bad, says=says, size=size)
    send(db, provider)
    expected = {DeliveryState.SUBMITTED: 20 - len(bad), DeliveryState.REFUSED: len(bad)}
    assert states(db) == {state: count for state, count in expected.items() if count}
    assert set(provider.taken.values()) <= {1}
    db.close()


def test_a_list_of_bad_addresses_is_stopped_by_the_brake_and_uses_nobody_up(db):
    owe(db, 300)
    provider = Picky(*range(300), says=True, size=20)
    send(db, provider)
    tally = count_store.tally(db, KEY)
    assert tally.states == {DeliveryState.REFUSED: 20, DeliveryState.PENDING: 280}
    assert store.load_mailing(db, KEY).state is MailingState.PAUSED
    assert count_store.paused_mailings(db) == {KEY: "20 of the last 20 addresses were refused"}


def test_after_a_brake_somebody_may_say_go_on_and_it_counts_anew(db):
    owe(db, 100)
    provider = Picky(*range(12), says=True, size=100)
    provider.limits = replace(provider.limits, letters=20)
    send(db, provider)
    assert store.load_mailing(db, KEY).state is MailingState.PAUSED
    steering_store.take_up(db, KEY, now=NOON + timedelta(minutes=1))
    time = Time()
    time.moment += timedelta(minutes=2)
    send(db, provider, time)
    assert states(db) == {DeliveryState.SUBMITTED: 88, DeliveryState.REFUSED: 12}


@pytest.mark.parametrize("error", [AccountHalted("the key is wrong"), LetterRefused("too big")])
def test_what_a_person_must_mend_pauses_the_mailing(db, error):
    owe(db, 4)
    provider = FakeProvider(size=2)
    provider.before = raiser(None, error)
    with pytest.raises(ProviderRefused):
        send(db, provider)
    assert states(db) == {DeliveryState.SUBMITTED: 2, DeliveryState.PENDING: 2}
    assert count_store.paused_mailings(db) == {KEY: str(error)}


def test_a_quota_that_comes_back_is_waited_for_without_a_person(db):
    owe(db, 4)
    provider, time = FakeProvider(size=2), Time()
    tomorrow = NOON + timedelta(hours=20)
    provider.before = raiser(None, QuotaExhausted("no more today", until=tomorrow))
    with pytest.raises(RestUntil) as rest:
        send(db, provider, time)
    assert rest.value.until == tomorrow
    assert store.load_mailing(db, KEY).state is MailingState.SENDING
    with pytest.raises(RestUntil, match="no more today"):  # also the next run, without a call
        send(db, provider, time)
    time.moment = tomorrow + timedelta(seconds=1)
    send(db, provider, time)
    assert states(db) == {DeliveryState.SUBMITTED: 4}


def test_who_asks_us_to_be_slower_gets_half_of_it_and_then_a_little_more_each_time(db):
    owe(db, 30)
    provider, time = FakeProvider(size=2), Time()
    provider.limits = replace(provider.limits, calls=4.0)
    provider.before = raiser(None, None, Throttled("slower", wait=3))
    send(db, provider, time)
    # 15 batches and one more try: the first two at 4 a second, then from 2 a second upwards.
    assert 3.0 in time.slept
    after = time.slept[time.slept.index(3.0) + 1 :]
    assert after[0] == pytest.approx(0.5, abs=0.1)
    assert after == sorted(after, reverse=True)
    assert 2 < pace_store.found_calls(db, provider.account) < 4.01


def test_a_long_wait_is_written_down_for_the_next_run_and_nobody_is_lost(db):
    owe(db, 4)
    provider, time = FakeProvider(size=2), Time()
    provider.before = raiser(None, Throttled("slower", wait=3600))
    with pytest.raises(RestUntil):
        send(db, provider, time)
    assert time.moment < NOON + timedelta(minutes=1)
    assert states(db) == {DeliveryState.SUBMITTED: 2, DeliveryState.PENDING: 2}


def test_a_day_has_no_more_letters_than_the_author_allows(db):
    owe(db, 10)
    provider, time = FakeProvider(size=3), Time()
    terms = Terms(allowance=Allowance(letters=4))
    for sent in (4, 8, 10):
        if sent < 10:
            with pytest.raises(RestUntil, match="4 letters in 24 hours"):
                send(db, provider, time, terms)
        else:
            send(db, provider, time, terms)
        assert sum(provider.taken.values()) == sent
        time.moment += timedelta(hours=24, seconds=1)


def test_a_new_account_warms_up_day_by_day(db):
    owe(db, 40)
    provider, time = FakeProvider(size=100), Time()
    terms = Terms(allowance=Allowance(warm_up=(2, 5, 10)))
    sent = []
    for _ in range(4):
        with suppress(RestUntil):
            send(db, provider, time, terms)
        sent.append(sum(provider.taken.values()))
        time.moment += timedelta(hours=25)
    assert sent == [2, 7, 17, 40]


def test_bytes_a_day_are_bounded_too(db):
    owe(db, 6)
    provider = FakeProvider(size=2)
    with pytest.raises(RestUntil):
        send(db, provider, terms=Terms(allowance=Allowance(bytes=1)))
    assert states(db) == {DeliveryState.SUBMITTED: 2, DeliveryState.PENDING: 4}


@pytest.mark.parametrize("steer", ["pause", "cancel"])
def test_pause_and_cancel_take_effect_within_one_batch(db, steer):
    owe(db, 10)
    provider = FakeProvider(size=2)

    def in_the_middle() -> None:
        if sum(provider.taken.values()) == 4:
            other = Database(str(db.conn.execute("PRAGMA database_list").fetchone()[2]))
            if steer == "pause":
                steering_store.pause(other, KEY, "I want to look at it")
            else:
                steering_store.cancel(other, KEY, now=NOON)
            other.close()

    provider.after = in_the_middle
    send(db, provider)
    left = DeliveryState.PENDING if steer == "pause" else DeliveryState.SKIPPED
    assert states(db) == {DeliveryState.SUBMITTED: 4, left: 6}
    if steer == "pause":
        assert steering_store.take_up(db, KEY, now=NOON)
        provider.after = lambda: None
        send(db, provider)
        assert set(provider.taken.values()) == {1}
        assert states(db) == {DeliveryState.SUBMITTED: 10}
    else:
        send(db, provider)
        assert sum(provider.taken.values()) == 4
        assert store.load_mailing(db, KEY).state is MailingState.CANCELLED


class Grey(FakeProvider):
    """Refuses some for now, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__(size=4)
        self.left = Counter({f"{KEY}.p1": times, f"{KEY}.p2": times})

    def submit(self, payload: Payload) -> Handover:
        receipts = []
        for message in payload.messages:
            if self.left[message.send_key]:
                self.left[message.send_key] -= 1
                receipts.append(Receipt(message.send_key, Answer.NOT_NOW, reason="greylisted"))
            else:
                receipts.append(self._take(message))
        return Handover(tuple(receipts))


def test_who_is_refused_for_now_comes_last_and_is_tried_again(db):
    owe(db, 10)
    provider, time = Grey(2), Time()
    send(db, provider, time)
    assert states(db) == {DeliveryState.SUBMITTED: 10}
    assert list(provider.taken)[-2:] == [f"{KEY}.p1", f"{KEY}.p2"]
    assert time.slept == [1.0, 5.0]


def test_who_is_refused_for_now_again_and_again_is_refused_for_good(db):
    owe(db, 10)
    send(db, Grey(99))
    assert states(db) == {DeliveryState.SUBMITTED: 8, DeliveryState.REFUSED: 2}
    assert count_store.tally(db, KEY).reasons == {(DeliveryState.REFUSED, "greylisted, 4 times"): 2}


class Replaying(FakeProvider):
    """Remembers answers by the key of the call, as Resend does, and needs the very same bytes."""

    def __init__(self, size: int = 2) -> None:
        super().__init__(size=size, can_search=False)
        self.limits = replace(self.limits, replays=True, remembers=timedelta(hours=24))
        self.bodies: dict[str, bytes] = {}

    def submit(self, payload: Payload) -> Handover:
        self.before()
        self.bodies[payload.batch_id] = payload.body
        receipts = tuple(self._take(message) for message in payload.messages)
        self.after()
        return Handover(receipts)

    def reconcile(self, batch, *, now):
        if batch.id in self.bodies:
            assert self.bodies[batch.id] == batch.body
        else:
            self.bodies[batch.id] = batch.body
            for key in batch.send_keys:
                self.taken[key] += 1
        return {key: Receipt(key, Answer.SUBMITTED, f"id-{key}") for key in batch.send_keys}


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_provider_that_knows_a_call_again_is_given_it_again_at_once(db, where):
    owe(db, 6)
    provider, time = Replaying(), Time()
    setattr(provider, where, raiser(None, OutcomeUnknown("no answer")))
    send(db, provider, time)
    assert states(db) == {DeliveryState.SUBMITTED: 6}
    assert set(provider.taken.values()) == {1}


def test_a_call_that_it_has_forgotten_is_not_given_again(db):
    owe(db, 2)
    provider, time = Replaying(), Time()
    provider.limits = replace(provider.limits, lookup_after=timedelta(minutes=1))
    provider.after = raiser(OutcomeUnknown("no answer"))
    send(db, provider, time)
    time.moment += timedelta(hours=25)
    send(db, provider, time)
    assert states(db) == {DeliveryState.UNKNOWN: 2}
    assert set(provider.taken.values()) == {1}


def test_a_call_that_would_come_out_otherwise_now_is_not_given_again(db):
    owe(db, 2)
    provider, time = Replaying(), Time()
    provider.limits = replace(provider.limits, lookup_after=timedelta(minutes=1))
    provider.after = raiser(OutcomeUnknown("no answer"))
    send(db, provider, time)
    time.moment += timedelta(minutes=2)
    db.execute("UPDATE batches SET body_hash = 'of other bytes'")
    db.conn.commit()
    send(db, provider, time)
    assert states(db) == {DeliveryState.UNKNOWN: 2}
    assert set(provider.taken.values()) == {1}


@pytest.mark.parametrize("on_unknown", list(OnUnknown))
def test_where_nobody_can_tell_the_author_has_chosen(db, on_unknown):
    owe(db, 4)
    provider, time = FakeProvider(size=2, can_search=False), Time()
    provider.after = raiser(OutcomeUnknown("no answer"))
    terms = Terms(on_unknown=on_unknown)
    send(db, provider, time, terms)
    assert states(db) == {DeliveryState.SUBMITTED: 2, DeliveryState.UNKNOWN: 2}
    time.moment += timedelta(minutes=31)
    send(db, provider, time, terms)
    if on_unknown is OnUnknown.HOLD:
        assert states(db) == {DeliveryState.SUBMITTED: 2, DeliveryState.UNKNOWN: 2}
        assert set(provider.taken.values()) == {1}
    else:
        assert states(db) == {DeliveryState.SUBMITTED: 4}
        assert sorted(provider.taken.values()) == [1, 1, 2, 2]


@pytest.mark.parametrize("as_sent", [True, False])
def test_a_person_may_say_what_became_of_letters_without_an_answer(db, as_sent):
    owe(db, 4)
    provider = FakeProvider(size=2, can_search=False)
    provider.after = raiser(OutcomeUnknown("no answer"))
    send(db, provider)
    assert steering_store.decide_unknown(db, KEY, as_sent=as_sent) == 2
    send(db, provider)
    assert states(db) == {DeliveryState.SUBMITTED: 4}
    assert sum(provider.taken.values()) == (4 if as_sent else 6)
    assert store.load_mailing(db, KEY).state is MailingState.CLOSED


def test_no_answers_any_more_end_the_run_before_many_are_unknown(db):
    owe(db, 20)
    provider = FakeProvider(size=2, can_search=False)
    provider.after = raiser(*[OutcomeUnknown("no answer")] * 20)
    with pytest.raises(OutcomeUnknown):
        send(db, provider)
    assert states(db) == {DeliveryState.UNKNOWN: 4, DeliveryState.PENDING: 16}


def test_an_error_in_our_own_code_leaves_a_true_state(db):
    owe(db, 4)
    provider = FakeProvider(size=2)
    provider.after = raiser(None, KeyError("Messages"))
    with pytest.raises(OutcomeUnknown, match="fake: KeyError in our code"):
        send(db, provider)
    assert states(db) == {DeliveryState.SUBMITTED: 2, DeliveryState.UNKNOWN: 2}


class Slow(FakeProvider):
    """Answers only when as many calls are under way as it was told to expect."""

    def __init__(self, connections: int) -> None:
        super().__init__(size=2)
        self.limits = replace(self.limits, connections=connections)
        self.together = threading.Barrier(connections)

    def submit(self, payload: Payload) -> Handover:
        self.together.wait(10)
        return super().submit(payload)


def test_several_calls_are_under_way_at_once_and_each_is_recorded(db):
    owe(db, 24)
    provider = Slow(3)
    send(db, provider)
    assert states(db) == {DeliveryState.SUBMITTED: 24}
    assert set(provider.taken.values()) == {1}


def test_when_one_of_several_calls_fails_the_others_are_recorded_before_it_is_told(db):
    owe(db, 6)
    provider = Slow(3)
    lock, errors = threading.Lock(), [AccountHalted("the key is wrong")]

    def one_fails() -> None:
        with lock:
            if errors:
                raise errors.pop()

    provider.before = one_fails
    with pytest.raises(AccountHalted):
        send(db, provider)
    assert states(db) == {DeliveryState.SUBMITTED: 4, DeliveryState.PENDING: 2}


def take_lease(db: Database, folder, now=NOON) -> Callable[[], None]:
    held = lease(db, folder, KEY, now=now)
    held.__enter__()
    return lambda: held.__exit__(None, None, None)


def test_another_machine_that_gives_signs_of_life_is_left_alone(db, tmp_path, monkeypatch):
    owe(db, 2)
    monkeypatch.setattr("socket.gethostname", lambda: "one")
    end = take_lease(db, tmp_path / "one")
    monkeypatch.setattr("socket.gethostname", lambda: "two")
    from delivery.errors import AlreadySending

    with pytest.raises(AlreadySending, match="another machine"):
        take_lease(db, tmp_path / "two", NOON + timedelta(minutes=1))
    take_lease(db, tmp_path / "two", NOON + EXPIRES_AFTER + timedelta(seconds=1))()
    end()


def test_a_sender_that_lost_its_lease_can_claim_nothing_more(db, tmp_path, monkeypatch):
    owe(db, 6)
    provider = FakeProvider(size=2)
    monkeypatch.setattr("socket.gethostname", lambda: "one")
    with lease(db, tmp_path / "one", KEY, now=NOON) as sender:
        monkeypatch.setattr("socket.gethostname", lambda: "two")
        late = NOON + EXPIRES_AFTER + timedelta(minutes=1)
        provider.after = raiser_once(lambda: take_lease(db, tmp_path / "two", late))
        send(db, provider, terms=Terms(sender=sender))
    assert states(db) == {DeliveryState.SUBMITTED: 2, DeliveryState.PENDING: 4}


def raiser_once(act: Callable[[], object]) -> Callable[[], None]:
    left = [act]

    def call() -> None:
        if left:
            left.pop()()

    return call


def test_a_network_that_is_down_is_waited_for_and_then_left_to_the_next_run(db):
    owe(db, 4)
    provider, time = FakeProvider(size=2), Time()
    provider.before = raiser(*[NotSent("no connection")] * 9)
    with pytest.raises(NotSent):
        send(db, provider, time)
    assert time.slept == [1.0, 5.0, 25.0]
    assert states(db) == {DeliveryState.PENDING: 4}


def test_what_cannot_be_written_is_given_back_before_it_is_told(db):
    owe(db, 4)
    nobody = Readers(gone=lambda ids: {}, values=lambda delivery: {})
    with pytest.raises(AttributeError, match="no values"):
        send(db, Wordless(), readers=nobody)
    assert states(db) == {DeliveryState.PENDING: 4}


class Wordless(FakeProvider):
    """Cannot make a letter of what it is given."""

    def encode(self, batch_id, letter, messages, *, now):
        raise AttributeError("no values")


def test_a_sender_is_alive_while_a_call_takes_long(db, monkeypatch):
    monkeypatch.setattr("delivery.run._BEAT", 0.02)
    owe(db, 2)
    provider, time = FakeProvider(size=2), Time()
    seen: list[str] = []

    def slowly() -> None:
        other = Database(str(db.conn.execute("PRAGMA database_list").fetchone()[2]))
        for minute in range(1, 4):
            time.moment = NOON + timedelta(minutes=minute)
            seen.append(_changed(other, seen))
        other.close()

    provider.before = slowly
    send(db, provider, time)
    assert seen == [(NOON + timedelta(minutes=n)).isoformat() for n in (1, 2, 3)]


def _changed(db: Database, seen: list[str]) -> str:
    """The sender's last sign of life, as soon as it is another than those before."""
    for _ in range(500):
        beat = str(next(db.query("SELECT beat FROM mailings"))["beat"])
        if beat not in (*seen, NOON.isoformat()):
            return beat
        threading.Event().wait(0.02)
    return "none"

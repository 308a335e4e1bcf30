"""Sending, and what a crash or a silent provider leaves: never twice, never lost."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from delivery import count_store, landing, ledger, run, steering_store, store, unknown
from delivery.errors import OutcomeUnknown, ProviderRefused, ProviderUnavailable
from delivery.mailing import DeliveryState, MailingState, Owed
from delivery.run import Terms, batch_size
from delivery.sending import send_letters
from delivery.writing import Readers
from tests.fakes import LETTER, NOON, FakeProvider, Time, all_stay

KEY = "digest-2026-11"
NAMES = ("ada", "bo", "cy", "di", "ed")


def owe(db: Database, *names: str) -> None:
    audience = [Owed(name, f"{name}@example.com", name.title()) for name in names]
    store.freeze(db, KEY, {"": LETTER}, audience, provider="fake", content_hash="c0", now=NOON)


def send(
    db: Database,
    provider: FakeProvider,
    readers: Readers | None = None,
    time: Time | None = None,
    terms: Terms | None = None,
) -> None:
    mailing = store.load_mailing(db, KEY)
    send_letters(db, mailing, provider, readers or all_stay(), (time or Time()).clock(), terms)


def states(db: Database) -> dict[DeliveryState, int]:
    return dict(count_store.tally(db, KEY).states)


def raiser(*errors: Exception | None) -> Callable[[], None]:
    """Raise these one after the other, one at each call; then nothing."""
    left = list(errors)

    def call() -> None:
        error = left.pop(0) if left else None
        if error is not None:
            raise error

    return call


def test_every_reader_gets_one_letter_and_the_mailing_closes(db):
    owe(db, *NAMES)
    provider = FakeProvider(size=2)
    send(db, provider)
    assert provider.taken == Counter(provider.readers(KEY, *NAMES))
    assert states(db) == {DeliveryState.SUBMITTED: 5}
    assert store.load_mailing(db, KEY).state is MailingState.CLOSED
    assert provider.closed == 1


def test_sending_again_sends_nothing(db):
    owe(db, *NAMES)
    provider = FakeProvider()
    send(db, provider)
    send(db, provider)
    assert set(provider.taken.values()) == {1}


def test_somebody_who_leaves_in_the_middle_gets_none_of_the_later_batches(db):
    owe(db, *NAMES)
    provider = FakeProvider(size=2)
    left: dict[str, str] = {}
    provider.after = lambda: left.update(di="suppressed", ed="unsubscribed")
    readers = Readers(lambda ids: {i: left[i] for i in ids if i in left}, all_stay().values)
    send(db, provider, readers)
    assert sorted(provider.taken) == provider.readers(KEY, "ada", "bo", "cy")
    assert count_store.tally(db, KEY).reasons == {
        (DeliveryState.SKIPPED, "suppressed"): 1,
        (DeliveryState.SKIPPED, "unsubscribed"): 1,
    }


def test_a_batch_of_people_who_all_left_is_not_the_end(db):
    owe(db, *NAMES)
    provider = FakeProvider(size=2)
    readers = Readers(
        lambda ids: {i: "suppressed" for i in ids if i in ("ada", "bo")}, all_stay().values
    )
    send(db, provider, readers)
    assert sorted(provider.taken) == provider.readers(KEY, "cy", "di", "ed")


def test_one_refused_reader_does_not_stop_the_others(db):
    owe(db, *NAMES)
    provider = FakeProvider()
    provider.refuses = {"bo@example.com"}
    send(db, provider)
    assert states(db) == {DeliveryState.SUBMITTED: 4, DeliveryState.REFUSED: 1}
    assert count_store.tally(db, KEY).reasons == {(DeliveryState.REFUSED, "invalid address"): 1}


def test_a_provider_that_is_busy_is_asked_again_after_the_wait_it_names(db):
    owe(db, "ada")
    provider, time = FakeProvider(), Time()
    provider.before = raiser(ProviderUnavailable("busy", wait=7), ProviderUnavailable("busy"))
    send(db, provider, time=time)
    assert time.slept == [7, 5]
    assert states(db) == {DeliveryState.SUBMITTED: 1}


def test_a_provider_that_stays_away_leaves_everybody_pending(db):
    owe(db, *NAMES)
    provider = FakeProvider()
    provider.before = raiser(*[ProviderUnavailable("away")] * 9)
    with pytest.raises(ProviderUnavailable):
        send(db, provider)
    assert states(db) == {DeliveryState.PENDING: 5}
    assert store.load_mailing(db, KEY).state is MailingState.SENDING


def test_a_refused_account_pauses_the_mailing_with_the_reason(db):
    owe(db, *NAMES)
    provider = FakeProvider()
    provider.before = raiser(None, ProviderRefused("the account is out of credits"))
    with pytest.raises(ProviderRefused):
        send(db, provider)
    assert states(db) == {DeliveryState.SUBMITTED: 2, DeliveryState.PENDING: 3}
    assert count_store.paused_mailings(db) == {KEY: "the account is out of credits"}


def test_silence_is_never_answered_with_a_second_letter(db):
    owe(db, *NAMES)
    provider, time = FakeProvider(size=2, can_search=False), Time()
    provider.after = raiser(None, OutcomeUnknown("no answer"))
    send(db, provider, time=time)
    assert states(db) == {DeliveryState.SUBMITTED: 3, DeliveryState.UNKNOWN: 2}
    time.moment += timedelta(days=30)
    send(db, provider, time=time)
    assert states(db) == {DeliveryState.SUBMITTED: 3, DeliveryState.UNKNOWN: 2}
    assert set(provider.taken.values()) == {1}
    assert store.load_mailing(db, KEY).state is MailingState.SENDING


def test_a_provider_that_remembers_settles_what_was_unknown(db):
    owe(db, *NAMES)
    provider = FakeProvider(size=2)
    provider.after = raiser(OutcomeUnknown("no answer"))
    send(db, provider)
    send(db, provider)
    assert states(db) == {DeliveryState.SUBMITTED: 5}
    assert set(provider.taken.values()) == {1}


def test_absence_is_believed_only_when_the_provider_has_had_its_time(db):
    owe(db, "ada")
    provider, time = FakeProvider(), Time()
    provider.before = raiser(OutcomeUnknown("it never got there"))
    send(db, provider, time=time)
    send(db, provider, time=time)
    assert states(db) == {DeliveryState.UNKNOWN: 1}
    time.moment += timedelta(minutes=11)
    send(db, provider, time=time)
    assert states(db) == {DeliveryState.SUBMITTED: 1}
    assert set(provider.taken.values()) == {1}


def test_a_batch_is_bounded_by_bytes_as_well(db):
    limits = FakeProvider(size=500).limits
    assert batch_size(LETTER, limits) == 500
    small = type(limits)(letters=500, bytes=5000)
    assert 1 <= batch_size(LETTER, small) <= 4


class Crash(BaseException):
    """The machine stops here."""


class CrashingLedger:
    """The ledger, stopping the machine before or after its n-th call."""

    def __init__(self, at: int, *, after: bool) -> None:
        self._left, self._after = at, after

    def __getattr__(self, name: str):
        real = getattr(ledger, name)

        def call(*args, **kwargs):
            self._left -= 1
            if self._left < 0 or (self._left == 0 and not self._after):
                raise Crash
            result = real(*args, **kwargs)
            if self._left == 0:
                raise Crash
            return result

        return call


@given(
    crashes=st.lists(st.tuples(st.integers(1, 14), st.booleans()), max_size=4),
    can_search=st.booleans(),
    size=st.integers(1, 3),
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_crash_at_any_step_doubles_nobody_and_loses_nobody(
    tmp_path_factory, monkeypatch, crashes, can_search, size
):
    from flows.database import open_database

    db = open_database(tmp_path_factory.mktemp("crash"))
    owe(db, *NAMES)
    provider, time = FakeProvider(size=size, can_search=can_search), Time()
    for at, after in crashes:
        dying = CrashingLedger(at, after=after)
        for module in (run, landing, unknown):
            monkeypatch.setattr(module, "ledger", dying)
        try:
            send(db, provider, time=time)
        except Crash:
            time.moment += timedelta(minutes=11)
    for module in (run, landing, unknown):
        monkeypatch.setattr(module, "ledger", ledger)
    send(db, provider, time=time)
    tally = count_store.tally(db, KEY)
    db.close()
    assert set(provider.taken.values()) <= {1}
    assert tally.count(DeliveryState.SUBMITTED, DeliveryState.UNKNOWN) == len(NAMES)
    if can_search:
        assert provider.taken == Counter(provider.readers(KEY, *NAMES))
        assert tally.states == {DeliveryState.SUBMITTED: len(NAMES)}


def test_absence_is_not_believed_of_another_account_or_after_the_provider_forgot(db):
    owe(db, "ada")
    provider, time = FakeProvider(), Time()
    provider.after = raiser(OutcomeUnknown("no answer"))
    send(db, provider, time=time)
    provider.by_batch.clear()
    other = FakeProvider()
    other.account = "two"
    time.moment += timedelta(minutes=11)
    send(db, other, time=time)
    provider.limits = replace(provider.limits, remembers=timedelta(days=40))
    time.moment += timedelta(days=41)
    send(db, provider, time=time)
    assert states(db) == {DeliveryState.UNKNOWN: 1}
    assert (sum(provider.taken.values()), sum(other.taken.values())) == (1, 0)


def test_an_account_refused_message_by_message_pauses_and_uses_nobody_up(db):
    owe(db, *NAMES)
    provider = FakeProvider(size=2)
    provider.not_now = {"bo@example.com"}
    with pytest.raises(ProviderRefused, match="out of credits"):
        send(db, provider)
    assert states(db) == {DeliveryState.SUBMITTED: 1, DeliveryState.PENDING: 4}
    assert count_store.paused_mailings(db) == {KEY: "out of credits"}
    provider.not_now = set()
    steering_store.take_up(db, KEY, now=NOON)
    send(db, provider)
    assert set(provider.taken.values()) == {1}
    assert states(db) == {DeliveryState.SUBMITTED: 5}

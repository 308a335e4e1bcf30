"""A mailing through anything that may happen to it, in any order: nobody twice, nobody lost."""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from delivery import count_store, landing, ledger, people_store, run, steering_store, store, unknown
from delivery.errors import (
    AccountHalted,
    AddressRefused,
    DeliveryError,
    NotSent,
    OutcomeUnknown,
    Throttled,
)
from delivery.events.applying import apply_events
from delivery.events.event import Event, EventKind
from delivery.events.store import keep
from delivery.mailing import MailingState, Owed
from delivery.message import Answer, Handover, Payload, Receipt
from delivery.run import Terms
from delivery.sending import send_letters
from delivery.writing import Readers
from flows.database import open_database
from tests.delivery.test_run import KEY, Replaying
from tests.delivery.test_sending import Crash, CrashingLedger
from tests.fakes import LETTER, NOON, FakeProvider, Time, all_stay

READERS = 12
NAMES = [f"p{n}" for n in range(READERS)]
who = st.sampled_from(NAMES)
TROUBLES: dict[str, Callable[[], Exception]] = {
    "not sent": lambda: NotSent("no connection"),
    "throttled": lambda: Throttled("slower", wait=3),
    "resting": lambda: Throttled("much slower", wait=4000),
    "halted": lambda: AccountHalted("no credits"),
    "bad address": lambda: AddressRefused("one of them"),
}
troubles = st.lists(st.sampled_from([*TROUBLES, "", "silent before", "silent after"]), max_size=4)


class Mangling:
    """Mixed into a provider: what happens at each call, one after the other; then nothing."""

    script: list[str]

    def submit(self, payload: Payload) -> Handover:
        what = self.script.pop(0) if self.script else ""
        if what in TROUBLES:
            raise TROUBLES[what]()
        if what == "silent before":
            raise OutcomeUnknown("no answer")
        handover = super().submit(payload)  # type: ignore[misc]
        if what == "silent after":
            raise OutcomeUnknown("no answer")
        return handover


class Knowing(Mangling, Replaying):
    """Knows a call again."""


class Searched(Mangling, FakeProvider):
    """Can be asked."""


class Mumbling(Searched):
    """Forgets, and sometimes hangs up in the middle of a call, as a mail server does."""

    def submit(self, payload: Payload) -> Handover:
        if self.script[:1] != ["hangs up"]:
            return super().submit(payload)
        self.script.pop(0)
        first, *rest = payload.messages
        taken = self._take(first)
        unknown_one = [Receipt(m.send_key, Answer.UNKNOWN) for m in rest[:1]]
        later = [Receipt(m.send_key, Answer.NOT_NOW) for m in rest[1:]]
        return Handover((taken, *unknown_one, *later), OutcomeUnknown("it hung up"))


class Life(RuleBasedStateMachine):
    """One mailing to twelve readers."""

    @initialize(kind=st.sampled_from([Knowing, Searched, Mumbling]), size=st.integers(1, 5))
    def begin(self, kind: type[FakeProvider], size: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.db = open_database(Path(self.folder.name))
        people = [Owed(name, f"{name}@example.com", name) for name in NAMES]
        store.freeze(self.db, KEY, {"": LETTER}, people, provider="x", content_hash="c", now=NOON)
        self.provider = kind(size=size)
        if kind is Mumbling:
            self.provider.can_search = False
            self.provider.limits = FakeProvider(size=size, can_search=False).limits
        self.provider.script = []
        self.time, self.left, self.erased = Time(), set(), set()

    @rule(script=troubles, hangs_up=st.booleans())
    def send(self, script: list[str], hangs_up: bool) -> None:
        mumbles = hangs_up and isinstance(self.provider, Mumbling)
        self.provider.script = [*(["hangs up"] if mumbles else []), *script]
        self._send()

    @rule(at=st.integers(1, 12), after=st.booleans(), script=troubles)
    def crash(self, at: int, after: bool, script: list[str]) -> None:
        self.provider.script = script
        dying = CrashingLedger(at, after=after)
        for module in (run, landing, unknown):
            module.ledger = dying
        try:
            self._send()
        finally:
            for module in (run, landing, unknown):
                module.ledger = ledger

    @rule(minutes=st.integers(1, 90))
    def wait(self, minutes: int) -> None:
        self.time.moment += timedelta(minutes=minutes)

    @rule(name=who)
    def leave(self, name: str) -> None:
        self.left.add(name)

    @rule(name=who)
    def erase(self, name: str) -> None:
        self.left.add(name)
        self.erased.add(name)
        people_store.forget(self.db, name, reason="erased")

    @rule()
    def pause(self) -> None:
        steering_store.pause(self.db, KEY, "you paused it")

    @rule()
    def resume(self) -> None:
        steering_store.take_up(self.db, KEY, now=self.time.moment)

    @precondition(lambda self: self.time.moment > NOON + timedelta(hours=2))
    @rule()
    def cancel(self) -> None:
        steering_store.cancel(self.db, KEY, now=self.time.moment)

    @rule()
    def decide(self) -> None:
        """A person looks at the provider's pages, and says that what is there was sent."""
        missing = [d for d in self._states("unknown") if d not in self._taken()]
        if not missing:
            steering_store.decide_unknown(self.db, KEY, as_sent=True)

    @rule(name=who, kind=st.sampled_from([EventKind.DELIVERED, EventKind.COMPLAINED]))
    def hear(self, name: str, kind: EventKind) -> None:
        if name not in self._taken():
            return
        told = Event(dedupe=f"{kind}{name}", kind=kind, occurred=NOON, send_key=f"{KEY}.{name}")
        with self.db.atomic():
            keep(self.db, "fake", [told], now=self.time.moment)
        apply_events(self.db, lambda verdict: None, now=self.time.moment)

    def _send(self) -> None:
        try:
            self._send_letters()
        except (DeliveryError, Crash):
            self.provider.script = []

    def _send_letters(self) -> None:
        readers = Readers(lambda ids: {i: "left" for i in ids if i in self.left}, all_stay().values)
        mailing = store.load_mailing(self.db, KEY)
        send_letters(self.db, mailing, self.provider, readers, self.time.clock(), Terms())

    def _taken(self) -> set[str]:
        return {key.rpartition(".")[2] for key in self.provider.taken}

    def _states(self, *states: str) -> set[str]:
        rows = self.db.query("SELECT subscriber_id, state FROM deliveries")
        return {row["subscriber_id"] for row in rows if row["state"] in states}

    @invariant()
    def nobody_has_two(self) -> None:
        assert set(self.provider.taken.values()) <= {1}

    @invariant()
    def whoever_has_it_is_not_owed_it(self) -> None:
        assert not self._taken() & self._states("pending", "skipped", "refused")

    @invariant()
    def whoever_is_said_to_have_it_has_it(self) -> None:
        assert self._states("submitted") <= self._taken()

    @invariant()
    def the_numbers_agree(self) -> None:
        tally = count_store.tally(self.db, KEY)
        progress = count_store.load_progress(self.db, KEY, now=self.time.moment)
        assert sum(tally.states.values()) == READERS
        assert progress.pending == len(self._states("pending"))
        assert progress.unknown == len(self._states("unknown"))
        # What an event tells of a call that died is counted when the next run finds it.
        assert progress.taken <= len(self._states("submitted"))

    def teardown(self) -> None:
        """In the end everybody is somewhere, and only where nobody can know it is unknown."""
        self.provider.script = []
        for _ in range(3):
            self.resume()
            self.time.moment += timedelta(hours=2)
            self._send_letters()
        ended = self._states("submitted", "refused", "skipped", "unknown")
        assert ended == set(NAMES)
        # A call with somebody in it who was erased can be asked about, but not made again.
        knows = isinstance(self.provider, Searched) or not self.erased
        if knows and not isinstance(self.provider, Mumbling):
            assert not self._states("unknown")
        if not self._states("unknown"):
            over = (MailingState.CLOSED, MailingState.CANCELLED)
            assert store.load_mailing(self.db, KEY).state in over
        progress = count_store.load_progress(self.db, KEY, now=self.time.moment)
        assert progress.taken == len(self._states("submitted"))
        self.nobody_has_two()
        self.whoever_has_it_is_not_owed_it()
        self.db.close()
        self.folder.cleanup()


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)

"""Any history at all: nobody who left, complained or never said yes is written to.

What should be is told here in a few words of its own, beside the product's tables.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import BytesIO

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition
from hypothesis.stateful import rule as step
from sqlite_utils import Database

from subscribers import schema, store
from subscribers.address import read_address
from subscribers.consent import Ruling
from subscribers.fingerprint import Fingerprints
from subscribers.joining.form import Form
from subscribers.joining.sign_up import DAY, LIFETIME, MONTH, MOST_A_DAY, MOST_A_MONTH
from subscribers.joining.steps import Joining, Visit
from subscribers.leaving.erasure_store import erase
from subscribers.leaving.store import may_undo, restore, withdraw
from subscribers.lists.importing import import_list
from subscribers.preference_store import save_preferences
from subscribers.suppression import Reason
from subscribers.suppression_store import suppress
from tests.fakes import NOON

KEYS = Fingerprints(["a key of a test"])
EVERYBODY = st.sampled_from(["ada@example.com", "bo@example.com"])
OURS = st.sampled_from([Reason.BOUNCED, Reason.COMPLAINED, Reason.BLOCKED])


@dataclass
class Person:
    """What should be true of one address; `state` is '' for who is on no list."""

    state: str = ""
    confirmed: bool = False
    proved: bool = False  # there is more evidence than a form that anybody may have sent
    left: datetime | None = None  # by their own hand
    barred: bool = False
    erased: bool = False
    paused: date = date.min
    letters: list[datetime] = field(default_factory=list)

    def should_be_written_to(self, today: date) -> bool:
        return self.state == "active" and not self.barred and self.paused <= today


@dataclass
class Asked:
    """A confirmation that lies in a mailbox."""

    id: str
    who: str
    at: datetime
    alive: bool


class Life(RuleBasedStateMachine):
    """Forms, links, lists, events and the author, in any order, over years."""

    def __init__(self) -> None:
        super().__init__()
        self.db = Database(memory=True)
        schema.migrations.apply(self.db)
        self.joining = Joining(self._owe, KEYS, welcomes=True)
        self.people = {who: Person() for who in ("ada@example.com", "bo@example.com")}
        self.asked: list[Asked] = []
        self.now = NOON

    def _owe(self, db, request, kind, language, *, already=False) -> None:
        person = self.people[request.address_key]
        if kind == "welcome":
            return
        assert not person.barred
        person.letters.append(self.now)
        self.asked.append(Asked(request.id, request.address_key, self.now, kind == "confirm"))

    def _visit(self) -> Visit:
        return Visit(at=self.now, ip="", agent="", source="a form", language="en")

    def _id_of(self, who: str) -> str:
        found = store.find_by_key(self.db, who)
        return found.id if found else "nobody"

    def _letters_die(self, who: str) -> None:
        for request in self.asked:
            request.alive = request.alive and request.who != who

    @step(days=st.sampled_from([0.01, 0.5, 1, 7, 29, 30, 400]))
    def time_passes(self, days: float) -> None:
        self.now += timedelta(days=days)

    @step(who=EVERYBODY, name=st.sampled_from(["", "Mallory"]))
    def somebody_types_an_address_into_the_form(self, who: str, name: str) -> None:
        person, form = self.people[who], Form(email=who, name=name)
        before, rows = len(person.letters), self._rows()
        self.joining.sign_up(self.db, read_address(who), form, "Yes, please.", self._visit())
        self._strangers_are_forgotten(rows)
        if len(person.letters) > before:
            person.state = person.state or "pending"

    @step(who=EVERYBODY)
    def somebody_searches_for_a_link(self, who: str) -> None:
        rows = self._rows()
        self.joining.search(self.db, read_address(who), self._visit())
        self._strangers_are_forgotten(rows)

    def _rows(self) -> dict[str, str]:
        return {person.address_key: person.id for person in store.all_subscribers(self.db)}

    def _strangers_are_forgotten(self, before: dict[str, str]) -> None:
        """Whose row is not the one of before: they never said yes, nor did the author for them."""
        for who in before.keys() - {key for key, i in self._rows().items() if i == before.get(key)}:
            person = self.people[who]
            assert (person.state, person.proved) == ("pending", False)
            assert all(self.now - at >= LIFETIME for at in person.letters if at < self.now)
            person.state, person.paused = "", date.min

    @precondition(lambda self: self.asked)
    @step(data=st.data())
    def the_owner_presses_the_button_of_a_letter(self, data: st.DataObject) -> None:
        request = data.draw(st.sampled_from(self.asked))
        works = request.alive and self.now - request.at < LIFETIME
        done = self.joining.confirm(self.db, request.id, self._visit())
        assert (done is not None) == works
        if works:
            person = self.people[request.who]
            person.state, person.confirmed, person.erased = "active", True, False
            person.proved = True

    @step(who=EVERYBODY, source=st.sampled_from(["page", "one-click", "preferences"]))
    def a_reader_leaves(self, who: str, source: str) -> None:
        withdraw(self.db, self._id_of(who), source=source, now=self.now)
        self._gone(who, by_themselves=True)

    def _gone(self, who: str, *, by_themselves: bool) -> None:
        person = self.people[who]
        if person.state in ("active", "pending"):
            person.state, person.left = "gone", self.now if by_themselves else None
            person.proved = True
            self._letters_die(who)

    @step(who=EVERYBODY)
    def a_reader_takes_it_back(self, who: str) -> None:
        person = self.people[who]
        soon = person.left is not None and self.now - person.left < DAY
        works = person.state == "gone" and soon and not person.barred
        assert may_undo(self.db, self._id_of(who), self.now) == works
        if works:
            restore(self.db, self._id_of(who), source="undo", now=self.now)
            person.state = "active" if person.confirmed else "pending"

    @step(who=EVERYBODY, word=st.sampled_from(["active", "pending", "unsubscribed"]))
    def the_author_imports_a_list(self, who: str, word: str) -> None:
        person = self.people[who]
        file = BytesIO(f"email,status\n{who},{word}\n".encode())
        done = import_list(self.db, file, "list.csv", now=self.now, fingerprints=KEYS)
        if person.state == "gone" or person.barred or person.erased:
            return
        person.proved = person.proved or not done.counts["unchanged"]
        if word == "unsubscribed":
            person.state = person.state or "pending"
            self._gone(who, by_themselves=False)
        elif word == "active":
            person.state, person.confirmed = "active", True
        else:
            person.state = person.state or "pending"

    @step(who=EVERYBODY, reason=OURS)
    def a_mailbox_dies_or_its_owner_complains(self, who: str, reason: Reason) -> None:
        suppress(self.db, who, reason, evidence="an event", now=self.now)
        self.people[who].barred = True

    @step(who=EVERYBODY, days=st.integers(-1, 366))
    def a_reader_takes_a_break(self, who: str, days: int) -> None:
        person = self.people[who]
        if person.state not in ("active", "pending"):
            return
        person.paused = self.now.date() + timedelta(days=days)
        wish = {"name": "", "language": "", "frequency": "monthly", "wants_offers": 1}
        wish["paused_until"] = person.paused.isoformat()
        save_preferences(self.db, self._id_of(who), wish, source="page", now=self.now)

    @step(who=EVERYBODY)
    def a_reader_is_erased(self, who: str) -> None:
        person = self.people[who]
        if not person.state:
            return
        erase(self.db, self._id_of(who), KEYS, now=self.now)
        self.people[who] = Person(barred=person.barred, erased=True)
        self._letters_die(who)

    @invariant()
    def who_is_written_to_is_who_said_yes_last_and_nobody_else(self) -> None:
        today = self.now.date()
        written = {
            person.address_key
            for person in store.all_subscribers(self.db)
            if person.ruling(today) is Ruling.MAY_SEND
        }
        assert written == {
            who for who, person in self.people.items() if person.should_be_written_to(today)
        }

    @invariant()
    def nobody_is_bombed_by_forms(self) -> None:
        for person in self.people.values():
            for first in person.letters:
                sent = [at - first for at in person.letters if at >= first]
                assert sum(after < DAY for after in sent) <= MOST_A_DAY
                assert sum(after < MONTH for after in sent) <= MOST_A_MONTH

    @invariant()
    def a_person_who_left_is_barred_by_address_too(self) -> None:
        for person in store.all_subscribers(self.db):
            gone = self.people[person.address_key].state == "gone"
            assert (person.status is store.Status.UNSUBSCRIBED) == gone
            assert person.suppressed or not gone

    def teardown(self) -> None:
        self.db.close()


Life.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestNobodyIsWrittenToAgainstTheirWill = Life.TestCase

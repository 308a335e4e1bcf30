"""Whom we may write to, and that nobody who left is ever among them again."""

from collections import Counter
from datetime import timedelta
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant
from hypothesis.stateful import rule as step
from sqlite_utils import Database

from subscribers import schema, store
from subscribers.consent import Ruling, Standing, Status, rule
from subscribers.leaving.store import withdraw
from subscribers.lists.importing import import_list
from tests.fakes import NOON

SPELLINGS = {
    "ada@example.com": ["ada@example.com", "ADA@Example.COM", " Ada@example.com "],
    "bo@xn--bcher-kva.example": ["bo@bücher.example", "Bo@XN--BCHER-KVA.example"],
    "cy@example.com": ["cy@example.com", "CY@example.com"],
}
RULINGS = {
    Status.PENDING: Ruling.UNCONFIRMED,
    Status.ACTIVE: Ruling.MAY_SEND,
    Status.UNSUBSCRIBED: Ruling.UNSUBSCRIBED,
}


@pytest.mark.parametrize(("status", "ruling"), RULINGS.items())
def test_we_write_to_those_who_confirmed_and_to_nobody_else(status: Status, ruling: Ruling) -> None:
    assert rule(Standing(status), NOON.date()) is ruling


def test_a_pause_ends_on_the_day_it_names():
    paused = Standing(Status.ACTIVE, paused_until=NOON.date())
    assert rule(paused, NOON.date() - timedelta(days=1)) is Ruling.PAUSED
    assert rule(paused, NOON.date()) is Ruling.MAY_SEND


@given(st.sampled_from(Status))
def test_nothing_outranks_suppression(status: Status) -> None:
    assert rule(Standing(status, suppressed=True), NOON.date()) is Ruling.SUPPRESSED


@st.composite
def files(draw: st.DrawFn) -> list[tuple[str, str, str, str]]:
    """Rows of a list: who, in which spelling, name, status. Some files have a row twice."""
    everybody = st.lists(st.sampled_from(sorted(SPELLINGS)), min_size=1, max_size=4)
    return [
        (
            who,
            draw(st.sampled_from(SPELLINGS[who])),
            draw(st.sampled_from(["", "Ada", "Someone else"])),
            draw(st.sampled_from(["", "active", "pending", "unsubscribed", "Cancelled"])),
        )
        for who in draw(everybody)
    ]


class Life(RuleBasedStateMachine):
    """Lists come in, again and again, in any state; people leave. What does the list say?"""

    def __init__(self) -> None:
        super().__init__()
        self.db = Database(memory=True)
        schema.migrations.apply(self.db)
        self.expected: dict[str, Status] = {}
        self.gone: set[str] = set()
        self.now = NOON

    @step(rows=files())
    def a_list_is_imported(self, rows: list[tuple[str, str, str, str]]) -> None:
        text = "\n".join(["email,name,status", *(",".join(row[1:]) for row in rows)])
        self.now += timedelta(days=1)
        import_list(self.db, BytesIO(text.encode()), "list.csv", now=self.now)
        if len({who for who, *_ in rows}) == len(rows):  # a file with a row twice is refused
            for who, _, _, word in rows:
                self._told(who, word.lower())

    @step(who=st.sampled_from(sorted(SPELLINGS)), source=st.sampled_from(["page", "one-click"]))
    def somebody_leaves(self, who: str, source: str) -> None:
        person = store.find_by_key(self.db, who)
        if person:
            self.now += timedelta(days=1)
            withdraw(self.db, person.id, source=source, now=self.now)
            self._told(who, "unsubscribed")

    def _told(self, who: str, word: str) -> None:
        """What a list or a person says of somebody changes what we know, unless they left."""
        if who in self.gone:
            return
        if word in ("unsubscribed", "cancelled"):
            self.gone.add(who)
            self.expected[who] = Status.UNSUBSCRIBED
        elif word == "pending":
            self.expected.setdefault(who, Status.PENDING)
        else:
            self.expected[who] = Status.ACTIVE

    @invariant()
    def nobody_who_left_is_written_to(self) -> None:
        assert {
            person.address_key
            for person in store.all_subscribers(self.db)
            if person.ruling(NOON.date()) is Ruling.MAY_SEND
        } == {who for who, status in self.expected.items() if status is Status.ACTIVE} - self.gone

    @invariant()
    def everybody_stands_where_the_last_word_put_them(self) -> None:
        people = list(store.all_subscribers(self.db))
        assert {person.address_key: person.status for person in people} == self.expected
        assert {person.address_key for person in people if person.suppressed} == self.gone

    @invariant()
    def each_departure_has_its_evidence_once(self) -> None:
        rows = self.db.query(
            """SELECT address_key FROM consents JOIN subscribers s ON s.id = subscriber_id
                WHERE action = 'withdrawn'"""
        )
        assert Counter(row["address_key"] for row in rows) == Counter(self.gone)

    def teardown(self) -> None:
        self.db.close()


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
TestNobodyWhoLeftComesBack = Life.TestCase

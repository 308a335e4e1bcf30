"""Ten years of months on a virtual clock: machines that sleep, runs that come twice, late or never,
clocks that change. Real deciders, real SQLite; no letter is rendered.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import content.approval_store
import content.ledger
import content.store
from content.choice import digest_key, period_of
from content.edition import EditionState
from content.health import FeedHealth
from content.health_store import save_health
from content.period import Period
from delivery.message import Answer, Receipt
from delivery.notes import ledger as note_ledger
from delivery.notes.note import OwedNote
from delivery.timing import Clock
from flows.author import deciding
from flows.author.tickets import draft_note_id
from flows.editions.preparing import period_due
from flows.resources import Resources, open_resources
from flows.schedule import IfMissed
from tests.content.shelf import draft
from tests.flows.homes import bring_in, change

BEGIN, END = Period(2026, 12), Period(2036, 11)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOTICE = 24 * HOUR


@dataclass
class World:
    """A newsletter of ten years. `edits` is how often a draft is not what the one before was."""

    resources: Resources
    chance: random.Random
    edits: float
    now: datetime = datetime(2026, 12, 31, tzinfo=UTC)
    sent: dict[Period, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    planned: dict[Period, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        clock = Clock(now=lambda: self.now, sleep=lambda _: None)
        self.resources = replace(self.resources, clock=clock)

    def run(self, at: datetime | None) -> None:
        """The scheduled run of a digest: what `jobs.monthly_digest` does, without the letter."""
        if deciding.skip_if_missed(self.resources, None, at):
            return
        key = digest_key(period_due(self.resources, None, at))
        known = content.store.find_edition(self.resources.db, key)
        if known is None or known.state in (EditionState.DRAFT, EditionState.SKIPPED):
            self._decide(key)

    def dispatch(self) -> None:
        """What `jobs.dispatch` does of it."""
        for key in deciding.drafts_due(self.resources):
            self._decide(key)

    def keep_house(self) -> None:
        if due := deciding.find_missed(self.resources):
            self.run(due)

    def _decide(self, key: str) -> None:
        is_edited = self.chance.random() < self.edits
        words = f"{key} {self.chance.random()}" if is_edited else key
        draft(self.resources.db, key=key, words=words, now=self.now)
        made = content.store.get_edition(self.resources.db, key)
        outcome = deciding.let_go(self.resources, key, made.content_hash, False)
        if outcome.send_after:
            self.planned[period_of(key)] = outcome.send_after
            self._announce(key)
        if outcome.state is EditionState.APPROVED:
            content.store.begin_mailing(self.resources.db, key)
            content.store.close_edition(self.resources.db, key, now=self.now)
            self.sent[period_of(key)].append(self.now)

    def _announce(self, key: str) -> None:
        db, edition = self.resources.db, content.store.get_edition(self.resources.db, key)
        note = OwedNote(id=draft_note_id(edition), kind="draft", subscriber_id="")
        if note_ledger.owe_note(db, note, now=self.now):
            note_ledger.claim_note(db, note, account="here", now=self.now)
            receipt = Receipt(note.send_key, Answer.SUBMITTED)
            note_ledger.record_receipt(db, note, receipt, now=self.now)


def months() -> Iterator[Period]:
    period = BEGIN
    while period <= END:
        yield period
        period = period.following()


def sleeps(chance: random.Random) -> list[tuple[datetime, datetime]]:
    """When the machine is off: hours or weeks, some forty times in ten years."""
    naps = []
    for _ in range(40):
        begins = datetime(2026, 12, 31, tzinfo=UTC) + chance.random() * 3650 * DAY
        naps.append((begins, begins + chance.choice([2 * HOUR, DAY, 3 * DAY, 20 * DAY, 70 * DAY])))
    return naps


def live(world: World, naps: list[tuple[datetime, datetime]], *, forgets: bool) -> None:
    """Ten years. A run that falls into a nap comes after it, or never where Prefect `forgets`."""
    schedule, chance = world.resources.schedule, world.chance
    events: list[tuple[datetime, int, datetime | None]] = []

    def add(when: datetime, kind: int, at: datetime | None = None) -> None:
        asleep = [end for start, end in naps if start <= when < end]
        if not asleep:
            events.append((when, kind, at))
        elif not forgets or kind:
            events.append((max(asleep), kind, at))

    for period in months():
        due = schedule.due(period)
        late = chance.choice([-2, 0, 8, 90]) * timedelta(seconds=1)
        for _ in range(chance.choice([1, 1, 2])):
            add(due + late, 0, due)
            late += chance.choice([timedelta(), MINUTE, 5 * HOUR])
        for after in (5 * MINUTE, HOUR, NOTICE + 10 * MINUTE, 2 * NOTICE + 20 * MINUTE):
            add(due + after, 1)
        for day in (1.1, 2.1, 9.0):
            add(due + day * DAY, 2)
    for when, kind, at in sorted(events, key=lambda event: (event[0], event[1])):
        world.now = when
        [lambda at=at: world.run(at), world.dispatch, world.keep_house][kind]()


def settings(home: Path, zone: str, day: int, at: str, approval: str, if_missed: str) -> None:
    change(home, "virtual_now = 2026-12-01T09:00:00-08:00\n", "")
    change(home, 'zone = "America/Los_Angeles"', f'zone = "{zone}"')
    change(home, 'approval = "none"', f'approval = "{approval}"')
    asked = f'[author]\naddress = "ada@clinic.example"\n\n[schedule]\nday = {day}\nat = "{at}"\n'
    change(home, "[letter]", f'{asked}if_missed = "{if_missed}"\n\n[letter]')


WORLDS = [
    ("America/Los_Angeles", 1, "09:00", "none", "ask"),
    ("Europe/Berlin", 31, "02:30", "none", "skip"),
    ("Australia/Lord_Howe", 30, "01:45", "none", "send-late"),
    ("America/St_Johns", 31, "00:01", "notify", "send-late"),
    ("Pacific/Apia", 29, "23:59", "notify", "ask"),
    ("Africa/Casablanca", 15, "12:00", "notify", "skip"),
]


@pytest.mark.parametrize("forgets", [False, True], ids=["comes late", "never comes"])
@pytest.mark.parametrize(("zone", "day", "at", "approval", "if_missed"), WORLDS)
def test_in_ten_years_no_month_is_sent_twice_or_outside_its_window(
    newsletter, zone, day, at, approval, if_missed, forgets
):
    asked = (zone, day, at, approval, if_missed)
    with lived(newsletter, asked, naps=True, forgets=forgets, edits=0.3) as world:
        assert len(world.sent) > 60  # most months found the machine awake
        for period, moments in world.sent.items():
            [moment] = moments
            assert is_in_its_window(world, period, moment)
        for period in months():
            edition = content.store.find_edition(world.resources.db, digest_key(period))
            assert period in world.sent or edition is None or explained(world, edition)


@pytest.mark.parametrize(("zone", "day", "at", "approval", "if_missed"), WORLDS)
def test_a_machine_that_never_sleeps_sends_every_month(
    newsletter, zone, day, at, approval, if_missed
):
    asked = (zone, day, at, approval, if_missed)
    with lived(newsletter, asked, naps=False, forgets=False, edits=0) as world:
        assert [len(world.sent[period]) for period in months()] == [1] * 120


def is_in_its_window(world: World, period: Period, moment: datetime) -> bool:
    schedule = world.resources.schedule
    planned = world.planned.get(period, schedule.due(period))
    in_time = schedule.if_missed is IfMissed.SEND_LATE or moment - planned <= schedule.grace
    return in_time and schedule.due(period) <= moment < schedule.due(period.following())


def explained(world: World, edition: content.store.EditionRecord) -> bool:
    """Whether an edition that was not sent says why, or may still go."""
    if edition.state is EditionState.SKIPPED:
        return edition.reason != ""
    may_go = edition.send_after is not None and edition.send_after > world.now
    return edition.state is EditionState.DRAFT and (edition.held != "" or may_go)


@contextmanager
def lived(home: Path, asked: tuple, *, naps: bool, forgets: bool, edits: float) -> Iterator[World]:
    settings(home, *asked)
    bring_in(home, 1)
    chance = random.Random(repr(asked))
    with open_resources(home) as resources:
        # The newsletter is older than these years: what it misses is missed.
        before = FeedHealth(source="a", first_read=datetime(2026, 1, 1, tzinfo=UTC))
        save_health(resources.db, before)
        resources.db.execute("PRAGMA synchronous = OFF")  # no power cut is played here
        world = World(resources, chance, edits)
        live(world, sleeps(chance) if naps else [], forgets=forgets)
        yield world

"""Many months with late, skipped and doubled runs: no post is lost, and none goes out twice."""

from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import event, given
from hypothesis import strategies as st
from sqlite_utils import Database

import content.schema
from content import ledger, store
from content.edition import EditionState, choose_posts, digest_key
from content.errors import EditionFixed
from content.intake import SETTLING, take_in
from content.letter import Letter
from content.period import Period
from content.post import Post
from tests.content.builders import FEED, day, edition, hash_of, post

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = Period(2026, 1)
OPENS = day("2026-01-01")
MONTHS = 5


@dataclass(frozen=True)
class Published:
    """A post that appears in the feed at a moment, dated by it, before it, after it or not."""

    name: str
    appears: datetime
    dated: datetime | None
    redated: datetime | None = None
    redated_at: datetime | None = None

    def at(self, now: datetime) -> Post:
        late = self.redated_at is not None and now >= self.redated_at
        return post(self.name, self.redated if late else self.dated)


@dataclass(frozen=True)
class Run:
    """One run of the digest: when, of which month, and whether what it made is approved."""

    at: datetime
    period: Period
    approves: bool


days = st.integers(0, 31 * MONTHS * 24).map(lambda hours: OPENS + timedelta(hours=hours))
nth_month = st.integers(0, MONTHS - 1).map(lambda n: Period(2026, 1 + n))


@st.composite
def blogs(draw) -> list[Published]:
    posts = []
    for n in range(draw(st.integers(0, 10))):
        appears = draw(days)
        dated = draw(st.sampled_from([appears, appears - timedelta(days=40), None]))
        posts.append(Published(f"p{n}", appears, dated))
        if draw(st.integers(0, 4)) == 0:
            moved = {"redated": draw(days), "redated_at": draw(days)}
            posts[-1] = Published(f"p{n}", appears, dated, **moved)
    return posts


@st.composite
def histories(draw) -> list[Run]:
    """Each month is run never, on time or late, once or more, and approved or not."""
    runs = []
    for n in range(MONTHS):
        period = Period(2026, 1 + n)
        for _ in range(draw(st.sampled_from([0, 1, 1, 2, 3]))):
            late = timedelta(hours=draw(st.sampled_from([0, 0, 1, 30, 24 * 40])))
            runs.append(Run(period.end(BERLIN) + late, period, draw(st.booleans())))
    return sorted(runs, key=lambda run: run.at)


def collect(db: Database, blog: list[Published], now: datetime) -> None:
    known, first_read = ledger.load_posts(db, FEED), ledger.is_first_read(db, FEED)
    there = [published.at(now) for published in blog if published.appears <= now]
    taken = [
        take_in(p, known.get(p.identity), now=now, opens=OPENS, first_read=first_read)
        for p in there
    ]
    ledger.record_reading(db, FEED, "Blog", taken, now=now)


def prepare(db: Database, run: Run, least: int, most: int) -> None:
    """What a run does: choose, draft or skip, and perhaps approve."""
    key = digest_key(run.period)
    choice = choose_posts(
        ledger.open_posts(db, key), run.period, BERLIN, min_posts=least, max_posts=most
    )
    try:
        if choice.too_few:
            store.save_skipped(db, key, choice.too_few, now=run.at)
            return
        names = " ".join(held.post.identity for held in choice.chosen)
        letter = Letter(names, ("", "exit", ""), (names, "exit", ""))
        store.save_draft(
            db,
            edition(key=key, title=names),
            letter,
            choice,
            content_hash=hash_of(letter),
            now=run.at,
        )
    except EditionFixed:
        event("ran again after approval")
        return
    if run.approves:
        assert store.approve(db, key, hash_of(letter), now=run.at)


def in_letters(db: Database) -> Counter[str]:
    """How many editions tell of each post."""
    told = [found for found in store.list_editions(db) if found.state is not EditionState.SKIPPED]
    return Counter(name for found in told for name in found.title.split())


@given(blogs(), histories(), st.integers(1, 2), st.integers(1, 4))
def test_every_post_is_in_exactly_one_edition_or_has_a_reason(blog, history, least, most):
    with closing(Database(memory=True)) as db:
        content.schema.migrations.apply(db)
        collect(db, [], OPENS)
        fixed: dict[str, str] = {}
        for run in history:
            collect(db, blog, run.at)
            prepare(db, run, least, most)
            assert max(in_letters(db).values(), default=1) == 1
            now_fixed = {
                found.key: found.title
                for found in store.list_editions(db)
                if found.state is EditionState.APPROVED
            }
            assert fixed.items() <= now_fixed.items()
            fixed = now_fixed

        end = FIRST.start(BERLIN) + timedelta(days=31 * MONTHS + 60)
        for rested in (end, end + SETTLING):
            collect(db, blog, rested)
        told = in_letters(db)
        next_one = choose_posts(
            ledger.open_posts(db, "digest-2027-01"), Period(2027, 1), BERLIN, max_posts=100
        )
        waiting = {held.post.identity for held in next_one.chosen}
        reasons = {held.post.identity: held.reason for held in ledger.closed_posts(db)}
        for published in blog:
            places = [told[published.name], published.name in waiting, published.name in reasons]
            assert sum(places) == 1
            event(f"ended {'in a letter' if places[0] else 'waiting' if places[1] else 'old'}")
        assert all(reasons.values())
        # Those of a draft that nobody approved are in its letter, and are named here with it.
        assert {left.held.edition_key for left in next_one.left_out} <= {
            found.key for found in store.list_editions(db) if found.state is EditionState.DRAFT
        }
        assert all("waits for your yes" in left.reason for left in next_one.left_out)


@given(blogs(), nth_month, st.integers(1, 4))
def test_a_run_that_is_repeated_makes_the_same_edition(blog, period, most):
    with closing(Database(memory=True)) as db:
        content.schema.migrations.apply(db)
        collect(db, [], OPENS)
        run = Run(period.end(BERLIN), period, approves=False)
        collect(db, blog, run.at)
        prepare(db, run, 1, most)
        before = store.list_editions(db), ledger.load_posts(db, FEED)
        collect(db, blog, run.at)
        prepare(db, run, 1, most)
        assert (store.list_editions(db), ledger.load_posts(db, FEED)) == before

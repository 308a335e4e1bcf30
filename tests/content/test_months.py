"""Two years of late, skipped and doubled runs: no post is lost, and none goes out twice."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import event, given, settings
from hypothesis import strategies as st

from content import approval_store, ledger, store
from content.choice import Order, Rules, digest_key
from content.edition import EditionState
from content.errors import EditionFixed
from content.intake import Cause, LedgerPost, PostState
from content.period import Period
from content.post import Post
from content.why import explain_post
from tests.content.builders import SITE, day, feed_of, hash_of, post
from tests.content.shelf import everything, fresh_ledger, prepare, read

BERLIN = ZoneInfo("Europe/Berlin")
OPENS = day("2026-01-01")
MONTHS = [Period(2026 + n // 12, n % 12 + 1) for n in range(24)]
HOURS = 24 * 730


@dataclass(frozen=True)
class Published:
    """A post of the blog: it appears at a moment, and may be changed at a later one.

    `change` is what becomes of it then: another guid or slug with a mended title, both, or
    another date.
    """

    name: str
    appears: datetime
    dated: datetime | None
    category: str
    change: str
    changes: datetime

    def at(self, now: datetime) -> Post:
        shown = post(self.name, self.dated, categories=(self.category,), summary=self.name)
        if now < self.changes:
            return shown
        new = {
            "guid": {"guid": f"{self.name}-2", "title": f"Mended {self.name}"},
            "slug": {"link": f"{SITE}{self.name}-2", "title": f"Mended {self.name}"},
            "both": {"guid": f"{self.name}-2", "link": f"{SITE}{self.name}-2"},
            "date": {"published": self.changes},
        }
        return replace(shown, **new.get(self.change, {}))


@dataclass(frozen=True)
class Run:
    """One run of the digest: when, of which month, and what the author does about it."""

    at: datetime
    period: Period
    approves: bool
    releases: bool


LAST = Run(MONTHS[-1].end(BERLIN) + timedelta(days=99), Period(2028, 3), False, False)

# Any hour of the two years, and the last ones of a month more often.
moments = st.integers(0, HOURS).map(lambda hours: OPENS + timedelta(hours=hours)) | (
    st.sampled_from(MONTHS).map(lambda period: period.end(BERLIN) - timedelta(minutes=20))
)


@st.composite
def blogs(draw) -> list[Published]:
    """Posts one by one, and now and then many at once."""
    posts: list[Published] = []
    for size in draw(st.lists(st.sampled_from([1, 1, 1, 1, 4, 12]), min_size=6, max_size=15)):
        appears = draw(moments)
        for _ in range(size):
            ago = draw(st.sampled_from([0, 0, 0, 40, -3, None]))
            made = Published(
                name=f"p{len(posts)}",
                appears=appears,
                dated=None if ago is None else appears - timedelta(days=ago, hours=len(posts)),
                category=draw(st.sampled_from(["Knees", "Knees", "Ads"])),
                change=draw(st.sampled_from(["", "", "guid", "slug", "both", "date"])),
                changes=appears + timedelta(days=draw(st.sampled_from([0, 20, 90]))),
            )
            posts.append(made)
    return posts


@st.composite
def histories(draw) -> list[Run]:
    """Each month is run never, on time or late, once or more, and approved or not.

    Some newsletters rest for their last half-year, so that many posts wait.
    """
    runs = []
    for period in MONTHS[: draw(st.sampled_from([18, 24]))]:
        for _ in range(draw(st.sampled_from([0, 1, 1, 1, 2]))):
            late = timedelta(hours=draw(st.sampled_from([0, 0, 1, 30, 24 * 40])))
            approves, releases = draw(st.integers(0, 2)) < 2, draw(st.integers(0, 15)) == 15
            runs.append(Run(period.end(BERLIN) + late, period, approves, releases))
    return sorted(runs, key=lambda run: run.at)


rules = st.builds(
    Rules,
    min_posts=st.integers(1, 2),
    max_posts=st.integers(2, 4),
    order=st.sampled_from(Order),
    exclude=st.sampled_from([(), ("ads",)]),
    max_age=st.sampled_from([None, timedelta(days=45), timedelta(days=200)]),
)


def collect(db, blog: Sequence[Published], now: datetime) -> None:
    """Read the newest fifteen, in the feed's order."""
    there = [published for published in blog if published.appears <= now]
    there.sort(key=lambda published: published.appears, reverse=True)
    read(db, feed_of(*(published.at(now) for published in there[:15])), now=now, opens=OPENS)


def take(db, run: Run, rules: Rules) -> None:
    """What a run does: let held posts go, choose, draft or skip, and perhaps approve."""
    if run.releases:
        for held in ledger.held_posts(db, Cause.FLOOD):
            assert ledger.set_aside(db, held, held.moved(PostState.READY))
    with suppress(EditionFixed):
        letter = prepare(db, run.period, rules, now=run.at, zone=BERLIN)
        if letter and run.approves:
            key = digest_key(run.period)
            assert approval_store.approve(db, key, hash_of(letter), now=run.at)


def letters(db) -> dict[str, list[str]]:
    """The names of the posts that each edition tells of."""
    told = [found for found in store.list_editions(db) if found.state is not EditionState.SKIPPED]
    return {found.key: found.title.split() for found in told}


def approved(db) -> dict[str, str]:
    return {e.key: e.title for e in store.list_editions(db) if e.state is EditionState.APPROVED}


def why(db, held: LedgerPost) -> str:
    """The one sentence about a post, from what is written down."""
    found = store.find_edition(db, held.edition_key)
    return explain_post(
        held,
        zone=BERLIN,
        edition_state=found and found.state,
        passed_over=ledger.last_left_out(db, held),
    )


@settings(max_examples=40)
@given(blogs(), histories(), rules)
def test_every_post_is_in_exactly_one_edition_or_has_a_reason(blog, history, rules):
    with fresh_ledger() as db:
        collect(db, [], OPENS)
        fixed: dict[str, str] = {}
        for run in history:
            collect(db, blog, run.at)
            take(db, run, rules)
            told = Counter(name for names in letters(db).values() for name in names)
            assert max(told.values(), default=1) == 1
            assert fixed.items() <= approved(db).items()
            fixed = approved(db)
        collect(db, blog, LAST.at)
        take(db, LAST, rules)
        every_post_is_somewhere(db, blog)


def every_post_is_somewhere(db, blog: Sequence[Published]) -> None:
    """In one edition; or closed with a reason; or left out by the last edition, with a reason."""
    editions = {name: key for key, names in letters(db).items() for name in names}
    rows = {held.post.summary: held for held in everything(db)}
    assert len(everything(db)) == len(rows)
    assert rows.keys() <= {published.name for published in blog}
    for name, held in rows.items():
        passed_over, reason = ledger.last_left_out(db, held) or ("", "")
        # Of a post in a draft that nobody approved, the last edition says just that.
        in_draft = reason.endswith("waits for your yes")
        left_out = passed_over == digest_key(LAST.period) and reason != "" and not in_draft
        assert held.edition_key == editions.get(name, "")
        assert [name in editions, held.reason != "", left_out].count(True) == 1
        event(held.cause or held.state.value)
        assert why(db, held) != "It is ready, and waits for the next edition."


@settings(max_examples=60)
@given(blogs(), st.sampled_from(MONTHS), rules)
def test_a_run_that_is_repeated_makes_the_same_edition(blog, period, rules):
    run = Run(period.end(BERLIN), period, approves=False, releases=False)
    with fresh_ledger() as db:
        collect(db, [], OPENS)
        collect(db, blog, run.at)
        take(db, run, rules)
        before = store.list_editions(db), everything(db), list(db.query("SELECT * FROM left_out"))
        collect(db, blog, run.at)
        take(db, run, rules)
        after = store.list_editions(db), everything(db), list(db.query("SELECT * FROM left_out"))
        assert after == before

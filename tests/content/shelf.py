"""Put posts and drafts into a database, and see what became of them; a blog that misbehaves."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count, product
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import event
from hypothesis import strategies as st
from sqlite_utils import Database

import content.schema
from content import health_store, ledger, store
from content.choice import Choice, Rules, choose_posts, digest_key
from content.identity import recognise, sight
from content.intake import Intake, LedgerPost, PostState
from content.letter import Letter, Letters
from content.letter_store import load_letters
from content.period import Period
from content.post import Feed, Post
from content.reading import Change, Facts, weigh
from tests.conftest import NOON
from tests.content.builders import FEED, LONG, SITE, edition, hash_of, post

NOVEMBER = "digest-2026-11"
UTC = ZoneInfo("UTC")
LATER = NOON + timedelta(hours=1)
DAY = timedelta(days=1)


@contextmanager
def fresh_ledger() -> Iterator[Database]:
    """An empty ledger in memory, for one example of a rule."""
    with closing(Database(memory=True)) as db:
        content.schema.migrations.apply(db)
        yield db


def record(db, *posts: LedgerPost, now=NOON) -> None:
    """Write posts down as one reading found them, new or changed."""
    known = {held.name: held for held in everything(db)}
    ledger.record_changes(db, [(known.get(held.name), held) for held in posts], now=now)


def read(
    db, feed: Feed, *, now, opens=None, source: str = FEED, sources: tuple[str, ...] = ()
) -> list[Change]:
    """Read a feed into the ledger, as the flow does; `sources` are the feeds of the settings."""
    health = health_store.load_health(db, source)
    facts = Facts(
        source=source,
        sources=frozenset(sources or {source}),
        intake=Intake(now=now, opens=opens, is_first=health.first_read is None),
        moving=ledger.moving_posts(db, source, opens=opens),
        busiest_month=ledger.busiest_month(db, source),
        silence=now - (health.last_read or now),
    )
    of_source = tuple(replace(each, feed=source) for each in feed.posts)
    changes = _weighed(db, replace(feed, posts=of_source), facts)
    first_read = health.first_read or now
    well = replace(health, title=feed.title, first_read=first_read, last_read=now)
    ledger.record_reading(db, well, changes, now=now)
    return changes


def _weighed(db, feed: Feed, facts: Facts) -> list[Change]:
    sighted = sight(feed)
    known = ledger.known_posts(db, {key for _, keys in sighted for key in keys.kept})
    return weigh(feed, recognise(sighted, known), facts)


def closed(db) -> list[LedgerPost]:
    return [h for h in everything(db) if h.state in (PostState.EXCLUDED, PostState.HELD)]


def everything(db) -> list[LedgerPost]:
    keys = [row["key"] for row in db.query("SELECT key FROM post_keys")]
    return ledger.known_posts(db, keys)


def the_one(db, title: str) -> LedgerPost:
    (found,) = [h for h in everything(db) if h.post.title == title]
    return found


def places(db) -> dict[str, str]:
    """Where each post is, by its title: its state, or the cause of its absence."""
    return {h.post.title: h.cause or h.state.value for h in everything(db)}


def by_identity(db) -> dict[str, LedgerPost]:
    return {held.identity: held for held in everything(db)}


def draft(db, *posts: LedgerPost, key: str = NOVEMBER, words: str = "a", now=NOON) -> Letter:
    """Write a draft with these posts; its letter is made of the words."""
    letter = Letter("Subject", (f"<p>{words}", "exit", "</p>"), (words, "exit", "\n"))
    store.save_draft(
        db,
        edition(key=key, title=words),
        Letters({"": letter}, f"<p>{words}</p>"),
        Choice(posts, ()),
        content_hash=hash_of(letter),
        now=now,
    )
    return letter


def letter_of(db, key: str = NOVEMBER) -> Letter:
    """The one letter of an edition."""
    (letter,) = load_letters(db, key).values()
    return letter


def prepare(db, period: Period, rules: Rules, *, now, zone=UTC) -> Letter | None:
    """Choose a month's posts and write down the draft, or why there is none."""
    key = digest_key(period)
    choice = choose_posts(ledger.open_posts(db, key), period, zone, rules)
    if choice.too_few:
        store.save_skipped(db, key, choice, now=now)
        return None
    names = " ".join(held.post.summary or held.post.guid for held in choice.chosen)
    letter = Letter(names, ("", "exit", ""), (names, "exit", ""))
    made = edition(key=key, title=names)
    letters = Letters({"": letter}, "")
    store.save_draft(db, made, letters, choice, content_hash=hash_of(letter), now=now)
    return letter


def states(db) -> dict[str, tuple[str, str]]:
    rows = db.query("SELECT identity, state, coalesce(edition_key, '') AS key FROM posts")
    return {row["identity"]: (row["state"], row["key"]) for row in rows}


def makes_sense(guids: str, links: str, dates: str, titles: str) -> bool:
    """Where guids or links say little, the rest must tell two posts of a blog apart."""
    if links == "one page" and guids != "own":
        return False
    if links == "front page" and guids in ("one", "by twos", "numbered"):
        return False
    vague = guids in ("one", "by twos", "numbered") or links == "one page"
    return not (vague and (titles == "one" or dates == "one day")) and not (
        titles == "one" and dates == "one day"
    )


BLOGS = [
    kinds
    for kinds in product(
        ["own", "none", "new", "numbered", "one", "by twos"],  # guids
        ["own", "front page", "one page"],  # links
        ["own", "one day", "none"],  # dates
        ["own", "one"],  # titles
    )
    if makes_sense(*kinds)
]


@dataclass
class Blog:
    """A blog that misbehaves, post by post and reading by reading.

    A post's true name is its `summary`, at which no rule looks. From one reading to the next a
    post changes as far as the rules promise to see through in one step.
    """

    draw: Callable[[Any], Any]
    guids: str
    links: str
    dates: str
    titles: str
    posts: list[Post] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def publish(self) -> None:
        n = next(self.numbers)
        guid = {"none": "", "one": "1", "by twos": f"g{n // 2}"}.get(self.guids, f"g{n}")
        link = {"front page": SITE, "one page": f"{SITE}podcast"}.get(self.links, f"{SITE}p{n}")
        date = {"own": NOON + n * DAY, "one day": NOON, "none": None}[self.dates]
        title = "Open thread" if self.titles == "one" else f"P{n}"
        fresh = post(guid, date, title=title, body=self._words(n), summary=f"true {n}")
        self.posts.insert(0, replace(fresh, link=link))

    def _words(self, n: int) -> str:
        return LONG.replace("Hinge", f"Hinge {n}")

    def shown(self) -> list[Post]:
        """What the feed has now: a window of the posts, in any order, some of them twice."""
        first = self.draw(st.integers(0, 2))
        window = range(first, min(first + self.draw(st.integers(1, 5)), len(self.posts)))
        for n in window:
            self.posts[n] = self._changed(self.posts[n])
        there = self.draw(st.permutations([self.posts[n] for n in window]))
        if self.guids == "numbered":
            there = [replace(each, guid=str(n)) for n, each in enumerate(there)]
        return [version for each in there for version in self._versions(each)]

    def _changed(self, before: Post) -> Post:
        kinds = self.draw(st.sampled_from(self._changes))
        event(kinds or "nothing")
        n = next(self.numbers)
        date = NOON + n * DAY if self.dates == "own" else before.published
        new = {"guid": f"g{n}", "link": f"{SITE}p{n}", "title": f"P{n}", "published": date}
        new["body"] = self._words(n)
        wanted = kinds.split() + ["guid"] * (self.guids == "new")
        return replace(before, **{kind: new[kind] for kind in wanted})

    @property
    def _changes(self) -> list[str]:
        """What may change in a post between two readings, and leave it known."""
        dated, by_date = self.dates != "none", self.dates == "own"
        sure = ["", *["body"] * dated, *["title"] * by_date]
        if "own" not in (self.guids, self.links):
            return sure
        one = ["title", "body", "published"]
        whole = ["title body published"]
        stays = self.guids not in ("new", "numbered") and self.links != "front page"
        found = sure + one + whole * stays
        if self.links == "own":
            found += [f"link {change}" for change in sure]
        if self.guids == self.links == "own":
            found += [f"{way} {change}" for way in ("guid", "link") for change in one]
            found += ["guid", *(f"guid link {change}" for change in sure)]
        return found

    def _versions(self, each: Post) -> list[Post]:
        """The post with what is added to its link; perhaps again, as another version."""
        how = st.sampled_from(["", "http", "www", "slash", "tracking", "fragment"])
        first, second = (replace(each, link=dressed(each.link, self.draw(how))) for _ in "ab")
        versions = [{}, *[{"body": "B"}] * (self.guids != "none" or self.links == "own")]
        versions += [{"title": "B"}] * (self.guids != "none" and each.published is not None)
        other = replace(second, **self.draw(st.sampled_from(versions)))
        return [first, other] if self.draw(st.integers(0, 4)) == 4 else [first]


def dressed(link: str, how: str) -> str:
    """A link to the same page."""
    ways = {"http": link.replace("https", "http"), "www": link.replace("//", "//WWW.")}
    ends = {"slash": "/", "tracking": "?utm_source=rss&fbclid=1", "fragment": "#top"}
    return ways.get(how, link + ends.get(how, ""))

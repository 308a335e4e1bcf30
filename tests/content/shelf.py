"""Put posts and drafts into a database, and see what became of them."""

from datetime import timedelta

from content import ledger, store
from content.edition import Choice
from content.intake import LedgerPost
from content.letter import Letter
from tests.conftest import NOON
from tests.content.builders import FEED, edition, hash_of

NOVEMBER = "digest-2026-11"
LATER = NOON + timedelta(hours=1)


def record(db, *posts: LedgerPost, feed: str = FEED, now=NOON) -> None:
    ledger.record_reading(db, feed, "Blog", posts, now=now)


def draft(db, *posts: LedgerPost, key: str = NOVEMBER, words: str = "a", now=NOON) -> Letter:
    """Write a draft with these posts; its letter is made of the words."""
    letter = Letter("Subject", (f"<p>{words}", "exit", "</p>"), (words, "exit", "\n"))
    store.save_draft(
        db,
        edition(key=key, title=words),
        letter,
        Choice(posts, ()),
        content_hash=hash_of(letter),
        now=now,
    )
    return letter


def states(db) -> dict[str, tuple[str, str]]:
    rows = db.query("SELECT identity, state, coalesce(edition_key, '') AS key FROM posts")
    return {row["identity"]: (row["state"], row["key"]) for row in rows}

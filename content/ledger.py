"""The ledger of posts, on disk: every post a feed ever had. Rows become dataclasses."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson
from sqlite_utils import Database

from content.intake import LedgerPost, PostState
from content.post import Post


def is_first_read(db: Database, source: str) -> bool:
    """Tell whether this feed was never read before."""
    return not list(db.query("SELECT 1 FROM feeds WHERE source = :source", {"source": source}))


def load_posts(db: Database, source: str) -> dict[str, LedgerPost]:
    """Everything the ledger knows of one feed, by identity."""
    rows = db.query("SELECT * FROM posts WHERE feed = :feed", {"feed": source})
    return {held.post.identity: held for held in map(_as_post, rows)}


def open_posts(db: Database, edition_key: str) -> list[LedgerPost]:
    """The posts an edition may choose from: those in no edition yet, and those of drafts.

    Of drafts other than its own they can only be named: they wait there for a yes.
    """
    rows = db.query(
        """SELECT * FROM posts
            WHERE state IN ('settling', 'ready') OR edition_key = :key
               OR edition_key IN (SELECT key FROM editions WHERE state = 'draft')""",
        {"key": edition_key},
    )
    return [_as_post(row) for row in rows]


def posts_in(db: Database, edition_key: str) -> list[LedgerPost]:
    """The posts of an edition, newest first."""
    rows = db.query(
        """SELECT * FROM posts WHERE edition_key = :key
            ORDER BY coalesce(published, first_seen) DESC""",
        {"key": edition_key},
    )
    return [_as_post(row) for row in rows]


def closed_posts(db: Database) -> list[LedgerPost]:
    """The posts that no edition may choose: excluded and held ones, with their reasons."""
    query = "SELECT * FROM posts WHERE state IN ('excluded', 'held')"
    return [_as_post(row) for row in db.query(query)]


def count_posts(db: Database) -> dict[str, int]:
    """How many posts are in each state."""
    rows = db.query("SELECT state, count(*) AS n FROM posts GROUP BY state ORDER BY state")
    return {row["state"]: row["n"] for row in rows}


def record_reading(
    db: Database, source: str, title: str, posts: Iterable[LedgerPost], *, now: datetime
) -> None:
    """Write down one reading of a feed, all of it or nothing."""
    with db.atomic():
        db.execute(
            """INSERT INTO feeds VALUES (:source, :title, :now, :now)
               ON CONFLICT (source) DO UPDATE SET title = :title, last_read = :now""",
            {"source": source, "title": title, "now": now.isoformat()},
        )
        db.conn.executemany(_UPSERT, _as_rows(posts))


# An edition may have taken the post since it was read: only its content is then replaced.
_UPSERT = """
    INSERT INTO posts (feed, identity, link, title, body, categories, image, published,
                       first_seen, changed, state, reason, edition_key)
    VALUES (:feed, :identity, :link, :title, :body, :categories, :image, :published,
            :first_seen, :changed, :state, :reason, NULL)
    ON CONFLICT (feed, identity) DO UPDATE
       SET link = :link, title = :title, body = :body, categories = :categories,
           image = :image, published = :published, changed = :changed,
           reason = CASE WHEN state IN ('settling', 'excluded') THEN :reason ELSE reason END,
           state = CASE WHEN state IN ('settling', 'excluded') THEN :state ELSE state END
"""


def _as_rows(posts: Iterable[LedgerPost]) -> Iterator[dict[str, Any]]:
    for held in posts:
        published = held.post.published
        # A post whose edition is known is there already: its own state is not written again.
        state = PostState.READY if held.state is PostState.ASSIGNED else held.state
        yield asdict(held.post) | {
            "categories": orjson.dumps(held.post.categories).decode(),
            "published": published and published.isoformat(),
            "first_seen": held.first_seen.isoformat(),
            "changed": held.changed.isoformat(),
            "state": state.value,
            "reason": held.reason,
        }


def _as_post(row: dict[str, Any]) -> LedgerPost:
    published = row["published"]
    post = Post(
        feed=row["feed"],
        identity=row["identity"],
        link=row["link"],
        title=row["title"],
        body=row["body"],
        published=datetime.fromisoformat(published) if published else None,
        categories=tuple(orjson.loads(row["categories"])),
        image=row["image"],
    )
    return LedgerPost(
        post=post,
        state=PostState(row["state"]),
        reason=row["reason"],
        edition_key=row["edition_key"] or "",
        first_seen=datetime.fromisoformat(row["first_seen"]),
        changed=datetime.fromisoformat(row["changed"]),
    )

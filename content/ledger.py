"""The ledger of posts, on disk: every post a feed ever had. Rows become dataclasses."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
from sqlite_utils import Database

from content.health import FeedHealth
from content.health_store import save_health
from content.intake import Cause, LedgerPost, PostState, reads_the_same
from content.markup.pictures import Picture
from content.post import Post
from content.reading import Change


def known_posts(db: Database, keys: Iterable[str]) -> list[LedgerPost]:
    """The posts of any feed that were ever known by one of these keys."""
    rows = db.query(
        """SELECT * FROM posts_with_keys
            WHERE id IN (SELECT post_id FROM post_keys
                          WHERE key IN (SELECT value FROM json_each(:keys)))
            ORDER BY id""",
        {"keys": orjson.dumps(list(keys)).decode()},
    )
    return [_as_post(row) for row in rows]


def moving_posts(db: Database, source: str, *, opens: datetime | None) -> list[LedgerPost]:
    """The posts of a feed that may move on without being read again: those that settle, and old
    ones that `opens` now lets in."""
    rows = db.query(
        """SELECT * FROM posts_with_keys
            WHERE feed = :feed
              AND (state = 'settling' OR cause = 'cut_short'
                   OR (cause IN ('baseline', 'too_early') AND published >= :opens))""",
        {"feed": source, "opens": opens and opens.isoformat()},
    )
    return [_as_post(row) for row in rows]


def open_posts(db: Database, edition_key: str) -> list[LedgerPost]:
    """The posts an edition may choose from: those in no edition yet, and those of drafts.

    Of drafts other than its own they can only be named: they wait there for a yes.
    """
    rows = db.query(
        """SELECT * FROM posts_with_keys
            WHERE state IN ('settling', 'ready') OR edition_key = :key
               OR edition_key IN (SELECT key FROM editions WHERE state = 'draft')""",
        {"key": edition_key},
    )
    return [_as_post(row) for row in rows]


def posts_in(db: Database, edition_key: str) -> list[LedgerPost]:
    """The posts of an edition, newest first."""
    rows = db.query(
        """SELECT * FROM posts_with_keys WHERE edition_key = :key
            ORDER BY coalesce(published, first_seen) DESC""",
        {"key": edition_key},
    )
    return [_as_post(row) for row in rows]


def held_posts(db: Database, *causes: Cause) -> list[LedgerPost]:
    """The posts that are held for one of these causes, or for any."""
    rows = db.query(
        """SELECT * FROM posts_with_keys
            WHERE state = 'held' AND cause IN (SELECT value FROM json_each(:causes))
            ORDER BY coalesce(published, first_seen) DESC""",
        {"causes": orjson.dumps(causes or tuple(Cause)).decode()},
    )
    return [_as_post(row) for row in rows]


def count_posts(db: Database) -> dict[str, int]:
    """How many posts are in each state."""
    rows = db.query("SELECT state, count(*) AS n FROM posts GROUP BY state ORDER BY state")
    return {row["state"]: row["n"] for row in rows}


def count_closed(db: Database) -> dict[str, int]:
    """How many posts no edition may choose, by the reason they are excluded or held for."""
    rows = db.query(
        """SELECT reason, count(*) AS n FROM posts WHERE state IN ('excluded', 'held')
            GROUP BY reason ORDER BY n DESC, reason"""
    )
    return {row["reason"]: row["n"] for row in rows}


def busiest_month(db: Database, source: str) -> int:
    """The most posts of one calendar month (UTC) that this feed ever had, floods left out."""
    rows = db.query(
        """SELECT coalesce(max(n), 0) AS most
             FROM (SELECT count(*) AS n FROM posts
                    WHERE feed = :feed AND cause IS NOT 'flood'
                    GROUP BY substr(coalesce(published, first_seen), 1, 7))""",
        {"feed": source},
    )
    return int(next(rows)["most"])


def last_left_out(db: Database, held: LedgerPost) -> tuple[str, str] | None:
    """The last edition that passed this post over, and why; None when none did."""
    rows = db.query(
        """SELECT edition_key, reason FROM left_out
            WHERE post_id = (SELECT id FROM posts WHERE feed = :feed AND identity = :identity)
            ORDER BY decided DESC, edition_key DESC LIMIT 1""",
        _name_row(held),
    )
    return next(((row["edition_key"], row["reason"]) for row in rows), None)


def record_reading(
    db: Database, health: FeedHealth, changes: Iterable[Change], *, now: datetime
) -> None:
    """Write down one reading of a feed, all of it or nothing."""
    with db.atomic():
        save_health(db, health)
        record_changes(db, changes, now=now)


def record_changes(db: Database, changes: Iterable[Change], *, now: datetime) -> None:
    """Write down what became of posts; those that are as they were cost nothing."""
    moved = [(before, after) for before, after in changes if before != after]
    with db.atomic():
        db.conn.executemany(_INSERT, [_as_row(after) for before, after in moved if not before])
        known = [(before, after) for before, after in moved if before]
        db.conn.executemany(_CONTENT, [_content_row(*change, now) for change in known])
        db.conn.executemany(_STATE, [_state_row(*change) for change in known])
        db.conn.executemany(_KEYS, [row for change in moved for row in _key_rows(*change)])


# Two runs may read a feed at once: the first one's new posts stay as they are.
_INSERT = """
    INSERT INTO posts (feed, identity, guid, link, title, body, summary, base, language,
                       categories, picture, published, first_seen, changed, state, cause, reason)
    VALUES (:feed, :identity, :guid, :link, :title, :body, :summary, :base, :language,
            :categories, :picture, :published, :first_seen, :changed, :state, :cause, :reason)
    ON CONFLICT (feed, identity) DO NOTHING
"""
_CONTENT = """
    UPDATE posts
       SET feed = :feed, guid = :guid, link = :link, title = :title, body = :body,
           summary = :summary, base = :base, language = :language, categories = :categories,
           picture = :picture, published = :published, changed = :changed,
           edited = CASE WHEN :reads_anew AND edition_key IN
                              (SELECT key FROM editions
                                WHERE state IN ('approved', 'mailing', 'closed'))
                         THEN :now ELSE edited END
     WHERE feed = :was_in AND identity = :identity
"""
# An edition, or a person, may have moved the post since it was read: then it stays there.
_STATE = """
    UPDATE posts SET state = :state, cause = :cause, reason = :reason
     WHERE feed = :feed AND identity = :identity
       AND state = :was AND 'assigned' NOT IN (state, :state)
"""
_KEYS = """
    INSERT OR IGNORE INTO post_keys
    SELECT :key, id FROM posts WHERE feed = :feed AND identity = :identity
"""


def set_aside(db: Database, held: LedgerPost, after: LedgerPost) -> bool:
    """Move a post to another state, out of the draft it may be in; tell whether it could be.

    A post of an edition that is approved or later stays there.
    """
    moved = db.query(
        """UPDATE posts SET state = :state, cause = :cause, reason = :reason, edition_key = NULL
            WHERE feed = :feed AND identity = :identity
              AND (edition_key IS NULL
                   OR edition_key IN (SELECT key FROM editions WHERE state = 'draft'))
           RETURNING id""",
        _state_row(held, after),
    )
    return bool(list(moved))


def _as_row(held: LedgerPost) -> dict[str, Any]:
    post = held.post
    return {
        "feed": post.feed,
        "identity": held.identity,
        "guid": post.guid,
        "link": post.link,
        "title": post.title,
        "body": post.body,
        "summary": post.summary,
        "base": post.base,
        "language": post.language,
        "categories": orjson.dumps(post.categories).decode(),
        "picture": orjson.dumps(post.picture).decode() if post.picture else "",
        "published": post.published and post.published.isoformat(),
        "first_seen": held.first_seen.isoformat(),
        "changed": held.changed.isoformat(),
        "state": held.state.value,
        "cause": held.cause,
        "reason": held.reason,
    }


def _content_row(before: LedgerPost, after: LedgerPost, now: datetime) -> dict[str, Any]:
    anew = not reads_the_same(before.post, after.post)
    return _as_row(after) | {"was_in": before.post.feed, "now": now.isoformat(), "reads_anew": anew}


def _state_row(before: LedgerPost, after: LedgerPost) -> dict[str, Any]:
    return _name_row(after) | {
        "was": before.state.value,
        "state": after.state.value,
        "cause": after.cause,
        "reason": after.reason,
    }


def _key_rows(before: LedgerPost | None, after: LedgerPost) -> list[dict[str, Any]]:
    new = after.keys - before.keys if before else after.keys
    return [_name_row(after) | {"key": key} for key in new]


def _name_row(held: LedgerPost) -> dict[str, Any]:
    return {"feed": held.post.feed, "identity": held.identity}


def _as_post(row: dict[str, Any]) -> LedgerPost:
    post = Post(
        feed=row["feed"],
        guid=row["guid"],
        link=row["link"],
        title=row["title"],
        body=row["body"],
        summary=row["summary"],
        base=row["base"],
        language=row["language"],
        published=_moment(row["published"]),
        categories=tuple(orjson.loads(row["categories"])),
        picture=Picture(**orjson.loads(row["picture"])) if row["picture"] else None,
    )
    return LedgerPost(
        post=post,
        identity=row["identity"],
        keys=frozenset(orjson.loads(row["keys"])),
        state=PostState(row["state"]),
        cause=Cause(row["cause"]) if row["cause"] else None,
        reason=row["reason"],
        edition_key=row["edition_key"] or "",
        first_seen=datetime.fromisoformat(row["first_seen"]),
        changed=datetime.fromisoformat(row["changed"]),
        edited=_moment(row["edited"]),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

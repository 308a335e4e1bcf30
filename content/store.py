"""Editions and their letters, on disk. Rows become dataclasses here; nothing is decided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

import orjson
from sqlite_utils import Database

from content import archive_store, letter_store
from content.choice import Choice
from content.edition import Edition, EditionState
from content.errors import EditionFixed, NoSuchEdition, PostTaken
from content.intake import LedgerPost
from content.letter import Letters

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionRecord:
    """What is kept of an edition. `content_hash` is what its approval stands for."""

    key: str
    title: str
    state: EditionState
    reason: str
    program: str
    program_rule: str
    content_hash: str
    drafted: datetime
    approved: datetime | None
    closed: datetime | None
    last_program: str = ""
    preheader: str = ""
    sender_name: str = ""
    segment: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    readers: int | None = None
    held: str = ""
    send_after: datetime | None = None
    wanted_program: str | None = None


def list_editions(db: Database) -> list[EditionRecord]:
    """Every edition there is, newest key first."""
    return [_as_edition(row) for row in db.query("SELECT * FROM editions ORDER BY key DESC")]


def find_edition(db: Database, key: str) -> EditionRecord | None:
    """The edition with this key, if there is one."""
    rows = db.query("SELECT * FROM editions WHERE key = :key", {"key": key})
    return next((_as_edition(row) for row in rows), None)


def get_edition(db: Database, key: str) -> EditionRecord:
    """The edition with this key.

    Raises:
        NoSuchEdition: there is none.
    """
    found = find_edition(db, key)
    if found is None:
        raise NoSuchEdition(f"no edition {key}; `lettermill status` lists those there are")
    return found


def last_program(db: Database, *, before: str) -> str:
    """The program of the last approved edition that offered one, this one apart; or ''.

    A plain letter between two digests makes nobody forget what they were offered.
    """
    rows = db.query(
        """SELECT program FROM editions
            WHERE key <> :before AND approved IS NOT NULL AND state <> 'cancelled'
              AND program <> ''
            ORDER BY approved DESC LIMIT 1""",
        {"before": before},
    )
    return next((row["program"] for row in rows), "")


def save_draft(
    db: Database,
    edition: Edition,
    letters: Letters,
    choice: Choice | None,
    *,
    content_hash: str,
    now: datetime,
    parts: Mapping[str, str] = NOTHING,
    reason: str = "",
) -> None:
    """Write a draft and assign its posts to it; an earlier draft of the same key is replaced.

    `content_hash` is what an approval will stand for, `parts` the hash of each thing that the
    letter was made from, by name; `reason` says what is new in it. A campaign has no choice of
    posts.

    Raises:
        EditionFixed: the edition is approved or later, and stays as it is.
        PostTaken: another edition has one of the posts by now; nothing is written.
    """
    with db.atomic():
        _write_edition(db, _facts_of(edition, content_hash, parts), EditionState.DRAFT, reason, now)
        letter_store.write_letters(db, edition.key, letters.by_variant)
        letter_store.write_offers(db, edition.key, edition.calls)
        archive_store.write_page(db, edition.key, "" if edition.segment else letters.public)
        if choice is not None:
            _assign(db, edition.key, choice.chosen)
            _keep_reasons(db, edition.key, choice, now)


def _facts_of(edition: Edition, content_hash: str, parts: Mapping[str, str]) -> dict[str, str]:
    call = edition.call_to_action
    return {
        "key": edition.key,
        "title": edition.title,
        "program": call.program.name if call else "",
        "program_rule": call.because if call else "",
        "hash": content_hash,
        "last_program": edition.last_program,
        "preheader": edition.preheader,
        "sender_name": edition.sender_name,
        "segment": edition.segment,
        "parts": orjson.dumps(dict(parts)).decode(),
    }


def save_skipped(db: Database, key: str, choice: Choice, *, now: datetime) -> None:
    """Write down that there is no edition, and why; a later run may still find one.

    Raises:
        EditionFixed: the edition is approved or later, and stays as it is.
    """
    empty = Edition(key=key, title="", preheader="")
    with db.atomic():
        _write_edition(db, _facts_of(empty, "", {}), EditionState.SKIPPED, choice.too_few, now)
        letter_store.write_letters(db, key, {})
        letter_store.write_offers(db, key, ())
        _assign(db, key, ())
        _keep_reasons(db, key, choice, now)


def _write_edition(
    db: Database, facts: dict[str, str], state: EditionState, reason: str, now: datetime
) -> None:
    written = db.query(
        """INSERT INTO editions (key, title, state, reason, program, program_rule, content_hash,
                                drafted, approved, closed, last_program, preheader, sender_name,
                                segment, parts)
           VALUES (:key, :title, :state, :reason, :program, :program_rule, :hash, :now, NULL, NULL,
                   :last_program, :preheader, :sender_name, :segment, :parts)
           ON CONFLICT (key) DO UPDATE
              SET title = :title, state = :state, reason = :reason, program = :program,
                  program_rule = :program_rule, content_hash = :hash, drafted = :now,
                  last_program = :last_program, preheader = :preheader,
                  sender_name = :sender_name, segment = :segment, parts = :parts
            WHERE editions.state IN ('draft', 'skipped')
           RETURNING key""",
        facts | {"state": state.value, "reason": reason, "now": now.isoformat()},
    )
    if not list(written):
        raise EditionFixed(f"{facts['key']} is approved; it goes out as it is")


def _assign(db: Database, key: str, chosen: Iterable[LedgerPost]) -> None:
    db.execute(
        "UPDATE posts SET state = 'ready', edition_key = NULL WHERE edition_key = :key",
        {"key": key},
    )
    rows = [(key, *held.name) for held in chosen]
    done = db.conn.executemany(
        """UPDATE posts SET state = 'assigned', edition_key = ?
            WHERE feed = ? AND identity = ? AND state = 'ready'""",
        rows,
    )
    if done.rowcount not in (len(rows), -1):
        raise PostTaken(f"{key}: another edition took one of its posts meanwhile; run it again")


def _keep_reasons(db: Database, key: str, choice: Choice, now: datetime) -> None:
    """Keep why each post was left out, so that it can be told later (promise 7)."""
    db.execute("DELETE FROM left_out WHERE edition_key = :key", {"key": key})
    rows = [(key, out.reason, now.isoformat(), *out.held.name) for out in choice.left_out]
    db.conn.executemany(
        """INSERT INTO left_out (edition_key, reason, decided, post_id)
           SELECT ?, ?, ?, id FROM posts WHERE feed = ? AND identity = ?""",
        rows,
    )


def left_out_of(db: Database, key: str) -> list[dict[str, str]]:
    """The posts an edition passed over, newest first: `title` and `reason`."""
    rows = db.query(
        """SELECT posts.title, left_out.reason FROM left_out JOIN posts ON posts.id = post_id
            WHERE left_out.edition_key = :key ORDER BY first_seen DESC, posts.id DESC""",
        {"key": key},
    )
    return list(rows)


def begin_mailing(db: Database, key: str) -> None:
    """Note that an approved edition is being mailed; a second time changes nothing."""
    with db.atomic():
        db.execute(
            "UPDATE editions SET state = 'mailing' WHERE key = :key AND state = 'approved'",
            {"key": key},
        )


def close_edition(db: Database, key: str, *, now: datetime) -> None:
    """Note that nothing of this edition is left to do; a second time changes nothing."""
    with db.atomic():
        db.execute(
            """UPDATE editions SET state = 'closed', closed = :now
                WHERE key = :key AND state = 'mailing'""",
            {"key": key, "now": now.isoformat()},
        )


def cancel_draft(db: Database, key: str, *, now: datetime) -> bool:
    """Give a draft up; its posts wait for the next edition. Tell whether it was a draft."""
    with db.atomic():
        given_up = db.execute(
            """UPDATE editions
                  SET state = 'cancelled', reason = 'cancelled before it was sent', closed = :now,
                      held = '', send_after = NULL
                WHERE key = :key AND state = 'draft'""",
            {"key": key, "now": now.isoformat()},
        )
        if given_up.rowcount == 1:
            _assign(db, key, ())
    return bool(given_up.rowcount == 1)


def cancel_edition(db: Database, key: str, *, now: datetime) -> None:
    """Note that an edition that was being mailed is not mailed to its end."""
    with db.atomic():
        db.execute(
            """UPDATE editions
                  SET state = 'cancelled', reason = 'cancelled on the way', closed = :now
                WHERE key = :key AND state = 'mailing'""",
            {"key": key, "now": now.isoformat()},
        )


def _as_edition(row: dict[str, Any]) -> EditionRecord:
    times = ("drafted", "approved", "closed", "send_after")
    moments = {name: row[name] and datetime.fromisoformat(row[name]) for name in times}
    parts = orjson.loads(row["parts"] or "{}")
    return EditionRecord(**row | moments | {"state": EditionState(row["state"]), "parts": parts})

"""Mailings on disk: frozen letters and audiences, and how far each mailing has come.

Every function is one transaction; what becomes of single deliveries is written by the ledger.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson
from sqlite_utils import Database

from delivery.errors import LetterDrift, NoSuchMailing
from delivery.mailing import AudienceHash, DeliveryState, Mailing, MailingState, Owed
from delivery.message import FormLetter

_OWED = """INSERT INTO deliveries
          (mailing_key, subscriber_id, address, name, state, reason, variant)
          VALUES (?, ?, ?, ?, ?, ?, ?)"""


def freeze(
    db: Database,
    key: str,
    letters: Mapping[str, FormLetter],
    audience: Iterable[Owed],
    *,
    provider: str,
    content_hash: str,
    now: datetime,
) -> bool:
    """Freeze letters by variant and their audience as one mailing; tell whether this call did it.

    All of it happens or none. A second call changes nothing: the first one froze it.

    Raises:
        LetterDrift: a mailing with this key froze another letter.
    """
    with db.atomic():
        if _begin_mailing(db, key, provider, content_hash, now):
            _write_letters(db, key, letters)
            _owe(db, key, audience)
            return True
    if load_mailing(db, key).content_hash != content_hash:
        raise LetterDrift(f"{key}: the letter is not the one that was frozen; nothing was sent")
    return False


def _begin_mailing(db: Database, key: str, provider: str, content_hash: str, now: datetime) -> bool:
    begun = db.execute(
        """INSERT INTO mailings
           (key, state, reason, provider, content_hash, audience_hash, frozen, taken_up)
           VALUES (:key, 'sending', '', :provider, :content_hash, '', :now, :now)
           ON CONFLICT (key) DO NOTHING""",
        {"key": key, "provider": provider, "content_hash": content_hash, "now": now.isoformat()},
    )
    return bool(begun.rowcount == 1)


def _write_letters(db: Database, key: str, letters: Mapping[str, FormLetter]) -> None:
    rows = [(key, name, orjson.dumps(asdict(made)).decode()) for name, made in letters.items()]
    db.conn.executemany("INSERT INTO mailing_letters VALUES (?, ?, ?)", rows)


def _owe(db: Database, key: str, audience: Iterable[Owed]) -> None:
    hashed = AudienceHash()
    db.conn.executemany(_OWED, _owe_rows(key, audience, hashed))
    db.execute(
        "UPDATE mailings SET audience_hash = :hash WHERE key = :key",
        {"key": key, "hash": hashed.value},
    )


def _owe_rows(
    key: str, audience: Iterable[Owed], hashed: AudienceHash
) -> Iterator[Sequence[str | None]]:
    # Plain text: sqlite3 looks for an adapter for each member of an enumeration.
    pending, skipped = DeliveryState.PENDING.value, DeliveryState.SKIPPED.value
    for owed in audience:
        if owed.skip:
            yield key, owed.subscriber_id, None, "", skipped, owed.skip, ""
        else:
            hashed.add(owed.subscriber_id, owed.address)
            yield key, owed.subscriber_id, owed.address, owed.name, pending, "", owed.variant


def load_mailing(db: Database, key: str) -> Mailing:
    """The mailing with this key.

    Raises:
        NoSuchMailing: nothing was frozen under it.
    """
    for row in db.query("SELECT * FROM mailings WHERE key = :key", {"key": key}):
        return _as_mailing(row, _load_letters(db, key))
    raise NoSuchMailing(f"no mailing {key}")


def closed_since(db: Database, since: datetime) -> list[Mailing]:
    """The mailings that ended after a moment, the oldest first; without their letters."""
    rows = db.query(
        "SELECT * FROM mailings WHERE closed >= :since ORDER BY closed",
        {"since": since.isoformat()},
    )
    return [_as_mailing(row, {}) for row in rows]


def _load_letters(db: Database, key: str) -> dict[str, FormLetter]:
    rows = db.query(
        "SELECT variant, letter FROM mailing_letters WHERE mailing_key = :key", {"key": key}
    )
    return {row["variant"]: _as_letter(orjson.loads(row["letter"])) for row in rows}


def _as_letter(letter: dict[str, Any]) -> FormLetter:
    slotted = {part: tuple(letter[part]) for part in ("html", "text", "exit_url")}
    return FormLetter(**(letter | slotted))


def _as_mailing(row: dict[str, Any], letters: dict[str, FormLetter]) -> Mailing:
    return Mailing(
        key=row["key"],
        state=MailingState(row["state"]),
        reason=row["reason"],
        provider=row["provider"],
        letters=letters,
        content_hash=row["content_hash"],
        audience_hash=row["audience_hash"],
        frozen=datetime.fromisoformat(row["frozen"]),
        closed=row["closed"] and datetime.fromisoformat(row["closed"]),
        taken_up=row["taken_up"] and datetime.fromisoformat(row["taken_up"]),
    )

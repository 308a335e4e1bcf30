"""Doubt editions that another copy of the database may have sent: none goes out by itself."""

from collections.abc import Collection, Iterable
from datetime import datetime

import orjson
from sqlite_utils import Database


def last_sign(db: Database) -> datetime | None:
    """The newest moment that the ledgers of posts and editions speak of."""
    rows = db.query(
        """SELECT max(moment) AS newest FROM (
               SELECT max(drafted, ifnull(approved, ''), ifnull(closed, '')) AS moment
                 FROM editions
               UNION ALL SELECT last_read FROM feeds)"""
    )
    newest = next(iter(rows))["newest"]
    return datetime.fromisoformat(newest) if newest else None


def doubt_unsent(db: Database, reason: str, *, begun: Collection[str]) -> list[str]:
    """Make drafts of what was approved, and hold every draft, within the caller's transaction.

    Those whose mailing has `begun` are left as they are. Give the keys of the others.
    """
    doubted = db.query(
        """UPDATE editions SET state = 'draft', approved = NULL, readers = NULL, held = :reason,
                               send_after = NULL
            WHERE state IN ('draft', 'approved')
              AND key NOT IN (SELECT value FROM json_each(:begun))
           RETURNING key""",
        {"reason": reason, "begun": orjson.dumps(sorted(begun)).decode()},
    )
    return sorted(row["key"] for row in doubted)


def doubt_months(db: Database, keys: Iterable[str], reason: str, *, now: datetime) -> list[str]:
    """Hold the months of these keys that have no edition, within the caller's transaction.

    Give the keys of those.
    """
    doubted: list[str] = []
    for key in keys:
        rows = db.query(
            """INSERT INTO editions (key, title, state, reason, program, program_rule,
                                     content_hash, drafted, held)
               VALUES (:key, '', 'skipped', :reason, '', '', '', :now, :reason)
               ON CONFLICT (key) DO UPDATE SET held = :reason WHERE state = 'skipped'
               RETURNING key""",
            {"key": key, "reason": reason, "now": now.isoformat()},
        )
        doubted += [row["key"] for row in rows]
    return doubted

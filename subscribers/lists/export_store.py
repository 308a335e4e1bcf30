"""What an export tells of each person, read row by row."""

from collections.abc import Iterator
from typing import Any

from sqlite_utils import Database


def everybody(db: Database) -> Iterator[dict[str, Any]]:
    """Everybody in the order they were added: the columns of an export, tags as a JSON array.

    Of several confirmations or departures the last one counts.
    """
    return db.query(_EVERYBODY)


_EVERYBODY = """
    SELECT s.address AS email, s.name, s.status, s.tags, s.language, s.frequency, s.paused_until,
           s.wants_offers, c.at AS confirmed_at, c.ip AS confirmed_ip, c.source AS consent_source,
           c.basis AS consent_basis, w.at AS unsubscribed_at,
           (SELECT group_concat(reason, ';') FROM suppressions b
             WHERE b.address_key = s.address_key) AS suppressed
      FROM subscribers s
      LEFT JOIN consents c ON c.id =
           (SELECT max(id) FROM consents WHERE subscriber_id = s.id AND action = 'confirmed')
      LEFT JOIN consents w ON s.status = 'unsubscribed' AND w.id =
           (SELECT max(id) FROM consents WHERE subscriber_id = s.id AND action = 'withdrawn')
     ORDER BY s.rowid"""

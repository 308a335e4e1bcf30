"""The pages of the archive, on disk: kept with the draft, shown once the edition has gone out."""

from datetime import datetime

from sqlite_utils import Database

from content.archive import ArchivedEdition


def write_page(db: Database, key: str, html: str) -> None:
    """Replace the public copy of an edition's letter, within the caller's transaction.

    '' where it is not for everybody.
    """
    db.execute(
        """INSERT INTO archive_pages VALUES (:key, :html)
           ON CONFLICT (edition_key) DO UPDATE SET html = :html""",
        {"key": key, "html": html},
    )


def list_published(db: Database) -> list[ArchivedEdition]:
    """Every edition that has gone out to the last of its readers, newest first."""
    rows = db.query(
        """SELECT key, title, preheader, closed AS published
             FROM editions JOIN archive_pages ON edition_key = key
            WHERE state = 'closed' AND html <> '' ORDER BY closed DESC, key DESC"""
    )
    return [
        ArchivedEdition(**row | {"published": datetime.fromisoformat(row["published"])})
        for row in rows
    ]


def find_page(db: Database, key: str) -> str | None:
    """The page of an edition that is being sent or has been: its readers may open it already."""
    rows = db.query(
        """SELECT html FROM editions JOIN archive_pages ON edition_key = key
            WHERE key = :key AND html <> '' AND state IN ('mailing', 'closed')""",
        {"key": key},
    )
    return next((row["html"] for row in rows), None)

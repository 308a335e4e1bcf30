"""The tables of subscribers. Migrations are SQL, applied in order, frozen once released."""

from sqlite_utils import Database, Migrations

migrations = Migrations("subscribers")


@migrations()
def m001_subscribers(db: Database) -> None:
    """People, what they agreed to, and the addresses that are barred whatever they agree to."""
    db.execute("""
        CREATE TABLE subscribers (
            id          TEXT PRIMARY KEY,      -- random; it stands in links
            address     TEXT NOT NULL,         -- as given
            address_key TEXT NOT NULL UNIQUE,  -- the same for all spellings of one address
            name        TEXT NOT NULL,
            status      TEXT NOT NULL CHECK (status IN ('pending','active','unsubscribed')),
            added       TEXT NOT NULL          -- UTC, ISO 8601, as every time in this file
        ) STRICT""")
    db.execute("""
        CREATE TABLE consents (                -- append-only: what happened, never what is
            id            INTEGER PRIMARY KEY,
            subscriber_id TEXT NOT NULL,
            action        TEXT NOT NULL
                          CHECK (action IN ('imported','confirmed','withdrawn','restored')),
            at            TEXT NOT NULL,
            source        TEXT NOT NULL        -- 'import readers.csv line 7', 'page', 'one-click'
        ) STRICT""")
    db.execute("CREATE INDEX consents_by_subscriber ON consents (subscriber_id)")
    db.execute("""
        CREATE TABLE suppressions (
            address_key TEXT PRIMARY KEY,
            reason      TEXT NOT NULL CHECK (reason IN ('unsubscribed','bounced','complained')),
            evidence    TEXT NOT NULL,
            since       TEXT NOT NULL
        ) STRICT""")
    db.execute("""
        CREATE VIEW standings AS               -- what the rule of subscribers/consent.py asks for
        SELECT s.rowid AS place, s.id, s.address, s.address_key, s.name, s.status,
               b.address_key IS NOT NULL AS suppressed
          FROM subscribers s LEFT JOIN suppressions b USING (address_key)""")


@migrations()
def m002_preferences(db: Database) -> None:
    """What the author knows people by, and whether they want to hear of programs."""
    for statement in _M002.split(";\n"):
        db.execute(statement)


_M002 = """
    ALTER TABLE subscribers ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE subscribers ADD COLUMN wants_offers INTEGER NOT NULL DEFAULT 1
          CHECK (wants_offers IN (0, 1));
    DROP VIEW standings;
    CREATE VIEW standings AS
    SELECT s.rowid AS place, s.id, s.address, s.address_key, s.name, s.status, s.tags,
           s.wants_offers, b.address_key IS NOT NULL AS suppressed
      FROM subscribers s LEFT JOIN suppressions b USING (address_key)"""

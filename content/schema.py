"""The tables of content: feeds, the ledger of posts, editions and their letters.

Migrations are SQL, applied in order, and frozen once they are released.
"""

from sqlite_utils import Database, Migrations

migrations = Migrations("content")


@migrations()
def m001_ledger_of_posts(db: Database) -> None:
    """One row per post that a feed ever had, so that none is mailed twice."""
    db.execute("""
        CREATE TABLE feeds (
            source     TEXT PRIMARY KEY,  -- address or path, as in the settings
            title      TEXT NOT NULL,
            first_read TEXT NOT NULL,     -- UTC, ISO 8601, as every time in this file
            last_read  TEXT NOT NULL
        ) STRICT""")
    db.execute("""
        CREATE TABLE posts (
            id          INTEGER PRIMARY KEY,
            feed        TEXT NOT NULL,
            identity    TEXT NOT NULL,    -- guid, else link, else a hash of the content
            link        TEXT NOT NULL,
            title       TEXT NOT NULL,
            body        TEXT NOT NULL,    -- HTML as the blog has it
            categories  TEXT NOT NULL,    -- JSON list
            image       TEXT NOT NULL,
            published   TEXT,             -- NULL where the feed gives no date
            first_seen  TEXT NOT NULL,
            changed     TEXT NOT NULL,
            state       TEXT NOT NULL
                        CHECK (state IN ('settling','ready','assigned','excluded','held')),
            reason      TEXT NOT NULL,
            edition_key TEXT,
            UNIQUE (feed, identity),
            CHECK ((state = 'assigned') = (edition_key IS NOT NULL)),
            CHECK (state NOT IN ('excluded','held') OR reason <> '')
        ) STRICT""")
    db.execute("CREATE INDEX posts_by_state ON posts (state)")


@migrations()
def m002_editions(db: Database) -> None:
    """One edition per key, whatever runs twice; the letter is kept as it was rendered."""
    db.execute("""
        CREATE TABLE editions (
            key          TEXT PRIMARY KEY,   -- digest-2026-11
            title        TEXT NOT NULL,
            state        TEXT NOT NULL CHECK (state IN
                         ('draft','approved','mailing','closed','skipped','cancelled')),
            reason       TEXT NOT NULL,      -- why it was skipped or cancelled
            program      TEXT NOT NULL,      -- name, or '' for none
            program_rule TEXT NOT NULL,      -- the rule that chose it
            content_hash TEXT NOT NULL,      -- of the letter; what was approved is what is sent
            drafted      TEXT NOT NULL,
            approved     TEXT,
            closed       TEXT
        ) STRICT""")
    db.execute("""
        CREATE TABLE letters (
            edition_key TEXT PRIMARY KEY,
            subject     TEXT NOT NULL,
            html        TEXT NOT NULL,       -- JSON list: text, slot name, text, slot name, text
            text        TEXT NOT NULL        -- the same
        ) STRICT""")

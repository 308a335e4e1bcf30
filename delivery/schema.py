"""The tables of delivery. Migrations are SQL, applied in order, frozen once released."""

from sqlite_utils import Database, Migrations

from delivery.fence_schema import FENCE

migrations = Migrations("delivery")


@migrations()
def m001_ledger(db: Database) -> None:
    """One row per letter we owe somebody; the row is the promise not to send it twice."""
    db.execute("""
        CREATE TABLE mailings (
            key          TEXT PRIMARY KEY,   -- the edition's key: an edition is mailed once
            state        TEXT NOT NULL CHECK (state IN ('sending','paused','closed','cancelled')),
            reason       TEXT NOT NULL,      -- why it is paused
            provider     TEXT NOT NULL,
            letter       TEXT NOT NULL,      -- JSON of the form letter, frozen
            content_hash TEXT NOT NULL,
            audience_hash TEXT NOT NULL,
            frozen       TEXT NOT NULL,      -- UTC, ISO 8601, as every time in this file
            closed       TEXT
        ) STRICT""")
    db.execute("""
        CREATE TABLE batches (
            id          TEXT PRIMARY KEY,    -- random; it goes to the provider
            mailing_key TEXT NOT NULL REFERENCES mailings (key),
            account     TEXT NOT NULL,       -- where it may be looked up
            state       TEXT NOT NULL CHECK
                        (state IN ('prepared','in_flight','answered','released','unknown')),
            letters     INTEGER NOT NULL,
            prepared    TEXT NOT NULL,
            posted      TEXT,                -- written before the socket is used
            answered    TEXT,
            CHECK (state = 'prepared' OR state = 'released' OR posted IS NOT NULL)
        ) STRICT""")
    db.execute("CREATE INDEX batches_open ON batches (mailing_key) WHERE state <> 'answered'")
    db.execute("""
        CREATE TABLE deliveries (
            id            INTEGER PRIMARY KEY,
            mailing_key   TEXT NOT NULL REFERENCES mailings (key),
            subscriber_id TEXT NOT NULL,     -- no foreign key: erasing a person keeps the count
            address       TEXT,              -- NULL once erased, and for those who get no letter
            name          TEXT NOT NULL,
            state         TEXT NOT NULL DEFAULT 'pending' CHECK (state IN
                          ('pending','claimed','submitted','refused','unknown','skipped')),
            reason        TEXT NOT NULL DEFAULT '',
            batch_id      TEXT REFERENCES batches (id),
            provider_id   TEXT NOT NULL DEFAULT '',
            UNIQUE (mailing_key, subscriber_id),
            CHECK (state NOT IN ('refused','skipped') OR reason <> ''),
            CHECK (state NOT IN ('claimed','submitted','unknown') OR batch_id IS NOT NULL),
            CHECK (state <> 'pending' OR address IS NOT NULL)
        ) STRICT""")
    db.execute("""CREATE INDEX deliveries_pending ON deliveries (mailing_key, id)
                   WHERE state = 'pending'""")
    db.execute("CREATE INDEX deliveries_by_batch ON deliveries (batch_id)")


@migrations()
def m002_variants(db: Database) -> None:
    """A mailing has a letter for each variant, and a delivery says which one it is owed."""
    for statement in _M002.split(";\n"):
        db.execute(statement)


_M002 = """
    CREATE TABLE mailing_letters (
        mailing_key TEXT NOT NULL REFERENCES mailings (key),
        variant     TEXT NOT NULL,
        letter      TEXT NOT NULL,       -- JSON of the form letter, frozen
        PRIMARY KEY (mailing_key, variant)
    ) STRICT;
    INSERT INTO mailing_letters SELECT key, '', letter FROM mailings;
    ALTER TABLE mailings DROP COLUMN letter;
    ALTER TABLE deliveries ADD COLUMN variant TEXT NOT NULL DEFAULT '';
    DROP INDEX deliveries_pending;
    CREATE INDEX deliveries_pending ON deliveries (mailing_key, variant, id)
     WHERE state = 'pending';
    CREATE INDEX deliveries_with_variant ON deliveries (subscriber_id, id) WHERE variant <> ''"""


@migrations()
def m003_notes(db: Database) -> None:
    """Letters of no edition, each to one person; the row is the promise to send it once."""
    for statement in _M003.split(";\n"):
        db.execute(statement)


_M003 = """
    CREATE TABLE notes (
        id            TEXT NOT NULL,     -- of the request that caused it
        kind          TEXT NOT NULL CHECK (kind IN ('confirm','welcome','links')),
        subscriber_id TEXT NOT NULL,
        language      TEXT NOT NULL,     -- '' for the newsletter's own
        details       TEXT NOT NULL,     -- JSON: what else its words need; no address, no token
        state         TEXT NOT NULL DEFAULT 'pending' CHECK (state IN
                      ('pending','claimed','submitted','refused','unknown','skipped')),
        reason        TEXT NOT NULL DEFAULT '',
        made          TEXT NOT NULL,
        due           TEXT NOT NULL,     -- not tried, or not asked about, before
        attempts      INTEGER NOT NULL DEFAULT 0,  -- that came to nothing
        account       TEXT NOT NULL DEFAULT '',    -- where it may be looked up
        claimed       TEXT,              -- written before the socket is used
        answered      TEXT,
        provider_id   TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (id, kind),
        CHECK (state NOT IN ('refused','skipped','unknown') OR reason <> ''),
        CHECK (state NOT IN ('claimed','submitted','unknown') OR claimed IS NOT NULL)
    ) STRICT;
    CREATE INDEX notes_pending ON notes (due) WHERE state = 'pending';
    CREATE INDEX notes_open ON notes (due) WHERE state IN ('claimed','unknown');
    CREATE INDEX notes_refused ON notes (answered) WHERE state = 'refused';
    CREATE INDEX notes_by_claim ON notes (claimed)"""


@migrations()
def m004_answers(db: Database) -> None:
    """What was handed over to the byte, how fast we may go, who is sending, what is told later."""
    for statement in _M004.split(";\n"):
        db.execute(statement)


_M004 = """
    -- brakes look no further back
    ALTER TABLE mailings ADD COLUMN taken_up TEXT;
    -- who holds the lease
    ALTER TABLE mailings ADD COLUMN sender TEXT NOT NULL DEFAULT '';
    -- the sender's last sign of life
    ALTER TABLE mailings ADD COLUMN beat TEXT;
    -- SHA-256, exact bytes
    ALTER TABLE batches ADD COLUMN body_hash TEXT NOT NULL DEFAULT '';
    ALTER TABLE batches ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE batches ADD COLUMN taken INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE batches ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
    -- of its end
    ALTER TABLE batches ADD COLUMN reason TEXT NOT NULL DEFAULT '';
    CREATE INDEX batches_by_account ON batches (account, posted);
    CREATE INDEX batches_by_answer ON batches (mailing_key, answered);
    -- refused for now
    ALTER TABLE deliveries ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
    -- of events: the gravest
    ALTER TABLE deliveries ADD COLUMN heard TEXT NOT NULL DEFAULT '';
    -- a freeze writes no entry for those of no batch yet
    DROP INDEX deliveries_by_batch;
    CREATE INDEX deliveries_by_batch ON deliveries (batch_id) WHERE batch_id IS NOT NULL;
    DROP INDEX deliveries_pending;
    CREATE INDEX deliveries_pending ON deliveries (mailing_key, attempts, variant, id)
     WHERE state = 'pending';
    -- exact bytes; only without an answer, only for a replay
    ALTER TABLE notes ADD COLUMN body BLOB;
    ALTER TABLE notes ADD COLUMN heard TEXT NOT NULL DEFAULT '';
    CREATE TABLE paces (
        account    TEXT PRIMARY KEY,
        calls      REAL,                 -- calls a second that were found out, NULL: no bound
        not_before TEXT,                 -- nothing is handed over earlier
        reason     TEXT NOT NULL
    ) STRICT;
    CREATE TABLE events (
        id         INTEGER PRIMARY KEY,
        provider   TEXT NOT NULL,
        dedupe     TEXT NOT NULL,        -- the provider's name for it; a second one is the same
        kind       TEXT NOT NULL,
        send_key   TEXT NOT NULL,        -- '' where it names none
        batch_id   TEXT NOT NULL,        -- of the hand-over it is about, or ''
        provider_id TEXT NOT NULL,
        recipient  TEXT,                 -- NULL once erased
        code       TEXT NOT NULL,        -- enhanced status code (RFC 3463), or ''
        detail     TEXT NOT NULL,        -- a word of ours, never the provider's
        occurred   TEXT NOT NULL,
        received   TEXT NOT NULL,
        raw        TEXT,                 -- as it came; NULL once erased or old
        applied    TEXT,                 -- when; NULL: not yet
        mailing_key TEXT NOT NULL DEFAULT '',      -- both once it is known whose it is
        subscriber_id TEXT NOT NULL DEFAULT '',
        UNIQUE (provider, dedupe)
    ) STRICT;
    CREATE INDEX events_to_apply ON events (id) WHERE applied IS NULL;
    CREATE INDEX events_by_mailing ON events (mailing_key, kind, received, subscriber_id)
     WHERE mailing_key <> '';
    CREATE INDEX events_by_subscriber ON events (subscriber_id) WHERE subscriber_id <> '';
    CREATE INDEX events_received ON events (provider, received);
    CREATE INDEX events_with_raw ON events (received) WHERE raw IS NOT NULL;
    CREATE TABLE pulls (
        account TEXT PRIMARY KEY,
        until   TEXT NOT NULL            -- the provider's suppression list is known up to here
    ) STRICT"""


@migrations()
def m005_author(db: Database) -> None:
    """The author gets notes too, and is told of each trouble once."""
    for statement in _M005.split(";\n"):
        db.execute(statement)


_M005 = """
    CREATE TABLE all_notes (
        id            TEXT NOT NULL,     -- of the request that caused it
        kind          TEXT NOT NULL CHECK
                      (kind IN ('confirm','welcome','links','notice','draft')),
        subscriber_id TEXT NOT NULL,     -- '' for the author
        language      TEXT NOT NULL,     -- '' for the newsletter's own
        details       TEXT NOT NULL,     -- JSON: what else its words need; no address, no token
        state         TEXT NOT NULL DEFAULT 'pending' CHECK (state IN
                      ('pending','claimed','submitted','refused','unknown','skipped')),
        reason        TEXT NOT NULL DEFAULT '',
        made          TEXT NOT NULL,
        due           TEXT NOT NULL,     -- not tried, or not asked about, before
        attempts      INTEGER NOT NULL DEFAULT 0,  -- that came to nothing
        account       TEXT NOT NULL DEFAULT '',    -- where it may be looked up
        claimed       TEXT,              -- written before the socket is used
        answered      TEXT,
        provider_id   TEXT NOT NULL DEFAULT '',
        body          BLOB,              -- exact bytes; only without an answer, only for a replay
        heard         TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (id, kind),
        CHECK (state NOT IN ('refused','skipped','unknown') OR reason <> ''),
        CHECK (state NOT IN ('claimed','submitted','unknown') OR claimed IS NOT NULL)
    ) STRICT;
    INSERT INTO all_notes SELECT * FROM notes;
    DROP TABLE notes;
    ALTER TABLE all_notes RENAME TO notes;
    CREATE INDEX notes_pending ON notes (due) WHERE state = 'pending';
    CREATE INDEX notes_open ON notes (due) WHERE state IN ('claimed','unknown');
    CREATE INDEX notes_refused ON notes (answered) WHERE state = 'refused';
    CREATE INDEX notes_by_claim ON notes (claimed);
    CREATE TABLE notices (               -- what the author is to know, while it lasts
        topic TEXT PRIMARY KEY,          -- feed-down …, paused digest-2026-11
        text  TEXT NOT NULL,             -- one line: what, where, what to do
        since TEXT NOT NULL,
        told  TEXT                       -- when it was last mailed
    ) STRICT"""


@migrations()
def m006_fence(db: Database) -> None:
    """Which copy of this database may send, and what a taken-over copy cannot know."""
    for statement in FENCE.split(";\n"):
        db.execute(statement)

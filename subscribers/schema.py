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


@migrations()
def m003_evidence(db: Database) -> None:
    """What proves a consent, what readers ask for and change, and who was erased."""
    for statement in _M003.split(";\n\n"):
        db.execute(statement)


# Who sends has to prove the consent: GDPR Art. 7(1), CASL s. 13.
_M003 = """
    ALTER TABLE subscribers ADD COLUMN language TEXT NOT NULL DEFAULT '';

    ALTER TABLE subscribers ADD COLUMN frequency TEXT NOT NULL DEFAULT 'monthly'
          CHECK (frequency IN ('monthly','quarterly'));

    ALTER TABLE subscribers ADD COLUMN paused_until TEXT;

    CREATE INDEX active_by_tags ON subscribers (tags, paused_until) WHERE status = 'active';

    CREATE TABLE wordings (               -- what people agree to, as they were shown it
        hash     TEXT PRIMARY KEY,        -- SHA-256 of the text, in hexadecimal
        version  INTEGER NOT NULL UNIQUE, -- 1, 2, ... in the order of their first use
        text     TEXT NOT NULL,
        language TEXT NOT NULL,
        since    TEXT NOT NULL
    ) STRICT;

    CREATE TABLE evidence (               -- append-only: what happened, never what is
        id            INTEGER PRIMARY KEY,
        subscriber_id TEXT NOT NULL,
        address       TEXT NOT NULL,      -- as given then
        action        TEXT NOT NULL CHECK
                      (action IN ('requested','imported','confirmed','withdrawn','restored')),
        basis         TEXT NOT NULL DEFAULT 'express' CHECK
                      (basis IN ('express','implied','soft opt-in','legitimate')),
        basis_expires TEXT,
        at            TEXT NOT NULL,
        source        TEXT NOT NULL,      -- 'import readers.csv line 7', 'page', 'one-click'
        actor         TEXT NOT NULL CHECK (actor IN ('reader','author','provider')),
        wording       TEXT REFERENCES wordings (hash),
        language      TEXT NOT NULL DEFAULT '',
        ip            TEXT NOT NULL DEFAULT '',
        agent         TEXT NOT NULL DEFAULT '',
        request       TEXT NOT NULL DEFAULT '',  -- the request that was confirmed
        evidence      TEXT NOT NULL DEFAULT ''   -- where more of it can be found
    ) STRICT;

    INSERT INTO evidence (id, subscriber_id, address, action, at, source, actor)
    SELECT c.id, c.subscriber_id, coalesce(s.address, ''), c.action, c.at, c.source,
           iif(c.source LIKE 'import%', 'author', 'reader')
      FROM consents c LEFT JOIN subscribers s ON s.id = c.subscriber_id;

    DROP TABLE consents;

    ALTER TABLE evidence RENAME TO consents;

    CREATE INDEX consents_by_subscriber ON consents (subscriber_id);

    CREATE INDEX consents_by_request ON consents (request) WHERE request <> '';

    CREATE TRIGGER consents_are_never_changed BEFORE UPDATE ON consents
    BEGIN SELECT raise(ABORT, 'consents are append-only'); END;

    CREATE TRIGGER consents_go_with_the_person BEFORE DELETE ON consents
    WHEN EXISTS (SELECT 1 FROM subscribers WHERE id = old.subscriber_id)
    BEGIN SELECT raise(ABORT, 'consents are append-only'); END;

    CREATE TABLE changes (                -- append-only, too: what readers and the author set
        id            INTEGER PRIMARY KEY,
        subscriber_id TEXT NOT NULL,
        field         TEXT NOT NULL,
        was           TEXT NOT NULL,
        became        TEXT NOT NULL,
        at            TEXT NOT NULL,
        source        TEXT NOT NULL
    ) STRICT;

    CREATE INDEX changes_by_subscriber ON changes (subscriber_id);

    CREATE TABLE requests (               -- letters asked for by a form: a sign-up, one's links
        id            TEXT PRIMARY KEY,   -- random; it stands in the link that confirms
        kind          TEXT NOT NULL CHECK (kind IN ('confirm','links')),
        subscriber_id TEXT NOT NULL,
        address_key   TEXT NOT NULL,
        name          TEXT NOT NULL DEFAULT '',
        language      TEXT NOT NULL DEFAULT '',
        at            TEXT NOT NULL
    ) STRICT;

    CREATE INDEX requests_by_address ON requests (address_key, at);

    CREATE INDEX requests_by_time ON requests (at);

    CREATE INDEX requests_by_subscriber ON requests (subscriber_id);

    CREATE INDEX subscribers_pending ON subscribers (added) WHERE status = 'pending';

    CREATE TABLE bars (
        address_key TEXT NOT NULL,
        reason      TEXT NOT NULL CHECK
                    (reason IN ('unsubscribed','bounced','complained','blocked')),
        evidence    TEXT NOT NULL,
        since       TEXT NOT NULL,
        PRIMARY KEY (address_key, reason)
    ) STRICT, WITHOUT ROWID;

    INSERT INTO bars SELECT address_key, reason, evidence, since FROM suppressions;

    DROP VIEW standings;

    DROP TABLE suppressions;

    ALTER TABLE bars RENAME TO suppressions;

    CREATE TABLE erasures (               -- who asked to be forgotten: enough to know them again
        fingerprint TEXT PRIMARY KEY,     -- HMAC-SHA-256 of the address key
        key_id      TEXT NOT NULL,        -- which key made it
        reasons     TEXT NOT NULL,        -- JSON: what barred the address
        at          TEXT NOT NULL
    ) STRICT;

    CREATE VIEW standings AS
    SELECT s.rowid AS place, s.*,
           EXISTS (SELECT 1 FROM suppressions b WHERE b.address_key = s.address_key) AS suppressed
      FROM subscribers s"""


@migrations()
def m004_exit_probes(db: Database) -> None:
    """Ids that are nobody's, by which the way out is tried before a mailing."""
    db.execute("""
        CREATE TABLE exit_probes (
            id    TEXT PRIMARY KEY,  -- random; it stands in a link like a reader's
            made  TEXT NOT NULL,
            taken TEXT               -- when a POST on the link came in
        ) STRICT""")

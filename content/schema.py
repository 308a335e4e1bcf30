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


@migrations()
def m003_identity_and_health(db: Database) -> None:
    """A post is known by many keys, a feed has a health, and every decision is kept."""
    for statement in _M003.split(";\n"):
        db.execute(statement)


_M003 = """
    CREATE TABLE known_feeds (
        source        TEXT PRIMARY KEY,  -- address or path, as in the settings
        title         TEXT NOT NULL,
        first_read    TEXT,              -- NULL while no reading has worked
        last_read     TEXT,              -- the last one that worked
        etag          TEXT NOT NULL DEFAULT '',
        last_modified TEXT NOT NULL DEFAULT '',
        moved_to      TEXT NOT NULL DEFAULT '',
        body_hash     TEXT NOT NULL DEFAULT '',
        failures      INTEGER NOT NULL DEFAULT 0,
        failure       TEXT NOT NULL DEFAULT '',
        failing_since TEXT,
        next_try      TEXT,
        gone          INTEGER NOT NULL DEFAULT 0,
        opens         TEXT               -- posts from this moment on may be mailed
    ) STRICT;
    INSERT INTO known_feeds (source, title, first_read, last_read)
    SELECT source, title, first_read, last_read FROM feeds;
    DROP TABLE feeds;
    ALTER TABLE known_feeds RENAME TO feeds;
    CREATE TABLE known_posts (
        id          INTEGER PRIMARY KEY,
        feed        TEXT NOT NULL,
        identity    TEXT NOT NULL,    -- its name in its feed, for good
        guid        TEXT NOT NULL,
        link        TEXT NOT NULL,
        title       TEXT NOT NULL,
        body        TEXT NOT NULL,    -- HTML as the blog has it
        summary     TEXT NOT NULL,
        base        TEXT NOT NULL,    -- what relative addresses in the HTML are from
        language    TEXT NOT NULL,
        categories  TEXT NOT NULL,    -- JSON list
        picture     TEXT NOT NULL,    -- JSON, as the feed names it, or ''
        published   TEXT,             -- NULL where the feed gives no date
        first_seen  TEXT NOT NULL,
        changed     TEXT NOT NULL,
        edited      TEXT,             -- when the blog changed it after its approval
        state       TEXT NOT NULL
                    CHECK (state IN ('settling','ready','assigned','excluded','held')),
        cause       TEXT CHECK (cause IN ('baseline','too_early','empty','cut_short','flood',
                                          'withdrawn','gone','author')),
        reason      TEXT NOT NULL,
        edition_key TEXT,
        UNIQUE (feed, identity),
        CHECK ((state = 'assigned') = (edition_key IS NOT NULL)),
        CHECK ((state IN ('excluded','held')) = (cause IS NOT NULL)),
        CHECK ((cause IS NOT NULL) = (reason <> ''))
    ) STRICT;
    INSERT INTO known_posts
    SELECT id, feed, identity,
           CASE WHEN identity = link OR identity LIKE 'sha256:%' THEN '' ELSE identity END,
           link, title, body, '', link, '', categories,
           CASE image WHEN '' THEN '' ELSE json_object('url', image) END,
           published, first_seen, changed, NULL, state,
           CASE WHEN state NOT IN ('excluded','held') THEN NULL
                WHEN reason LIKE 'published before %' THEN 'too_early' ELSE 'baseline' END,
           CASE WHEN state IN ('excluded','held') THEN reason ELSE '' END,
           edition_key
      FROM posts;
    DROP TABLE posts;
    ALTER TABLE known_posts RENAME TO posts;
    CREATE INDEX posts_by_state ON posts (state);
    CREATE INDEX posts_by_edition ON posts (edition_key) WHERE edition_key IS NOT NULL;
    CREATE TABLE post_keys (           -- every guid, link and content a post was known by
        key     TEXT NOT NULL,
        post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
        PRIMARY KEY (key, post_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX post_keys_by_post ON post_keys (post_id);
    INSERT INTO post_keys SELECT 'guid ' || guid || ' in ' || feed, id FROM posts WHERE guid <> '';
    INSERT INTO post_keys
    SELECT 'link ' || rtrim(replace(substr(link, instr(link, '://') + 3), 'www.', ''), '/'), id
      FROM posts WHERE link LIKE '%://%/_%';
    CREATE VIEW posts_with_keys AS
    SELECT posts.*, (SELECT json_group_array(key) FROM post_keys WHERE post_id = posts.id) AS keys
      FROM posts;
    CREATE TABLE left_out (            -- what an edition passed over, and why
        edition_key TEXT NOT NULL,
        post_id     INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
        reason      TEXT NOT NULL,
        decided     TEXT NOT NULL,
        PRIMARY KEY (edition_key, post_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX left_out_by_post ON left_out (post_id)"""


@migrations()
def m004_variants(db: Database) -> None:
    """A letter for each group of readers, and by which rules each reader gets which."""
    for statement in _M004.split(";\n"):
        db.execute(statement)


_M004 = """
    CREATE TABLE letters_by_variant (
        edition_key TEXT NOT NULL,
        variant     TEXT NOT NULL,       -- the program it offers; '' is for the rest
        subject     TEXT NOT NULL,
        html        TEXT NOT NULL,       -- JSON list: text, slot name, text, slot name, text
        text        TEXT NOT NULL,       -- the same
        PRIMARY KEY (edition_key, variant)
    ) STRICT;
    INSERT INTO letters_by_variant
    SELECT edition_key, '', subject, html, text FROM letters;
    DROP TABLE letters;
    ALTER TABLE letters_by_variant RENAME TO letters;
    CREATE TABLE offers (                -- what an edition may offer, and to whom
        edition_key TEXT NOT NULL,
        program     TEXT NOT NULL,
        place       INTEGER NOT NULL,    -- the usual one is 0
        score       INTEGER NOT NULL,
        weight      INTEGER NOT NULL,
        ends        TEXT,                -- the last day of the offer
        cap         INTEGER,             -- NULL for any number of times
        not_for     TEXT NOT NULL,       -- JSON list of tags
        PRIMARY KEY (edition_key, program)
    ) STRICT, WITHOUT ROWID;
    ALTER TABLE editions ADD COLUMN last_program TEXT NOT NULL DEFAULT '';
    ALTER TABLE editions ADD COLUMN preheader TEXT NOT NULL DEFAULT '';
    ALTER TABLE editions ADD COLUMN sender_name TEXT NOT NULL DEFAULT '';
    ALTER TABLE editions ADD COLUMN segment TEXT NOT NULL DEFAULT ''"""


@migrations()
def m005_archive(db: Database) -> None:
    """The public copy of each edition's letter, made with it and shown once it has gone out."""
    db.execute("""
        CREATE TABLE archive_pages (
            edition_key TEXT PRIMARY KEY,
            html        TEXT NOT NULL    -- whole page; nothing of a reader is in it
        ) STRICT""")


@migrations()
def m006_approval(db: Database) -> None:
    """What an edition was made from, and what its author has said of it."""
    for statement in _M006.split(";\n"):
        db.execute(statement)


_M006 = """
    -- JSON object: each thing the letter was made from, and the hash of it; '' before this
    ALTER TABLE editions ADD COLUMN parts TEXT NOT NULL DEFAULT '';
    -- how many would have got it at its approval
    ALTER TABLE editions ADD COLUMN readers INTEGER;
    -- why it does not send itself, or ''
    ALTER TABLE editions ADD COLUMN held TEXT NOT NULL DEFAULT '';
    -- a draft that nobody holds sends itself then
    ALTER TABLE editions ADD COLUMN send_after TEXT;
    -- the program its author chose, '' for none; NULL: by the rules
    ALTER TABLE editions ADD COLUMN wanted_program TEXT;
    CREATE TABLE decisions (             -- what its author's links did to a draft, each once
        edition_key  TEXT NOT NULL,
        content_hash TEXT NOT NULL,      -- of the draft that was seen
        act          TEXT NOT NULL,
        became       TEXT NOT NULL,      -- the hash of the draft after it
        at           TEXT NOT NULL,
        PRIMARY KEY (edition_key, content_hash, act)
    ) STRICT, WITHOUT ROWID"""

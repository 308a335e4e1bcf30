"""The table of the fence, and what makes its generation grow; a part of the tables of delivery."""

FENCE = """
    CREATE TABLE instance (
        one        INTEGER PRIMARY KEY CHECK (one = 1),
        lineage    TEXT NOT NULL,        -- random; every copy of one newsletter has the same
        id         TEXT NOT NULL,        -- random, another after each claim
        place      TEXT NOT NULL,        -- hash of machine and path; '' for a backup
        generation INTEGER NOT NULL,     -- grows with each freeze, hand-over and claim
        claimed    TEXT NOT NULL,
        known_to   TEXT,                 -- of a backup: what was sent later is not in it
        complete   INTEGER NOT NULL DEFAULT 0,  -- restored with all that the last one knew
        doubted    TEXT                  -- at its claim: another copy may have sent since then
    ) STRICT;
    CREATE TRIGGER freezes_grow AFTER INSERT ON mailings
    BEGIN UPDATE instance SET generation = generation + 1; END;
    CREATE TRIGGER hand_overs_grow AFTER UPDATE OF posted ON batches
    BEGIN UPDATE instance SET generation = generation + 1; END;
    CREATE TRIGGER notes_grow AFTER UPDATE OF claimed ON notes
    BEGIN UPDATE instance SET generation = generation + 1; END;
    -- 1: another copy may have handed its letters over, in this batch or in another
    ALTER TABLE batches ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0"""

"""Staged rows written into the list, as they were decided on. See store.py for the staging."""

from datetime import datetime

from sqlite_utils import Database


def apply(db: Database, first: int, last: int, *, near: str, source: str, now: datetime) -> None:
    """Write the rows of a chunk that were found to add or update somebody.

    To be called in the transaction in which they were weighed. The ids of a chunk all begin with
    `near`, two random characters, and so stand next to each other in the indexes: where they
    stand anywhere, a million people take far longer.
    """
    facts = {"first": first, "last": last, "near": near, "source": source, "now": now.isoformat()}
    for statement in _APPLY:
        db.execute(statement, facts)


_APPLY = (
    """
    UPDATE temp.staged SET id = :near || substr(id, 3)
     WHERE place BETWEEN :first AND :last AND verdict = 'added'""",
    """
    INSERT INTO subscribers (id, address, address_key, name, status, added, tags, language,
                             frequency, paused_until, wants_offers)
    SELECT id, address, key, name, status, :now, coalesce(tags, '[]'), language,
           frequency, paused_until, wants_offers
      FROM temp.staged
     WHERE place BETWEEN :first AND :last AND verdict = 'added' ORDER BY line""",
    """
    INSERT INTO changes (subscriber_id, field, was, became, at, source)
    SELECT r.id, 'name', s.name, r.name, :now, :source || ' line ' || r.line
      FROM temp.staged r JOIN subscribers s ON s.id = r.id
     WHERE r.place BETWEEN :first AND :last AND r.verdict = 'updated' AND s.name <> r.name""",
    """
    INSERT INTO changes (subscriber_id, field, was, became, at, source)
    SELECT r.id, 'tags', s.tags, r.tags, :now, :source || ' line ' || r.line
      FROM temp.staged r JOIN subscribers s ON s.id = r.id
     WHERE r.place BETWEEN :first AND :last AND r.verdict = 'updated' AND s.tags <> r.tags""",
    """
    UPDATE subscribers SET name = r.name, tags = r.tags, status = r.status
      FROM temp.staged r
     WHERE subscribers.id = r.id AND r.place BETWEEN :first AND :last AND r.verdict = 'updated'""",
    """
    INSERT INTO consents (subscriber_id, address, action, basis, at, source, actor, ip, evidence)
    SELECT r.id, r.address, a.action, r.basis,
           iif(a.action = 'imported', :now, coalesce(r.at, :now)),
           :source || ' line ' || r.line, 'author', r.ip, r.evidence
      FROM temp.staged r
      JOIN (SELECT 'imported' AS action, 1 AS step UNION ALL SELECT 'confirmed', 2
            UNION ALL SELECT 'withdrawn', 2) a ON a.step = 1 OR a.action = r.happened
     WHERE r.place BETWEEN :first AND :last AND r.verdict IN ('added', 'updated')
     ORDER BY r.line, a.step""",
    """
    INSERT INTO suppressions (address_key, reason, evidence, since)
    SELECT r.key, b.value, :source || ' line ' || r.line,
           iif(r.happened = 'withdrawn', coalesce(r.at, :now), :now)
      FROM temp.staged r JOIN json_each(r.bars) b
     WHERE r.place BETWEEN :first AND :last AND r.verdict IN ('added', 'updated')
       AND r.bars <> '[]'
        ON CONFLICT DO NOTHING""",
)

"""What an author, or the schedule, says of a draft, on disk: yes, hold, later, another program."""

from datetime import datetime

from sqlite_utils import Database


def approve(
    db: Database, key: str, content_hash: str, *, now: datetime, readers: int | None = None
) -> bool:
    """Approve a draft if it is still the one with this hash; tell whether it was.

    `readers` is how many would get it now.
    """
    return _moved(
        db,
        """UPDATE editions SET state = 'approved', approved = :now, readers = :readers, held = '',
                               reason = '', send_after = NULL
            WHERE key = :key AND state = 'draft' AND content_hash = :hash RETURNING key""",
        key=key,
        hash=content_hash,
        now=now.isoformat(),
        readers=readers,
    )


def reopen(db: Database, key: str, reason: str) -> bool:
    """Take an approval back before anything of it was mailed; tell whether that was so.

    It is a draft again, and does not send itself.
    """
    return _moved(
        db,
        """UPDATE editions SET state = 'draft', approved = NULL, readers = NULL, held = :reason,
                               send_after = NULL
            WHERE key = :key AND state = 'approved' RETURNING key""",
        key=key,
        reason=reason,
    )


def hold(db: Database, key: str, content_hash: str, reason: str) -> bool:
    """Keep a draft with this hash from sending itself; tell whether it is such a draft."""
    return _moved(
        db,
        """UPDATE editions SET held = :reason, send_after = NULL
            WHERE key = :key AND state = 'draft' AND content_hash = :hash RETURNING key""",
        key=key,
        hash=content_hash,
        reason=reason,
    )


def send_later(db: Database, key: str, content_hash: str, moment: datetime) -> bool:
    """Let a draft with this hash send itself at a moment; tell whether it is such a draft."""
    return _moved(
        db,
        """UPDATE editions SET send_after = :moment
            WHERE key = :key AND state = 'draft' AND content_hash = :hash AND held = ''
           RETURNING key""",
        key=key,
        hash=content_hash,
        moment=moment.isoformat(),
    )


def want_program(db: Database, key: str, program: str) -> None:
    """Note which program an author wants in a draft, '' for none; it is made anew with that."""
    _moved(
        db,
        "UPDATE editions SET wanted_program = :program WHERE key = :key AND state = 'draft'"
        " RETURNING key",
        key=key,
        program=program,
    )


def skip_month(db: Database, key: str, reason: str, *, now: datetime, held: str = "") -> bool:
    """Write down that a month without an edition gets none; tell whether there was none.

    With `held`, no run makes it later by itself.
    """
    return _moved(
        db,
        """INSERT INTO editions (key, title, state, reason, program, program_rule, content_hash,
                                 drafted, held)
           VALUES (:key, '', 'skipped', :reason, '', '', '', :now, :held)
           ON CONFLICT DO NOTHING RETURNING key""",
        key=key,
        reason=reason,
        now=now.isoformat(),
        held=held,
    )


def due_drafts(db: Database, now: datetime) -> list[str]:
    """The keys of the drafts whose time has come to send themselves."""
    rows = db.query(
        """SELECT key FROM editions WHERE state = 'draft' AND held = '' AND send_after <= :now
            ORDER BY key""",
        {"now": now.isoformat()},
    )
    return [row["key"] for row in rows]


def _moved(db: Database, statement: str, **values: str | int | None) -> bool:
    """Run a statement that gives back what it changed; tell whether that was anything."""
    with db.atomic():
        return bool(list(db.query(statement, values)))

"""What keeps an approved edition from being mailed, on disk: told until it is gone."""

from sqlite_utils import Database


def keep_waiting(db: Database, key: str, reason: str) -> None:
    """Say why an approved edition is not mailed yet; '' where nothing is in its way any more."""
    with db.atomic():
        db.execute(
            """UPDATE editions SET held = :reason
                WHERE key = :key AND state = 'approved' AND held <> :reason""",
            {"key": key, "reason": reason},
        )

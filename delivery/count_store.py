"""How far mailings have come, in numbers."""

from datetime import datetime

from sqlite_utils import Database

from delivery.mailing import DeliveryState, Tally
from delivery.progress import WINDOW, Answered, Progress


def tally(db: Database, key: str) -> Tally:
    """Count a mailing's letters by state and reason."""
    rows = db.query(
        """SELECT state, reason, count(*) AS n FROM deliveries
            WHERE mailing_key = :key GROUP BY state, reason""",
        {"key": key},
    )
    states: dict[DeliveryState, int] = {}
    reasons: dict[tuple[DeliveryState, str], int] = {}
    for row in rows:
        state = DeliveryState(row["state"])
        states[state] = states.get(state, 0) + row["n"]
        if row["reason"]:
            reasons[state, row["reason"]] = row["n"]
    return Tally(states, reasons)


def count_variants(db: Database, key: str) -> dict[str, int]:
    """How many of a mailing's letters are of each variant; those skipped are not counted."""
    rows = db.query(
        """SELECT variant, count(*) AS n FROM deliveries
            WHERE mailing_key = :key AND state <> 'skipped' GROUP BY variant""",
        {"key": key},
    )
    return {row["variant"]: row["n"] for row in rows}


def paused_mailings(db: Database) -> dict[str, str]:
    """The mailings that wait for a person, by key, each with its reason."""
    rows = db.query("SELECT key, reason FROM mailings WHERE state = 'paused'")
    return {row["key"]: row["reason"] for row in rows}


def unknown_before(db: Database, moment: datetime) -> dict[str, int]:
    """How many letters were handed over before a moment without an answer since, by mailing."""
    rows = db.query(
        """SELECT b.mailing_key AS key, count(*) AS n FROM batches b
             JOIN deliveries d ON d.batch_id = b.id AND d.state = 'unknown'
            WHERE b.state = 'unknown' AND b.posted < :moment GROUP BY b.mailing_key""",
        {"moment": moment.isoformat()},
    )
    return {row["key"]: row["n"] for row in rows}


def mailings_under_way(db: Database) -> list[str]:
    """The keys of the mailings that are being sent, or would be, the oldest first."""
    rows = db.query("SELECT key FROM mailings WHERE state = 'sending' ORDER BY frozen")
    return [row["key"] for row in rows]


def mailings_to_settle(db: Database, *, provider: str) -> list[str]:
    """The keys of a provider's mailings of which a batch is open, the oldest first.

    It may be on its way at this moment: whoever settles it takes the mailing's lease.
    """
    rows = db.query(
        """SELECT DISTINCT m.key FROM batches b JOIN mailings m ON m.key = b.mailing_key
            WHERE b.state IN ('prepared','in_flight','unknown') AND m.provider = :provider
            ORDER BY m.frozen""",
        {"provider": provider},
    )
    return [row["key"] for row in rows]


def load_progress(db: Database, key: str, *, now: datetime) -> Progress:
    """How far a mailing has come. Counts batches, not letters: it may be asked every second."""
    [answers] = db.query(_ANSWERS, {"key": key, "since": (now - WINDOW).isoformat()})
    [mailing] = db.query(_WAITING, {"key": key, "now": now.isoformat()})
    return Progress(
        key=key,
        taken=answers["taken"],
        refused=answers["refused"],
        unknown=mailing["unknown"],
        under_way=answers["under_way"],
        pending=mailing["pending"],
        recent=answers["recent"],
        window_start=_moment(answers["window_start"]),
        beat=_moment(mailing["beat"]),
        waits_until=_moment(mailing["not_before"]),
        waits_because=mailing["reason"] or "",
    )


_ANSWERS = """
    SELECT ifnull(sum(taken), 0) AS taken, ifnull(sum(refused), 0) AS refused,
           ifnull(sum(iif(state IN ('prepared','in_flight'), letters, 0)), 0) AS under_way,
           ifnull(sum(iif(answered > :since, taken + refused, 0)), 0) AS recent,
           min(iif(answered > :since, posted, NULL)) AS window_start
      FROM batches WHERE mailing_key = :key"""
_WAITING = """
    SELECT (SELECT count(*) FROM deliveries
             WHERE mailing_key = :key AND state = 'pending') AS pending,
           (SELECT count(*) FROM batches b JOIN deliveries d ON d.batch_id = b.id
             WHERE b.mailing_key = :key AND b.state = 'unknown' AND d.state = 'unknown')
               AS unknown,
           iif(m.sender <> '', m.beat, NULL) AS beat, p.not_before, p.reason
      FROM mailings m
      LEFT JOIN paces p ON p.not_before > :now
       AND p.account = (SELECT account FROM batches WHERE mailing_key = m.key
                         ORDER BY prepared DESC LIMIT 1)
     WHERE m.key = :key"""


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def load_answers(db: Database, key: str) -> list[Answered]:
    """What each batch of a mailing came to, in the order of the answers."""
    rows = db.query(
        """SELECT posted, answered, taken, refused FROM batches
            WHERE mailing_key = :key AND taken + refused > 0 ORDER BY answered""",
        {"key": key},
    )
    return [
        Answered(
            datetime.fromisoformat(row["posted"]),
            datetime.fromisoformat(row["answered"]),
            row["taken"],
            row["refused"],
        )
        for row in rows
        if row["posted"]
    ]


def count_heard(db: Database, key: str) -> dict[str, int]:
    """How many of a mailing's letters have what as the gravest thing heard of them."""
    rows = db.query(
        """SELECT heard, count(*) AS n FROM deliveries
            WHERE mailing_key = :key AND heard <> '' GROUP BY heard ORDER BY n DESC""",
        {"key": key},
    )
    return {row["heard"]: row["n"] for row in rows}

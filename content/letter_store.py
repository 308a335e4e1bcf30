"""An edition's letters and offers on disk. Rows become dataclasses here; nothing is decided."""

from collections.abc import Iterable, Mapping
from datetime import date

import orjson
from sqlite_utils import Database

from content.errors import NoSuchEdition
from content.letter import Letter
from content.program import CallToAction, OfferRule, rule_of


def write_letters(db: Database, key: str, letters: Mapping[str, Letter]) -> None:
    """Replace the letters of an edition, within the caller's transaction."""
    db.execute("DELETE FROM letters WHERE edition_key = :key", {"key": key})
    rows = [
        (
            key,
            name,
            made.subject,
            orjson.dumps(made.html).decode(),
            orjson.dumps(made.text).decode(),
        )
        for name, made in letters.items()
    ]
    db.conn.executemany("INSERT INTO letters VALUES (?, ?, ?, ?, ?)", rows)


def load_letters(db: Database, key: str) -> dict[str, Letter]:
    """The letters of an edition as they were rendered, by variant.

    Raises:
        NoSuchEdition: there is none with this key, or it was skipped.
    """
    rows = db.query("SELECT * FROM letters WHERE edition_key = :key ORDER BY rowid", {"key": key})
    letters = {
        row["variant"]: Letter(
            row["subject"], tuple(orjson.loads(row["html"])), tuple(orjson.loads(row["text"]))
        )
        for row in rows
    }
    if not letters:
        raise NoSuchEdition(f"no edition {key} has been prepared")
    return letters


def write_offers(db: Database, key: str, calls: Iterable[CallToAction]) -> None:
    """Replace what an edition may offer, within the caller's transaction."""
    db.execute("DELETE FROM offers WHERE edition_key = :key", {"key": key})
    for place, call in enumerate(calls):
        rule = rule_of(call)
        db.execute(
            "INSERT INTO offers VALUES (:key, :program, :place, :score, :weight, :ends, :cap, "
            ":not_for)",
            {
                "key": key,
                "program": rule.program,
                "place": place,
                "score": rule.score,
                "weight": rule.weight,
                "ends": rule.ends and rule.ends.isoformat(),
                "cap": rule.cap,
                "not_for": orjson.dumps(sorted(rule.not_for)).decode(),
            },
        )


def load_offers(db: Database, key: str) -> list[OfferRule]:
    """What an edition may offer, the usual program first."""
    rows = db.query("SELECT * FROM offers WHERE edition_key = :key ORDER BY place", {"key": key})
    return [
        OfferRule(
            row["program"],
            row["score"],
            row["weight"],
            row["ends"] and date.fromisoformat(row["ends"]),
            row["cap"],
            frozenset(orjson.loads(row["not_for"])),
        )
        for row in rows
    ]

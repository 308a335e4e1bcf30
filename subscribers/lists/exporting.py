"""The list as a CSV file, which a spreadsheet opens without harm and an import reads back."""

import csv
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

import orjson
from sqlite_utils import Database

from subscribers.lists import export_store
from subscribers.lists.guard import guard

COLUMNS = (
    "email", "name", "status", "tags", "language", "frequency", "paused_until", "wants_offers",
    "confirmed_at", "confirmed_ip", "consent_source", "consent_basis", "unsubscribed_at",
    "suppressed",
)  # fmt: skip


def export_list(db: Database, file: TextIO) -> int:
    """Write everybody with what proves their consent; give their number.

    Addresses that are barred and not on the list are no people, and not in it.
    """
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    people = 0
    for row in export_store.everybody(db):
        writer.writerow(_cells(row))
        people += 1
    return people


def _cells(row: Mapping[str, Any]) -> Iterable[str]:
    said = {
        **row,
        "tags": ", ".join(orjson.loads(row["tags"])),
        "wants_offers": "yes" if row["wants_offers"] else "no",
    }
    return [guard(said[column] or "") for column in COLUMNS]

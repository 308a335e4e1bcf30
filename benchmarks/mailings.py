"""Mailings to measure: their letter, their readers, and the way through the real ledger."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlite_utils import Database

from delivery import store
from delivery.count_store import load_answers, tally
from delivery.mailing import Delivery, Owed
from delivery.message import FormLetter, Message
from delivery.providers.base import Provider
from delivery.run import batch_size
from delivery.sending import send_letters
from delivery.spread import spread
from delivery.timing import Clock
from delivery.writing import Readers
from flows.database import open_database
from flows.people.audience import find_audience
from flows.resources import TRIAL_KEY
from subscribers.consent import Ruling
from subscribers.links import ReaderLinks, new_id
from subscribers.name import first_name
from subscribers.store import rulings

NOW = datetime(2026, 12, 1, 17, tzinfo=UTC)
KEY = "digest-2026-11"
# About 43 KB of HTML with quotes, brackets and signs that are not ASCII, as digests have them.
HTML = (
    '<td style="padding:0 12px">You bend to tie a shoe, and something at the front of the '
    "hip says no — again.</td>\n"
) * 185
EXIT = "https://news.reconnect.example/unsubscribe/"
LETTER = FormLetter(
    subject="Reconnect Performance: a month of hips",
    sender_name="Reconnect Performance",
    sender_address="hello@reconnect.example",
    reply_to="",
    list_name="Reconnect Performance",
    list_id="newsletter.reconnect.example",
    html=(
        "<html><body><p>Hello ",
        "first_name",
        f'</p>{HTML}<a href="{EXIT}',
        "exit",
        f'">leave</a>{HTML}<a href="https://news.reconnect.example/preferences/',
        "preferences",
        '">choose</a></body></html>',
    ),
    text=("Hello ", "first_name", "\nYou bend to tie a shoe.\n" * 80 + EXIT, "exit", "\n"),
    exit_url=(EXIT, "exit", ""),
)
CLOCK = Clock(now=lambda: datetime.now(UTC), sleep=time.sleep)
_DOMAINS = ("example.com", "mail.example.com", "example.org", "example.net")


@dataclass(frozen=True, slots=True)
class Sent:
    """What a mailing through the ledger took, in seconds; a call at its start and at its end."""

    fill: float
    freeze: float
    send: float
    calls: int
    first: float
    last: float


def through_the_ledger(folder: Path, readers: int, provider: Provider) -> Sent:
    """Freeze a mailing for so many readers, and send it; nobody may be left over."""
    db = open_database(folder)
    began = time.perf_counter()
    fill(db, readers)
    filled = time.perf_counter()
    frozen = freeze(db, provider.name)
    began_sending = time.perf_counter()
    send_letters(db, store.load_mailing(db, KEY), provider, the_readers(db), CLOCK)
    seconds = time.perf_counter() - began_sending
    states = tally(db, KEY).states
    if states != {"submitted": readers}:
        raise RuntimeError(f"of {readers} readers: {states}")
    calls, first, last = seconds_a_call(db)
    db.close()
    return Sent(filled - began, frozen, seconds, calls, first, last)


def fill(db: Database, readers: int) -> None:
    """People as an import leaves them: their ids in no order, their addresses in the list's."""
    added = NOW.isoformat()
    rows = (
        (new_id(), address, address, f"Reader Number {n}", "active", added)
        for n in range(readers)
        for address in [f"reader{n:07}@{_DOMAINS[n % len(_DOMAINS)]}"]
    )
    with db.atomic():
        db.conn.executemany(
            """INSERT INTO subscribers (id, address, address_key, name, status, added)
               VALUES (?, ?, ?, ?, ?, ?)""",
            rows,
        )


def freeze(db: Database, provider: str) -> float:
    """Freeze everybody as flows do; give the seconds."""
    began = time.perf_counter()
    audience = spread(_audience(db))
    store.freeze(db, KEY, {"": LETTER}, audience, provider=provider, content_hash="c", now=NOW)
    return time.perf_counter() - began


def _audience(db: Database) -> Iterator[Owed]:
    resources: Any = SimpleNamespace(db=db, today=NOW.date())
    return find_audience(resources, [], key=KEY, last="", segment="")


def the_readers(db: Database) -> Readers:
    """As flows ask: who may still be written to, and two signed links for each."""
    exits, preferences = (ReaderLinks([TRIAL_KEY], name) for name in ("unsubscribe", "preferences"))

    def gone(ids: Sequence[str]) -> dict[str, str]:
        ruled = rulings(db, ids, NOW.date())
        return {i: r.value for i, r in ruled.items() if r is not Ruling.MAY_SEND}

    def values(delivery: Delivery) -> dict[str, str]:
        reader = delivery.subscriber_id
        return {
            "first_name": first_name(delivery.name),
            "exit": exits.sign(reader),
            "preferences": preferences.sign(reader),
        }

    return Readers(gone, values)


def seconds_a_call(db: Database) -> tuple[int, float, float]:
    """How many calls there were, and how long one took in the first and the last tenth."""
    answered = [answer.answered.timestamp() for answer in load_answers(db, KEY)]
    tenth = max(1, len(answered) // 10)
    if len(answered) <= tenth:
        return len(answered), 0.0, 0.0
    first = (answered[tenth] - answered[0]) / tenth
    return len(answered), first, (answered[-1] - answered[-1 - tenth]) / tenth


def batches(readers: int, provider: Provider) -> Iterator[list[Message]]:
    """The same messages in the same batches, with nothing behind them."""
    size = batch_size(LETTER, provider.limits)
    token = f"{new_id()}.AbCdEfGh.{'x' * 43}"
    values = {"first_name": "Reader", "exit": token, "preferences": token}
    made = (
        Message(f"{KEY}.r{n:011}", f"reader{n:07}@example.com", f"Reader Number {n}", values)
        for n in range(readers)
    )
    while batch := list(islice(made, size)):
        yield batch


def at_full_speed(provider: Provider, letters: int | None, connections: int | None) -> Provider:
    """Without a pace; with so many letters a call as are asked for, or as the provider has."""
    paced = provider.limits.paced(letters=letters, connections=connections)
    provider.limits = replace(paced, calls=None, letters_per_second=None)
    return provider

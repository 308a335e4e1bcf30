"""Readers a second through the ledger, with full 40 KB letters: outbox and Postmark.

    make bench            10,000 and 100,000 readers each, about three minutes
    .venv/bin/python -m benchmarks.handover 10000

Beside each figure stands, from the same run, what the machine does without a ledger: the same
bytes posted raw with `requests`, or written and flushed raw. Postmark's stand-in counts what it
gets, and the outbox is counted on disk: the figures are of letters that arrived.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import requests

from delivery import store as mailings
from delivery.mailing import Owed
from delivery.message import FormLetter, Message
from delivery.mime import mime_stencil, mime_values
from delivery.providers.outbox import Outbox
from delivery.providers.postmark import Postmark
from delivery.sending import Clock, Readers, batch_size, send_letters
from flows.database import open_database
from flows.resources import TRIAL_KEY
from subscribers import store
from subscribers.consent import Ruling
from subscribers.links import ReaderLinks

NOW = datetime(2026, 12, 1, 17, tzinfo=UTC)
PARAGRAPH = (
    "<p>You bend to tie a shoe, and something at the front of the hip says no — again.</p>\n"
)
HTML = PARAGRAPH * 250
LETTER = FormLetter(
    subject="Reconnect Performance: a month of hips",
    sender_name="Reconnect Performance",
    sender_address="hello@reconnect.example",
    reply_to="",
    list_name="Reconnect Performance",
    list_id="newsletter.reconnect.example",
    html=("<p>Hello ", "first_name", HTML, "exit", HTML, "exit", "</p>"),
    text=("Hello ", "first_name", "\nYou bend to tie a shoe.\n" * 80, "exit", "\n"),
    exit_url=("https://news.reconnect.example/unsubscribe/", "exit", ""),
)


def people(count: int) -> Iterator[dict]:
    for n in range(count):
        address = f"reader{n:07}@example.com"
        yield {
            "id": f"r{n:011}",
            "address": address,
            "address_key": address,
            "name": f"Reader Number {n}",
            "status": "active",
            "added": NOW.isoformat(),
        }


def readers(db) -> Readers:
    """As flows/steps.py asks: who may still be written to, and a signed way out for each."""
    links = ReaderLinks([TRIAL_KEY], "unsubscribe")

    def gone(ids: Sequence[str]) -> dict[str, str]:
        ruled = store.rulings(db, ids, NOW.date())
        return {i: r.value for i, r in ruled.items() if r is not Ruling.MAY_SEND}

    return Readers(
        gone, lambda d: {"first_name": d.name.split(" ")[0], "exit": links.sign(d.subscriber_id)}
    )


def through_the_ledger(folder: Path, count: int, provider) -> float:
    db = open_database(folder)
    db.table("subscribers").insert_all(people(count))
    audience = (Owed(p.id, p.address, p.name) for p in store.all_subscribers(db))
    mailings.freeze(
        db, "digest", {"": LETTER}, audience, provider=provider.name, content_hash="c", now=NOW
    )
    clock = Clock(now=lambda: datetime.now(UTC), sleep=time.sleep)
    mailing = mailings.load_mailing(db, "digest")
    began = time.perf_counter()
    send_letters(db, mailing, provider, readers(db), clock)
    seconds = time.perf_counter() - began
    states = mailings.tally(db, "digest").states
    db.close()
    assert states == {"submitted": count}, states
    return count / seconds


def messages(count: int) -> list[Message]:
    return [
        Message(f"digest.r{n:011}", f"r{n}@example.com", "Reader", {"first_name": "R", "exit": "t"})
        for n in range(count)
    ]


def raw_outbox(folder: Path, count: int) -> float:
    """The same files, ready-made bytes, flushed once per batch; no ledger."""
    content = b"".join(mime_stencil(LETTER, now=NOW).pieces(mime_values(messages(1)[0])))
    size = batch_size(LETTER, Outbox.limits)
    began = time.perf_counter()
    for first in range(0, count, size):
        batch = folder / str(first)
        batch.mkdir(parents=True)
        for n in range(first, min(first + size, count)):
            (batch / f"{n}.eml").write_bytes(content)
        os.sync()
    return count / (time.perf_counter() - began)


def raw_postmark(url: str, count: int) -> float:
    """Ready-made bodies posted with `requests`; no ledger."""
    size = batch_size(LETTER, Postmark.limits)
    kept: list[bytes] = []
    session = requests.Session()
    keep = Postmark("token", stream="broadcast", api=url)
    keep._post = lambda body: kept.append(body) or _never()  # type: ignore[assignment]
    for some in {size, count % size} - {0}:
        with suppress(StopIteration):
            keep.submit("b", LETTER, messages(some), now=NOW)
    bodies = {body.count(b'"To":"'): body for body in kept}
    began = time.perf_counter()
    for first in range(0, count, size):
        body = bodies[min(size, count - first)]
        session.post(f"{url}/email/batch", data=body).raise_for_status()
    seconds = time.perf_counter() - began
    session.close()
    return count / seconds


def _never() -> None:
    raise StopIteration


@contextmanager
def sink(expected: int) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.sink"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    counted = int(process.stdout.readline())
    process.wait(10)
    assert counted == expected, f"the sink counted {counted} of {expected}"


def measure(kind: str, count: int, where: str) -> None:
    """Measure in a process of its own, so that its peak of memory is its own.

    The ledger is always on this disk, with its flushes. Raw comes second: many machines' disks are
    quick until a budget is spent, and it must not be the raw run that spends it.
    """
    with (
        tempfile.TemporaryDirectory(dir=".") as ledger_folder,
        tempfile.TemporaryDirectory(dir=where) as name,
    ):
        folder = Path(name)
        if kind == "outbox":
            provider = Outbox(folder / "outbox", lambda *_: "")
            rate = through_the_ledger(Path(ledger_folder), count, provider)
            assert sum(1 for _ in folder.glob("outbox/*/batch-*/*.eml")) == count
        else:
            with sink(count) as url:
                postmark = Postmark("token", stream="broadcast", api=url)
                rate = through_the_ledger(Path(ledger_folder), count, postmark)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        raw = raw_rate(kind, folder / "raw", count)
    print(
        f"{kind:9} {count:9,} readers {rate:8,.0f}/s   peak {peak:4.0f} MB"
        f"   raw, after it {raw:8,.0f}/s",
        flush=True,
    )


def raw_rate(kind: str, folder: Path, count: int) -> float:
    count = min(count, 10_000)
    if kind == "outbox":
        rate = raw_outbox(folder, count)
        shutil.rmtree(folder)
        os.sync()
        return rate
    with sink(count) as url:
        return raw_postmark(url, count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("readers", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--kind", choices=["outbox", "postmark"])
    parser.add_argument(
        "--folder", default=".", help="where the outbox lies; /dev/shm takes the disk out"
    )
    given = parser.parse_args()
    if given.kind:
        measure(given.kind, given.readers[0], given.folder)
        return
    one = b"".join(mime_stencil(LETTER, now=NOW).pieces(mime_values(messages(1)[0])))
    print(f"A letter has {len(HTML) * 2 / 1024:.0f} KB of HTML, {len(one) / 1024:.0f} KB as .eml.")
    again = [sys.executable, "-m", "benchmarks.handover", "--folder", given.folder]
    for kind in ("outbox", "postmark"):
        for count in given.readers:
            subprocess.run([*again, str(count), "--kind", kind], check=True)


if __name__ == "__main__":
    main()

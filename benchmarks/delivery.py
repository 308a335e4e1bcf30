"""Readers a second through the real ledger, to stand-ins of the providers, with full letters.

    .venv/bin/python -m benchmarks.delivery                       10,000 and 100,000 readers each
    .venv/bin/python -m benchmarks.delivery 10000 1000000 --provider mailgun
    .venv/bin/python -m benchmarks.delivery --peers               django-anymail beside them

Every measurement has a process of its own; the ledger is on this disk, with its flushes. Beside it
stands raw, from the same run: the same bytes made and posted with no ledger and no database. The
stand-ins count the readers: nobody may be missing, and nobody may get two letters.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks import goals, mailings, peers, receivers
from benchmarks.goals import Result


def measure(kind: str, readers: int, given: argparse.Namespace) -> Result:
    """Measure in this process, whose peak of memory is its own.

    Raw comes second: many machines' disks are quick until a budget is spent, and it must not be the
    raw run that spends it.
    """
    folder = Path(given.folder)
    with (
        tempfile.TemporaryDirectory(dir=".") as ledger,
        receivers.receiver(kind, folder) as there,
    ):
        provider = receivers.open_provider(kind, there.where)
        mailings.at_full_speed(provider, given.letters, given.connections)
        sent = mailings.through_the_ledger(Path(ledger), readers, provider)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        counted = there.end()
        receivers.require_all(counted, readers)
    return Result(
        kind=kind,
        readers=readers,
        rate=readers / sent.send,
        raw=receivers.raw_rate(kind, folder, min(readers, given.raw), given.letters),
        peak=peak,
        bytes=counted.get("bytes", 0) / readers,
        freeze=sent.freeze,
        a_call=readers / sent.calls,
        first=sent.first,
        last=sent.last,
    )


def in_a_process(kind: str, readers: int, arguments: Sequence[str]) -> Result:
    command = [sys.executable, "-m", "benchmarks.delivery", str(readers), *arguments]
    command += ["--provider", kind, "--json"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Result(**json.loads(done.stdout))


def measure_peers(kinds: Iterable[str], readers: int) -> None:
    with peers.anymail() as anymail:
        for kind in kinds:
            if kind in peers.KINDS:
                print(anymail.as_row(kind, readers), flush=True)
    print("", "From facts of earlier runs, not measured here:", *peers.QUOTED, sep="\n")


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("readers", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--provider", choices=goals.GOALS, action="append")
    parser.add_argument("--letters", type=int, default=1000, help="a call, as far as it may be")
    parser.add_argument("--connections", type=int, help="calls at once; else the provider's own")
    parser.add_argument("--raw", type=int, default=20_000, help="letters at most, raw")
    parser.add_argument(
        "--folder", default=".", help="where the outbox lies; /dev/shm takes the disk out"
    )
    parser.add_argument("--peers", action="store_true", help="django-anymail too; it is installed")
    parser.add_argument("--json", action="store_true", help="one measurement, in this process")
    return parser.parse_args(arguments)


def main() -> None:
    given = parsed()
    kinds = given.provider or list(goals.GOALS)
    if given.json:
        print(json.dumps(asdict(measure(kinds[0], given.readers[0], given))))
        return
    passed_on = ["--letters", str(given.letters), "--raw", str(given.raw), "--folder", given.folder]
    if given.connections:
        passed_on += ["--connections", str(given.connections)]
    results = []
    print(goals.HEAD)
    for kind in kinds:
        for readers in given.readers:
            results.append(in_a_process(kind, readers, passed_on))
            print(goals.as_row(results[-1]), flush=True)
    if given.peers:
        measure_peers(kinds, min(given.readers))
    print("", *goals.verdicts(results), sep="\n")


if __name__ == "__main__":
    main()

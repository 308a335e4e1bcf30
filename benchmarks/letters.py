"""The making of a letter, beside npm's mjml on the same MJML: milliseconds, and how many times.

    .venv/bin/python -m benchmarks.letters --npm node_modules

Ours is a digest of six posts from end to end: both templates filled, the MJML checked, compiled,
the text made and the slots found. npm's mjml only checks and compiles. `in a process of its own`
is a whole process that makes one letter, as a month's run does; the others are medians in one.
Time is the processor's, of all threads, so that other work on the machine does not count.
"""

import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.npm_mjml import ask, options
from benchmarks.sample import about, digest_mjml, sample_newsletter, six_posts
from content.letter import render_letter
from content.mjml.compiler import compile_mjml
from content.templates import open_templates
from flows.resources import OUR_TEMPLATES

WARMING, MEASURED, HOT = 10, 40, 300
MUST = 20
FRESH = """
import pickle, sys
from pathlib import Path
from content.letter import render_letter
from content.templates import open_templates
edition, about, folder = pickle.load(open(sys.argv[1], "rb"))
render_letter(edition, open_templates(Path(folder)), about=about)
"""


def milliseconds(work: Callable[[], object], turns: int = 1) -> list[float]:
    taken = []
    for _ in range(turns):
        began = spent()
        work()
        taken.append((spent() - began) * 1000)
    return taken


def spent() -> float:
    """Seconds of the processor: of this process and of those it has waited for."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


def by_npm(npm: Path, mjml: str) -> list[float]:
    """npm's mjml, turn after turn in one process."""
    return list(ask(npm, "time", {"source": mjml, "turns": HOT}))


def by_us(edition: Any, about: dict[str, Any]) -> list[float]:
    """A letter from end to end, turn after turn, the templates found once."""
    templates = open_templates(OUR_TEMPLATES)
    return milliseconds(lambda: render_letter(edition, templates, about=about), HOT)


def fresh_npm(npm: Path, mjml: str) -> float:
    return statistics.median(
        milliseconds(lambda: ask(npm, "time", {"source": mjml, "turns": 1}), turns=5)
    )


def fresh_ours(edition: Any, about: dict[str, Any]) -> float:
    with tempfile.NamedTemporaryFile() as file:
        file.write(pickle.dumps((edition, about, str(OUR_TEMPLATES))))
        file.flush()
        words = [sys.executable, "-c", FRESH, file.name]
        turns = milliseconds(lambda: subprocess.run(words, check=True), turns=5)
    return statistics.median(turns)


def row(what: str, theirs: float, ours: float) -> str:
    return f"{what:34} {theirs:9.2f} ms {ours:9.2f} ms {theirs / ours:7.1f}x"


def main() -> None:
    npm = options(__doc__).parse_args().npm
    with sample_newsletter() as resources:
        edition, told = six_posts(resources), about(resources)
        mjml = digest_mjml(resources, edition)
    theirs, ours = by_npm(npm, mjml), by_us(edition, told)
    compiled = milliseconds(lambda: compile_mjml(mjml), HOT)
    warm, hot = slice(WARMING, WARMING + MEASURED), slice(-MEASURED, None)
    print(f"{len(mjml)} characters of MJML {'npm mjml':>17} {'Lettermill':>11}")
    print(row("in a process of its own", fresh_npm(npm, mjml), fresh_ours(edition, told)))
    for name, turns in (("warm (turns 11 to 50)", warm), ("hot (turns 261 to 300)", hot)):
        middle = statistics.median
        print(row(name, middle(theirs[turns]), middle(ours[turns])))
        print(row("  check and compile only", middle(theirs[turns]), middle(compiled[turns])))
    ratio = statistics.median(theirs[warm]) / statistics.median(ours[warm])
    print(f"warm, end to end: {ratio:.1f}x (must: {MUST}x)")


if __name__ == "__main__":
    main()

"""The making of a letter, beside npm's mjml on the same MJML; then the filling of its slots.

    .venv/bin/python -m benchmarks.letters --npm node_modules

Ours is a digest of six posts. `end to end` is all of it: both templates filled, the MJML checked,
compiled, the text made, the slots and the way out found. `HTML only` is without the text and the
slots. npm's mjml checks and compiles, with its own defaults. Each of our turns is another edition,
with titles, links and words of its own, as each month is; npm's get the same MJML.

`in a process of its own` is a whole process that makes one letter, as a month's run does; the
others are medians in one. `cpu` is the processor's time, of all threads, so that other work on the
machine does not count; `wall` is the clock's.
"""

import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment
from mjml import mjml2html

from benchmarks.npm_mjml import ask, options
from benchmarks.sample import SLOTS, about, digest_mjml, sample_newsletter, six_posts
from benchmarks.slots import measure_slots
from content.edition import Edition
from content.letter import render_letter
from content.mjml.compiler import compile_mjml
from content.mjml.marks import without_marks
from content.templates import fill_template, open_templates
from flows.resources import OUR_TEMPLATES

WARM, HOT = slice(10, 50), slice(260, 300)
TURNS = 300
DIGEST = "emails/digest.mjml"
MUST = 20
FRESH = """
import pickle, sys
from pathlib import Path
from content.letter import render_letter
from content.templates import open_templates
edition, about, folder = pickle.load(open(sys.argv[1], "rb"))
render_letter(edition, open_templates(Path(folder)), about=about)
"""
Turn = Sequence[float]  # milliseconds of the processor, and on the clock


def spent() -> Turn:
    """Of the processor by this process and those it has waited for, and on the clock."""
    times = os.times()
    children = times.children_user + times.children_system
    return (time.process_time() + children) * 1000, time.perf_counter() * 1000


def turn(work: Callable[[], object]) -> Turn:
    cpu, wall = spent()
    work()
    cpu_after, wall_after = spent()
    return cpu_after - cpu, wall_after - wall


def middle(turns: Sequence[Turn]) -> Turn:
    return [statistics.median(taken) for taken in zip(*turns, strict=True)]


def another(edition: Edition, number: int) -> Edition:
    """The edition of some other month: no title, link or excerpt is the same."""
    teasers = [
        replace(
            one,
            title=f"{one.title} {number}",
            link=f"{one.link}?{number}",
            excerpt=f"{number} {one.excerpt}",
        )
        for one in edition.teasers
    ]
    return replace(edition, title=f"{edition.title} {number}", teasers=tuple(teasers))


def by_us(edition: Edition, told: dict[str, Any]) -> dict[str, list[Turn]]:
    """Turn after turn in this process, the templates found once."""
    templates = open_templates(OUR_TEMPLATES)
    turns: dict[str, list[Turn]] = {}
    for number in range(TURNS):
        shown = another(edition, number)
        values = {"edition": shown, **told, "slot": SLOTS}
        marked = fill_template(templates, DIGEST, values)
        works = {
            "end to end": partial(render_letter, shown, templates, about=told),
            "HTML only": partial(html_of, templates, values),
            "check and compile": partial(compile_mjml, marked),
            "mrml alone": partial(mjml2html, without_marks(marked), fonts={}),
        }
        for what, work in works.items():
            turns.setdefault(what, []).append(turn(work))
    return turns


def html_of(templates: Environment, values: dict[str, Any]) -> str:
    return compile_mjml(fill_template(templates, DIGEST, values))


def fresh_npm(npm: Path, mjml: str) -> Turn:
    once = {"source": mjml, "turns": 1}
    return middle([turn(lambda: ask(npm, "time", once)) for _ in range(5)])


def fresh_ours(edition: Edition, told: dict[str, Any]) -> Turn:
    with tempfile.NamedTemporaryFile() as file:
        file.write(pickle.dumps((edition, told, str(OUR_TEMPLATES))))
        file.flush()
        words = [sys.executable, "-c", FRESH, file.name]
        return middle([turn(lambda: subprocess.run(words, check=True)) for _ in range(5)])


def row(what: str, theirs: Turn, ours: Turn) -> str:
    shown = [f"{a:8.2f} ms {b:7.2f} ms {a / b:6.1f}x" for a, b in zip(theirs, ours, strict=True)]
    return f"{what:26} {'   '.join(shown)}"


def main() -> None:
    npm = options(__doc__).parse_args().npm
    with sample_newsletter() as resources:
        edition, told = six_posts(resources), about(resources)
        mjml = digest_mjml(resources, edition)
        theirs = ask(npm, "time", {"source": mjml, "turns": TURNS})
        ours = by_us(edition, told)
        heads = "".join(
            f"{f'{who} ({of})':>15}" for of in ("cpu", "wall") for who in ("npm", "ours")
        )
        print(f"{len(mjml)} characters {heads}")
        print(row("in a process of its own", fresh_npm(npm, mjml), fresh_ours(edition, told)))
        for name, when in (("warm", WARM), ("hot", HOT)):
            for what, turns in ours.items():
                print(row(f"{name}, {what}", middle(theirs[when]), middle(turns[when])))
        ratio = middle(theirs[WARM])[0] / middle(ours["end to end"][WARM])[0]
        print(f"warm, end to end, cpu: {ratio:.1f}x (must: {MUST}x)")
        measure_slots(resources, edition, told)


if __name__ == "__main__":
    main()

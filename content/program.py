"""Programs, and which one an edition invites to. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What a reader may join. `starts` and `ends` are the first and last day of the offer."""

    name: str
    url: str
    headline: str
    pitch: str
    button: str
    image: str = ""
    image_alt: str = ""
    topics: tuple[str, ...] = ()
    weight: int = 1
    starts: date | None = None
    ends: date | None = None

    def is_open(self, on: date) -> bool:
        """Tell whether the offer stands on this day."""
        return (self.starts is None or self.starts <= on) and (self.ends is None or on <= self.ends)


@dataclass(frozen=True, slots=True)
class CallToAction:
    """The block that invites to a program, and the rule that chose it."""

    program: Program
    because: str


def choose_program(
    programs: Sequence[Program], texts: Sequence[str], *, on: date, last: str = ""
) -> CallToAction | None:
    """Choose the program that fits the posts best, or none when no offer stands.

    Each topic counts once for every post that speaks of it, times the program's weight. The
    program of the edition before (`last`, its name) gives way when another one fits as well.
    """
    scored = [(_score(p, texts), p) for p in programs if p.is_open(on)]
    fitting = [(score, p) for score, p in scored if score > 0] or scored
    fresh = [(score, p) for score, p in fitting if p.name != last] or fitting
    if not fresh:
        return None
    score, program = max(fresh, key=lambda pair: (pair[0], pair[1].weight))
    return CallToAction(program, _because(program, texts, score))


def _score(program: Program, texts: Sequence[str]) -> int:
    return program.weight * sum(
        _speaks_of(topic, text) for topic in program.topics for text in texts
    )


def _speaks_of(topic: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(topic)}", text, re.IGNORECASE) is not None


def _because(program: Program, texts: Sequence[str], score: int) -> str:
    if score == 0:
        return "no program fits the posts by topic; it is the next one open"
    counts = {t: sum(_speaks_of(t, text) for text in texts) for t in program.topics}
    named = ", ".join(f"{topic} in {n}" for topic, n in counts.items() if n)
    return f"its topics fit these posts best ({named} of {len(texts)} posts)"

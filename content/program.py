"""Programs, and which one an edition, and each of its readers, is invited to. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from content.topics import TextStems, count_topics

NO_PROGRAM = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What a reader may join. `starts` and `ends` are the first and last day of the offer.

    Nobody is offered it more than `cap` times, and nobody who has one of the tags in `not_for`.
    `image` is the address of a picture, or empty.
    """

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
    cap: int | None = None
    not_for: frozenset[str] = frozenset()

    def is_open(self, on: date) -> bool:
        """Tell whether the offer stands on this day."""
        return (self.starts is None or self.starts <= on) and (self.ends is None or on <= self.ends)


@dataclass(frozen=True, slots=True)
class CallToAction:
    """The block that invites to a program, and how well it fits the posts: `score`, in words."""

    program: Program
    because: str
    score: int = 0


@dataclass(frozen=True, slots=True)
class OfferRule:
    """What an edition keeps of a program that it may offer: enough to choose for each reader."""

    program: str
    score: int
    weight: int
    ends: date | None = None
    cap: int | None = None
    not_for: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedSoFar:
    """What is known of one reader: `times` by program, the `last` one, and the reader's tags.

    Who does not want to hear of programs has `wants` false.
    """

    tags: frozenset[str] = frozenset()
    times: Mapping[str, int] = field(default_factory=dict)
    last: str = NO_PROGRAM
    wants: bool = True


def weigh_programs(
    programs: Sequence[Program], texts: Sequence[str], *, on: date, language: str, last: str = ""
) -> tuple[CallToAction, ...]:
    """Every program whose offer stands, the one that an edition of these posts invites to first.

    Each topic counts once for every post that speaks of it, times the program's weight. The
    program of the edition before (`last`, its name) gives way when another one fits as well.
    """
    stems = [TextStems(text, language) for text in texts]
    weighed = [_weigh(program, stems) for program in programs if program.is_open(on)]
    calls = {call.program.name: call for call in weighed}
    ranked = [calls[rule.program] for rule in _rank(map(rule_of, weighed), last)]
    if ranked and last in calls and calls[last].score > ranked[0].score:
        gives_way = f"{ranked[0].because}; {last} fits better, and was in the edition before"
        ranked[0] = replace(ranked[0], because=gives_way)
    return tuple(ranked)


def rule_of(call: CallToAction) -> OfferRule:
    """What is kept of a call to action to choose for each reader by."""
    made = call.program
    return OfferRule(made.name, call.score, made.weight, made.ends, made.cap, made.not_for)


def offer_for(reader: OfferedSoFar, rules: Iterable[OfferRule], *, on: date, last: str) -> str:
    """The name of the program that one reader is invited to, or '' where none is for them.

    Never one they have, never one over its cap; and the one they were offered last only when no
    other fits. A reader who has had no offer yet is taken to have seen the edition's `last`.
    """
    if not reader.wants:
        return NO_PROGRAM
    open_to_them = [rule for rule in rules if _may_see(reader, rule, on)]
    ranked = _rank(open_to_them, reader.last or last)
    return ranked[0].program if ranked else NO_PROGRAM


def _may_see(reader: OfferedSoFar, rule: OfferRule, on: date) -> bool:
    if rule.ends is not None and rule.ends < on:  # an approval may be older than the last day
        return False
    under_cap = rule.cap is None or reader.times.get(rule.program, 0) < rule.cap
    return under_cap and not reader.tags & rule.not_for


def _rank(rules: Iterable[OfferRule], last: str) -> list[OfferRule]:
    """Those that fit go first, and of them the last one goes last; then the better fit."""
    return sorted(
        rules, key=lambda r: (r.score > 0, r.program != last, r.score, r.weight), reverse=True
    )


def _weigh(program: Program, texts: Sequence[TextStems]) -> CallToAction:
    counts = count_topics(program.topics, texts)
    if not counts:
        return CallToAction(program, "no program fits the posts by topic; it is the next one open")
    named = ", ".join(f"{topic} in {n}" for topic, n in counts.items())
    because = f"its topics fit the posts ({named} of {len(texts)} posts)"
    return CallToAction(program, because, program.weight * sum(counts.values()))

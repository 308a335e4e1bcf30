"""Choose the posts of a month's edition, with a reason for every one left out. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from content.intake import LedgerPost, PostState
from content.period import Period

_LARGER_AGE = "a larger `max_age_days` in lettermill.toml lets it in"


class Order(StrEnum):
    """Which posts of a month come first, in the choice and in the letter."""

    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the author asks of an edition. Categories are compared without regard to case.

    With `include` only posts of one of these categories go in; `exclude` goes before it.
    `max_age` is counted back from the month's end, so it closes a post for good.
    """

    min_posts: int = 1
    max_posts: int = 8
    order: Order = Order.NEWEST
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    max_age: timedelta | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A post that is not in an edition, and why."""

    held: LedgerPost
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The posts of one edition in reading order, and those left out of it."""

    chosen: tuple[LedgerPost, ...]
    left_out: tuple[LeftOut, ...]
    too_few: str = ""


def digest_key(period: Period) -> str:
    """The key of the digest of one month."""
    return f"digest-{period}"


def is_digest(key: str) -> bool:
    """Whether the edition with this key is a month's digest; else it is a campaign."""
    return key.startswith("digest-")


def period_of(key: str) -> Period:
    """The month of a digest, from its key."""
    return Period.parse(key.removeprefix("digest-"))


def choose_posts(
    open_posts: Sequence[LedgerPost], period: Period, zone: ZoneInfo, rules: Rules
) -> Choice:
    """Choose from the posts no edition has had yet; the same facts give the same choice.

    Posts of earlier months, which a late run or a full edition passed over, go first and the
    oldest of them before all: so every post has its turn, whatever `order` this month's are in.
    """
    waiting = sorted(open_posts, key=_by_date)
    objections = [(held, _why_not(held, period, zone, rules)) for held in waiting]
    due = [held for held, reason in objections if not reason]
    left_out = [LeftOut(held, reason) for held, reason in objections if reason]
    if len(due) < rules.min_posts:
        left_out += [LeftOut(h, f"it waits until there are {_posts(rules.min_posts)}") for h in due]
        return Choice((), tuple(left_out), _too_few(waiting, due, period, zone, rules))
    queue = _queue(due, period, zone, rules)
    chosen = sorted(queue[: rules.max_posts], key=_by_date)
    left_out += _over(queue[rules.max_posts :], period, zone, rules)
    return Choice(
        tuple(chosen if rules.order is Order.OLDEST else reversed(chosen)), tuple(left_out)
    )


def _by_date(held: LedgerPost) -> tuple[datetime, tuple[str, str]]:
    return held.dated, held.name


def _queue(
    due: Sequence[LedgerPost], period: Period, zone: ZoneInfo, rules: Rules
) -> list[LedgerPost]:
    """The posts that are due, those first that must not wait; `due` is by date."""
    turn = _turn(period, zone, rules)
    of_this_month = [held for held in due if held.dated >= turn]
    if rules.order is Order.NEWEST:
        of_this_month.reverse()
    return [held for held in due if held.dated < turn] + of_this_month


def _turn(period: Period, zone: ZoneInfo, rules: Rules) -> datetime:
    """What is dated before this goes first: it is of earlier months, or it has its last chance.

    Else newest first would leave this month's oldest to the next edition, which may find them
    too old. Where all of the month would be, none of them is more pressing than another.
    """
    start, last_chance = period.start(zone), _oldest_of_the_next(period, zone, rules)
    return max(start, last_chance) if last_chance < period.end(zone) else start


def _oldest_of_the_next(period: Period, zone: ZoneInfo, rules: Rules) -> datetime:
    """What is dated before this is too old for the next edition."""
    if rules.max_age is None:
        return datetime.min.replace(tzinfo=UTC)
    return period.following().end(zone) - rules.max_age


def _over(
    rest: Sequence[LedgerPost], period: Period, zone: ZoneInfo, rules: Rules
) -> list[LeftOut]:
    """What a full edition leaves; the next one begins with the oldest."""
    full, oldest = (
        f"is full with {_posts(rules.max_posts)}",
        _oldest_of_the_next(period, zone, rules),
    )
    soon = f"comes with the next edition: this one {full}"
    later = f"comes with a later edition: this one {full}, and so is the next"
    never = f"the edition {full}, and for the next one it is too old; {_LARGER_AGE}"
    waiting = sorted((held for held in rest if held.dated >= oldest), key=_by_date)
    said = [LeftOut(held, soon if n < rules.max_posts else later) for n, held in enumerate(waiting)]
    return [LeftOut(held, never) for held in rest if held.dated < oldest] + said


def _why_not(held: LedgerPost, period: Period, zone: ZoneInfo, rules: Rules) -> str:
    if held.edition_key not in ("", digest_key(period)):
        return f"in {held.edition_key}, which waits for your yes"
    if held.dated >= period.end(zone):
        appeared = "published" if held.post.published else "first seen"
        return f"{appeared} after {period.name}"
    if reason := _unwanted(held, period, zone, rules):
        return reason
    if held.state is PostState.SETTLING:
        return "still settling: dated ahead, or changed a moment ago"
    return ""


def _unwanted(held: LedgerPost, period: Period, zone: ZoneInfo, rules: Rules) -> str:
    categories = {category.casefold() for category in held.post.categories}
    for unwanted in rules.exclude:
        if unwanted.casefold() in categories:
            return f"in the category {unwanted}, which `exclude` in lettermill.toml names"
    if rules.include and not categories & {wanted.casefold() for wanted in rules.include}:
        return "in none of the categories that `include` in lettermill.toml names"
    if rules.max_age is not None and period.end(zone) - held.dated > rules.max_age:
        return (
            f"older than {rules.max_age.days} days at the end of {period.name}, and so too old "
            f"for every later edition; {_LARGER_AGE}"
        )
    return ""


def _too_few(
    waiting: Sequence[LedgerPost],
    due: Sequence[LedgerPost],
    period: Period,
    zone: ZoneInfo,
    rules: Rules,
) -> str:
    said = _shortage(waiting, len(due), period, zone, rules)
    elsewhere = {held.edition_key for held in waiting} - {"", digest_key(period)}
    if not elsewhere:
        return said
    wait = "wait" if len(elsewhere) > 1 else "waits"
    return f"{said} ({', '.join(sorted(elsewhere))} {wait} for your yes)"


def _shortage(
    waiting: Sequence[LedgerPost], count: int, period: Period, zone: ZoneInfo, rules: Rules
) -> str:
    end = period.end(zone)
    settling = [h for h in waiting if h.state is PostState.SETTLING and h.dated < end]
    wanted = [held for held in settling if not _unwanted(held, period, zone, rules)]
    if wanted and count + len(wanted) >= rules.min_posts:
        are = "post is" if len(wanted) == 1 else "posts are"
        return f"{len(wanted)} {are} still settling: dated ahead, or changed a moment ago"
    if count == 0:
        return f"no post waits for {period.name}"
    they = "it waits" if count == 1 else "they wait"
    return f"{count} of the {rules.min_posts} posts an edition needs; {they} for the next one"


def _posts(count: int) -> str:
    return "1 post" if count == 1 else f"{count} posts"

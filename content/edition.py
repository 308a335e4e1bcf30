"""Choose a month's posts and put an edition together. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from content.intake import SETTLING, LedgerPost, PostState
from content.markup.words import as_text, excerpt
from content.period import Period
from content.program import CallToAction, Program, choose_program


class EditionState(StrEnum):
    """Where an edition is in its life; `docs/lives.md` draws it."""

    DRAFT = "draft"
    APPROVED = "approved"
    MAILING = "mailing"
    CLOSED = "closed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaser:
    """What a letter shows of one post: plain text and addresses, no HTML."""

    title: str
    link: str
    excerpt: str
    day: str
    image: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """Everything a letter is made from. `key` is unique per newsletter: `digest-2026-11`."""

    key: str
    title: str
    preheader: str
    teasers: tuple[Teaser, ...]
    call_to_action: CallToAction | None = None


def digest_key(period: Period) -> str:
    """The key of the digest of one month."""
    return f"digest-{period}"


def period_of(key: str) -> Period:
    """The month of a digest, from its key."""
    return Period.parse(key.removeprefix("digest-"))


def choose_posts(
    open_posts: Sequence[LedgerPost],
    period: Period,
    zone: ZoneInfo,
    *,
    min_posts: int = 1,
    max_posts: int = 8,
) -> Choice:
    """Choose from the posts no edition has had yet; the same facts give the same choice.

    A post that a late run or a full edition passed over comes with the next one: there is no
    lower bound in time, and the oldest go first. They are read newest first.
    """
    end = period.end(zone)
    waiting = sorted(open_posts, key=lambda h: (h.dated, h.post.feed, h.post.identity))
    reasons = {id(held): _why_not(held, end, period) for held in waiting}
    due = [held for held in waiting if not reasons[id(held)]]
    left_out = [LeftOut(held, reasons[id(held)]) for held in waiting if reasons[id(held)]]
    if len(due) < min_posts:
        settling = sum(held.state is PostState.SETTLING and held.dated < end for held in waiting)
        left_out += [LeftOut(held, f"waits for {min_posts} posts") for held in due]
        elsewhere = {held.edition_key for held in waiting} - {"", digest_key(period)}
        too_few = _too_few(len(due), settling, min_posts, period)
        if elsewhere:
            too_few += f" ({', '.join(sorted(elsewhere))} waits for your yes)"
        return Choice((), tuple(left_out), too_few)
    over = f"comes with the next edition: this one is full with {max_posts} posts"
    left_out += [LeftOut(held, over) for held in due[max_posts:]]
    return Choice(tuple(reversed(due[:max_posts])), tuple(left_out))


def _why_not(held: LedgerPost, end: datetime, period: Period) -> str:
    if held.edition_key not in ("", digest_key(period)):
        return f"in {held.edition_key}, which waits for your yes"
    if held.dated >= end:
        return f"published after {period.name}"
    if held.state is PostState.SETTLING:
        minutes = int(SETTLING.total_seconds() // 60)
        return f"still settling: dated ahead, or changed in the last {minutes} minutes"
    return ""


def _too_few(count: int, settling: int, min_posts: int, period: Period) -> str:
    if settling and count + settling >= min_posts:
        return f"posts are still settling ({settling}): dated ahead, or changed a moment ago"
    if count == 0:
        return f"no post waits for {period.name}"
    return f"{count} of the {min_posts} posts an edition needs; they wait for the next one"


def compose_digest(
    choice: Choice,
    period: Period,
    zone: ZoneInfo,
    *,
    newsletter: str,
    programs: Sequence[Program] = (),
    last_program: str = "",
) -> Edition:
    """Make the edition of one month from the posts chosen for it."""
    posts = [held.post for held in choice.chosen]
    texts = [f"{post.title} {' '.join(post.categories)} {as_text(post.body)}" for post in posts]
    call = choose_program(programs, texts, on=period.following().first_day, last=last_program)
    return Edition(
        key=digest_key(period),
        title=f"{newsletter}: {posts[0].title}",
        preheader=_preheader([post.title for post in posts[1:]], period),
        teasers=tuple(_as_teaser(held, period, zone) for held in choice.chosen),
        call_to_action=call,
    )


def _as_teaser(held: LedgerPost, period: Period, zone: ZoneInfo) -> Teaser:
    local = held.dated.astimezone(zone)
    year = f", {local.year}" if local.year != period.year else ""
    return Teaser(
        title=held.post.title,
        link=held.post.link,
        excerpt=excerpt(held.post.body, title=held.post.title),
        day=f"{local:%B} {local.day}{year}",
        image=held.post.image,
    )


def _preheader(other_titles: Sequence[str], period: Period) -> str:
    """The line a mail program shows beside the subject: what else is inside."""
    return "Also: " + " · ".join(other_titles) if other_titles else f"Our digest of {period.name}"

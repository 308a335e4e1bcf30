"""Put an edition together from the posts chosen for it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from content.choice import Choice, digest_key
from content.markup.words import as_text
from content.period import Period
from content.program import CallToAction, Program, choose_program
from content.teaser import Teaser, as_teaser


class EditionState(StrEnum):
    """Where an edition is in its life; `docs/lives.md` draws it."""

    DRAFT = "draft"
    APPROVED = "approved"
    MAILING = "mailing"
    CLOSED = "closed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """Everything a letter is made from. `key` is unique per newsletter: `digest-2026-11`."""

    key: str
    title: str
    preheader: str
    teasers: tuple[Teaser, ...]
    call_to_action: CallToAction | None = None


def compose_digest(
    choice: Choice,
    period: Period,
    zone: ZoneInfo,
    *,
    newsletter: str,
    programs: Sequence[Program] = (),
    last_program: str = "",
    whole_posts: bool = False,
) -> Edition:
    """Make the edition of one month from the posts chosen for it."""
    posts = [held.post for held in choice.chosen]
    texts = [f"{post.title} {' '.join(post.categories)} {as_text(post.body)}" for post in posts]
    call = choose_program(programs, texts, on=period.following().first_day, last=last_program)
    return Edition(
        key=digest_key(period),
        title=f"{newsletter}: {posts[0].title}",
        preheader=_preheader([post.title for post in posts[1:]], period),
        teasers=tuple(as_teaser(h, period, zone, whole=whole_posts) for h in choice.chosen),
        call_to_action=call,
    )


def _preheader(other_titles: Sequence[str], period: Period) -> str:
    """The line a mail program shows beside the subject: what else is inside."""
    return "Also: " + " · ".join(other_titles) if other_titles else f"Our digest of {period.name}"

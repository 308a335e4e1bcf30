"""Put an edition together from the posts chosen for it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from content.choice import Choice, digest_key
from content.markup.words import as_text
from content.period import Period
from content.program import NO_PROGRAM, CallToAction, Program, weigh_programs
from content.teaser import Teaser, as_teaser
from content.utm import NO_UTM, Utm, add_utm

# Characters. Mail programs show some 60 of a subject, and 130 of what stands beside it.
_GOOD_SUBJECT = 60
_MAX_TITLE = 100
_MAX_PREHEADER = 130


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
    """Everything a letter is made from. `key` is unique per newsletter: `digest-2026-11`.

    A digest has `teasers`. A campaign has a `body` (sanitised HTML, fit for XML), the same as
    `text`, and may have a `sender_name` and a `segment` (the tag of those who get it) of its own.
    """

    key: str
    title: str
    preheader: str
    teasers: tuple[Teaser, ...] = ()
    body: str = ""
    text: str = ""
    language: str = ""
    direction: str = "ltr"
    sender_name: str = ""
    segment: str = ""
    call_to_action: CallToAction | None = None
    other_calls: tuple[CallToAction, ...] = ()
    last_program: str = NO_PROGRAM

    @property
    def kind(self) -> str:
        """`digest` or `campaign`: which template makes its letter."""
        return self.key.partition("-")[0]

    @property
    def calls(self) -> tuple[CallToAction, ...]:
        """Every call to action that may stand in one of its letters, the usual one first."""
        return (self.call_to_action, *self.other_calls) if self.call_to_action else ()

    def variants(self) -> dict[str, "Edition"]:
        """The edition as each group of readers gets it, by the program; '' is without one."""
        without = replace(self, call_to_action=None, other_calls=())
        calls = {call.program.name: replace(without, call_to_action=call) for call in self.calls}
        return calls | {NO_PROGRAM: without}


def compose_digest(
    choice: Choice,
    period: Period,
    zone: ZoneInfo,
    *,
    newsletter: str,
    language: str = "",
    programs: Sequence[Program] = (),
    last_program: str = NO_PROGRAM,
    wanted_program: str | None = None,
    today: date = date.min,
    whole_posts: bool = False,
    utm: Utm = NO_UTM,
) -> Edition:
    """Make the edition of one month from the posts chosen for it.

    It goes out on the day after the month, or `today` if that is later. With a `wanted_program`
    it offers that and no other; with '' none.
    """
    posts = [held.post for held in choice.chosen]
    texts = [f"{post.title} {' '.join(post.categories)} {as_text(post.body)}" for post in posts]
    on = max(period.following().first_day, today)
    calls = weigh_programs(programs, texts, on=on, language=language, last=last_program)
    if wanted_program is not None:
        calls = tuple(_as_chosen(call) for call in calls if call.program.name == wanted_program)
    edition = Edition(
        key=digest_key(period),
        title=_subject(newsletter, posts[0].title),
        preheader=_preheader([post.title for post in posts[1:]], period),
        teasers=tuple(
            as_teaser(h, period, zone, language=language, whole=whole_posts) for h in choice.chosen
        ),
        call_to_action=next(iter(calls), None),
        other_calls=calls[1:],
        last_program=last_program,
    )
    return with_utm(edition, utm)


def _as_chosen(call: CallToAction) -> CallToAction:
    return replace(call, because="its author chose it for this edition")


def with_utm(edition: Edition, utm: Utm) -> Edition:
    """Add the author's UTM parameters to links to posts and programs."""

    def call(made: CallToAction) -> CallToAction:
        url = add_utm(made.program.url, utm, edition.key)
        return replace(made, program=replace(made.program, url=url))

    return replace(
        edition,
        teasers=tuple(replace(t, link=add_utm(t.link, utm, edition.key)) for t in edition.teasers),
        call_to_action=edition.call_to_action and call(edition.call_to_action),
        other_calls=tuple(map(call, edition.other_calls)),
    )


def _preheader(other_titles: Sequence[str], period: Period) -> str:
    """The line a mail program shows beside the subject: what else is inside."""
    if not other_titles:
        return f"Our digest of {period.name}"
    return _cut("Also: " + " · ".join(map(_short, other_titles)), _MAX_PREHEADER)


def _subject(newsletter: str, title: str) -> str:
    """The first post, after the newsletter's name where there is room: the sender says it too."""
    named = f"{newsletter}: {title}"
    return named if len(named) <= _GOOD_SUBJECT else _short(title)


def _short(title: str) -> str:
    """A title that may stand in a subject: people write whole paragraphs into some."""
    return _cut(title, _MAX_TITLE)


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"

"""A campaign: what an author writes in Markdown, made ready for a letter. Pure.

It reads no file and knows no list; whether its program stands, and who is in its segment, is for
those to say who know.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from pathlib import PurePath

from content.edition import Edition, with_utm
from content.errors import CampaignWrong
from content.front_matter import Front, split_front
from content.markup.clean import clean_html
from content.markup.language import direction_of
from content.markup.markdown import read_markdown
from content.markup.plain import as_plain_text
from content.markup.words import as_text
from content.program import NO_PROGRAM, Program, weigh_programs
from content.utm import NO_UTM, Utm

KEYS = frozenset("subject preheader program segment from slug".split())
MAX_BYTES = 1 << 20
_MAX_SUBJECT = 200  # characters; a mail program shows the first 40 to 70
_MAX_SLUG = 60
_MAX_TAGS = 20_000  # the rest would be left out
_SLUG = re.compile("[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One letter that is no digest, as its author wrote it.

    `body` is sanitised, well-formed and has whole addresses only; `text` is the same for the text
    part. `program` is the name of one, `segment` a tag of readers, `sender_name` who it is from;
    empty they are none, everybody, and whom the settings name. `dropped` says, a line each, what
    the author wrote and letters cannot show.
    """

    slug: str
    subject: str
    preheader: str
    program: str
    segment: str
    sender_name: str
    body: str
    text: str
    direction: str
    dropped: tuple[str, ...]

    @property
    def key(self) -> str:
        """The key of its edition."""
        return f"campaign-{self.slug}"


def read_campaign(
    text: str, *, file: str, base: str = "", programs: Collection[str] = ()
) -> Campaign:
    """Read Markdown under a few lines of `key: value`.

    `file` is for errors, and names the campaign if there is no `slug`. With a `base`, links may be
    written without host. `programs` are the names that may be asked for.

    Raises:
        CampaignWrong: the first thing that is not right, with its line and key.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise CampaignWrong(f"{file}: larger than {MAX_BYTES >> 20} MiB, which no letter is")
    front, below = split_front(text, file=file, keys=KEYS)
    subject = _subject(front)
    html, dropped = _as_html(below, file, base)
    words = as_plain_text(html)
    return Campaign(
        slug=_slug(front),
        subject=subject,
        preheader=_short(front, "preheader"),
        program=_program(front, programs),
        segment=_unless("everybody", front.values.get("segment", "")),
        sender_name=_sender(front),
        body=html,
        text=words,
        direction=direction_of(f"{subject} {as_text(html)}"),
        dropped=dropped,
    )


def compose_campaign(
    campaign: Campaign,
    *,
    language: str = "",
    programs: Sequence[Program] = (),
    last_program: str = NO_PROGRAM,
    today: date,
    utm: Utm = NO_UTM,
) -> Edition:
    """Make the edition of a campaign; it offers the program that it names, and no other.

    Raises:
        CampaignWrong: the offer of that program does not stand today.
    """
    named = [program for program in programs if program.name == campaign.program]
    calls = weigh_programs(named, [campaign.text], on=today, language=language)
    if campaign.program and not calls:
        said = (
            f"{campaign.program} is not offered today; see its `from` and `until` in the settings"
        )
        raise CampaignWrong(f"{campaign.key}: `program`: {said}")
    edition = Edition(
        key=campaign.key,
        title=campaign.subject,
        preheader=campaign.preheader,
        body=campaign.body,
        text=campaign.text,
        language=language,
        direction=campaign.direction,
        sender_name=campaign.sender_name,
        segment=campaign.segment.casefold(),
        call_to_action=replace(calls[0], because="the campaign names it") if calls else None,
        last_program=last_program,
    )
    return with_utm(edition, utm)


def _as_html(markdown: str, file: str, base: str) -> tuple[str, tuple[str, ...]]:
    made = read_markdown(markdown, base=base)
    for fault in made.bad_links:
        raise CampaignWrong(f"{file}, line {fault.line}: {fault.said}")
    if made.html.count("<") - made.html.count("</") > _MAX_TAGS:
        raise CampaignWrong(f"{file}: more paragraphs, items or cells than a letter can show")
    html = clean_html(made.html, base=base, post_link=base)
    if not html.strip():
        raise CampaignWrong(f"{file}: there is no letter below the second `---`")
    return html, tuple(f"{file}, line {fault.line}: {fault.said}" for fault in made.dropped)


def _subject(front: Front) -> str:
    if not front.values.get("subject"):
        raise front.wrong("subject", "it is missing; a letter needs one")
    return _short(front, "subject")


def _short(front: Front, key: str) -> str:
    value = front.values.get(key, "")
    if len(value) > _MAX_SUBJECT:
        raise front.wrong(key, f"{len(value)} characters; {_MAX_SUBJECT} are the most")
    return value


def _program(front: Front, programs: Collection[str]) -> str:
    name = _unless("none", front.values.get("program", ""))
    if name and name not in programs:
        near = get_close_matches(name, programs, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "name one of lettermill.toml, or `none`"
        raise front.wrong("program", f"there is no program `{name}`; {hint}")
    return name


def _unless(word: str, value: str) -> str:
    return "" if value.lower() == word else value


def _sender(front: Front) -> str:
    if re.search("[<>@]", front.values.get("from", "")):
        raise front.wrong("from", "only a name; the address is the one in lettermill.toml")
    return _short(front, "from")


def _slug(front: Front) -> str:
    asked = front.values.get("slug", "")
    slug = asked or _as_slug(PurePath(front.file).stem)
    if not _SLUG.fullmatch(slug) or len(slug) > _MAX_SLUG:
        raise front.wrong(
            "slug", f"a name such as `spring-offer`, of a-z, 0-9 and -, to {_MAX_SLUG} characters"
        )
    return slug


def _as_slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain)[:_MAX_SLUG].strip("-")

"""What a feed says of its posts, before anything is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

MAX_ENTRIES = 5000  # the longest feed we know has 730
_FIRST_YEAR, _LAST_YEAR = 1990, 2200


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as RSS, Atom or JSON Feed gives it: raw text, and addresses as they stand there.

    `body` and `summary` are HTML; `summary` is empty where the feed gives one text only. `base` is
    an xml:base of its own. `pictures` are what the feed names as such, best first: the attributes
    of their elements.
    """

    guid: str = ""
    link: str = ""
    title: str = ""
    is_html_title: bool = True
    body: str = ""
    summary: str = ""
    base: str = ""
    language: str = ""
    published: datetime | None = None
    categories: tuple[str, ...] = ()
    pictures: tuple[Mapping[str, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it that could be a post."""
        return not (self.guid or self.link or self.title or self.body or self.pictures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A feed as it was read; `broken` when it is not well-formed, so its end may be missing."""

    title: str
    home: str
    language: str
    entries: tuple[Entry, ...]
    broken: bool = False


def possible_date(moment: datetime) -> datetime | None:
    """The moment in UTC, to the second, unless it is one that no blog post can have."""
    utc = moment.astimezone(UTC).replace(microsecond=0)
    return utc if _FIRST_YEAR <= utc.year <= _LAST_YEAR else None


def as_html(text: str) -> str:
    """Plain text as HTML, a paragraph for each of its own."""
    paragraphs = (part.strip() for part in text.replace("\r\n", "\n").split("\n\n"))
    return "".join(f"<p>{escape(part, quote=False)}</p>" for part in paragraphs if part)

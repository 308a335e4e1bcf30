"""What preflight looks at, and what it says. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding weighs: an error blocks the letter, a warning needs a yes."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing an author should know of a letter, in one line: what, and what to do.

    `rule` is the short name of what was looked at (`size`, `link-dead`), `where` the words, the
    picture or the address it is about.
    """

    level: Level
    rule: str
    text: str
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A letter as one reader gets it, every slot filled: take the reader with the longest values.

    `exit_url` is what all exits begin with, up to the token. What begins with `public_url` are our
    own pages.
    """

    key: str
    subject: str
    preheader: str
    html: str
    text: str
    postal_address: str
    exit_url: str
    public_url: str = ""


def in_order(findings: list[Finding]) -> list[Finding]:
    """Errors first, then warnings, then notes; otherwise as they were found."""
    return sorted(findings, key=lambda finding: list(Level).index(finding.level))


def shorten(words: str, length: int = 60) -> str:
    """Words as one line of a finding can quote them."""
    plain = " ".join(words.split())
    return plain if len(plain) <= length else plain[: length - 1].rstrip() + "…"

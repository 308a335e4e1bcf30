"""One body for a whole batch, and small values for each reader, where the provider merges. Pure."""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from delivery.message import FormLetter, Message, Slotted

# Invisible, and no mail program breaks a line there: between the characters of what the provider
# would take for its own words.
_JOINER = "\N{WORD JOINER}"


@dataclass(frozen=True, slots=True)
class Syntax:
    """How a provider names a value in a body: `{{name}}`, `%recipient.name%`.

    `triggers` are what it looks for; where a letter happens to have them they are taken apart,
    so that what the author wrote is shown and nothing else.
    """

    variable: Callable[[str], str]
    triggers: tuple[str, ...]

    def plain(self, text: str) -> str:
        """Text without triggers; it looks the same."""
        return self._apart(text, lambda first: first + _JOINER)

    def html(self, text: str) -> str:
        """HTML without triggers, in text and attributes; it is the same to who reads it."""
        return self._apart(text, lambda first: f"&#{ord(first)};")

    def _apart(self, text: str, put: Callable[[str], str]) -> str:
        """Write every trigger's first character in another way, also where triggers overlap."""
        for trigger in self.triggers:
            first, rest = re.escape(trigger[0]), re.escape(trigger[1:])
            text = re.sub(f"{first}(?={rest})", lambda found: put(found[0]), text)
        return text


@dataclass(frozen=True, slots=True)
class Merged:
    """A letter in a provider's syntax; `values` are each reader's, in the messages' order."""

    subject: str
    html: str
    text: str
    exit_url: str
    values: tuple[dict[str, str], ...]


def merge(letter: FormLetter, messages: Sequence[Message], syntax: Syntax) -> Merged:
    """Put a letter into a provider's syntax. Every reader has every value, also an empty one.

    A slot has one value, and one more with its name and `_html` where somebody's must be escaped.
    """
    slots = _slots(letter)
    escaped = {slot for slot in letter.html[1::2] if _differs(slot, messages)}
    return Merged(
        subject=syntax.plain(letter.subject),
        html=_fill(letter.html, syntax.html, syntax, escaped),
        text=_fill(letter.text, syntax.plain, syntax, set()),
        # An address has no trigger in it that a browser would not encode.
        exit_url=_fill(letter.exit_url, str, syntax, set()),
        values=tuple(_values(message, slots, escaped) for message in messages),
    )


def short_names(letter: FormLetter) -> dict[str, str]:
    """A short name for each value of a merged letter: they stand in every reader's part.

    One letter each, of which only `_html` is in capitals; those beyond the alphabet are numbered.
    """
    short: dict[str, str] = {}
    for number, slot in enumerate(_slots(letter)):
        name = ascii_lowercase[number] if number < len(ascii_lowercase) else f"v{number}"
        short |= {slot: name, f"{slot}_html": name.upper()}
    return short


def _slots(letter: FormLetter) -> list[str]:
    return sorted({*letter.html[1::2], *letter.text[1::2], *letter.exit_url[1::2]})


def _differs(slot: str, messages: Sequence[Message]) -> bool:
    return any(html.escape(message.values[slot]) != message.values[slot] for message in messages)


def _fill(parts: Slotted, constant: Callable[[str], str], syntax: Syntax, escaped: set[str]) -> str:
    return "".join(
        syntax.variable(f"{part}_html" if part in escaped else part)
        if place % 2
        else constant(part)
        for place, part in enumerate(parts)
    )


def _values(message: Message, slots: Sequence[str], escaped: set[str]) -> dict[str, str]:
    values = {slot: message.values[slot] for slot in slots}
    return values | {f"{slot}_html": html.escape(message.values[slot]) for slot in sorted(escaped)}

"""The author's copy of a letter: with nobody's name, and links that lead to no reader."""

from dataclasses import dataclass
from html import escape

from content.letter import fill
from content.letter_store import load_letters
from content.store import EditionRecord
from flows.resources import Resources

_NOBODY = "author-copy"


@dataclass(frozen=True, slots=True)
class OwnCopy:
    """The usual letter of an edition, filled."""

    subject: str
    html: str
    text: str


def own_copy(resources: Resources, edition: EditionRecord) -> OwnCopy:
    """Fill the usual letter of an edition for its author.

    Raises:
        NoSuchEdition: it has none.
    """
    letters = load_letters(resources.db, edition.key)
    usual, values = (
        letters.get(edition.program) or next(iter(letters.values())),
        own_values(resources),
    )
    html = fill(usual.html, {slot: escape(value) for slot, value in values.items()})
    return OwnCopy(usual.subject, html, fill(usual.text, values))


def own_values(resources: Resources) -> dict[str, str]:
    """What stands in the slots of the author's copy."""
    return {
        "first_name": resources.settings.letter.name_if_unknown,
        "exit": resources.exits.sign(_NOBODY),
        "preferences": resources.preferences.sign(_NOBODY),
    }

"""What somebody typed into a form of ours, wherever it stood. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from subscribers.name import tidy_name

# Programs fill every field they find; people never see this one.
HONEYPOT = "website"
_LONGEST = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The fields of a sign-up, or of the search for one's link, as they came; `email` unchecked.

    `wording` names the words beside the button, `language` the page's. `by_program` is true where
    the field that people do not see was filled.
    """

    email: str
    name: str = ""
    wording: str = ""
    language: str = ""
    by_program: bool = False


def read_form(fields: Mapping[str, str]) -> Form:
    """Read the fields that are ours; whatever else came is left alone."""
    return Form(
        email=fields.get("email", "")[:_LONGEST],
        name=tidy_name(fields.get("name", "")[:_LONGEST]),
        wording=fields.get("wording", "")[:_LONGEST],
        language=fields.get("language", "")[:_LONGEST],
        by_program=bool(fields.get(HONEYPOT)),
    )

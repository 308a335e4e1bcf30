"""What a reader asks for on the preferences page. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs

from subscribers.name import tidy_name


class Frequency(StrEnum):
    """How often somebody wants a digest."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


@dataclass(frozen=True, slots=True)
class Wish:
    """How a reader wants to be greeted, and whether programs may be offered to them."""

    name: str
    wants_offers: bool


def read_wish(method: str, body: bytes) -> Wish | None:
    """Read the page's own form; anything else asks for nothing, and changes nothing."""
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    if method != "POST" or "name" not in fields:
        return None
    return Wish(tidy_name(fields["name"][0]), "offers" in fields)

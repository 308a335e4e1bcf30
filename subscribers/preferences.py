"""What a reader asks for on the preferences page. Pure."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from subscribers.errors import BadWish
from subscribers.name import tidy_name

LONGEST_PAUSE = timedelta(days=366)


class Frequency(StrEnum):
    """How often somebody wants a digest."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


class Deed(StrEnum):
    """What the buttons of the preferences page do; `LOOK` is no button."""

    LOOK = "look"
    SAVE = "save"
    LEAVE = "leave"
    DOWNLOAD = "download"
    ASK_ERASE = "ask erase"
    ERASE = "erase"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a reader wants to be written to; `language` is '' where they never said."""

    name: str
    language: str
    frequency: Frequency
    paused_until: date | None
    wants_offers: bool

    def as_row(self) -> dict[str, object]:
        """The same as the list keeps it."""
        return {
            "name": self.name,
            "language": self.language,
            "frequency": self.frequency.value,
            "paused_until": self.paused_until and self.paused_until.isoformat(),
            "wants_offers": int(self.wants_offers),
        }


def read_deed(method: str, fields: Mapping[str, str]) -> Deed:
    """Tell which button was pressed; anything else asks for nothing, and changes nothing."""
    pressed = fields.get("do", "")
    if method != "POST":
        return Deed.LOOK
    if pressed == "erase":
        return Deed.ERASE if fields.get("sure") == "yes" else Deed.ASK_ERASE
    return Deed(pressed) if pressed in ("save", "leave", "download") else Deed.LOOK


def read_wish(fields: Mapping[str, str], languages: Container[str], today: date) -> Wish:
    """Read the page's form. An unchecked box is not sent, so a missing `offers` is a no.

    Raises:
        BadWish: `no day` where a pause ends on none, `too long` where it is over or over a year.
    """
    language = fields.get("language", "")
    quarterly = fields.get("frequency") == Frequency.QUARTERLY
    return Wish(
        name=tidy_name(fields.get("name", "")),
        language=language if language in languages else "",
        frequency=Frequency.QUARTERLY if quarterly else Frequency.MONTHLY,
        paused_until=_read_pause(fields.get("paused_until", "").strip(), today),
        wants_offers="offers" in fields,
    )


def _read_pause(text: str, today: date) -> date | None:
    if not text:
        return None
    try:
        until = date.fromisoformat(text)
    except ValueError as error:
        raise BadWish("no day") from error
    if not today < until <= today + LONGEST_PAUSE:
        raise BadWish("too long")
    return until

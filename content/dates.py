"""Days and months as a language writes them: December 1, 2026; 1. Dezember 2026. Pure."""

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale


def say_day(day: date, language: str, *, with_year: bool = True) -> str:
    """A day as a language writes it out; in one that is not known, as English does."""
    if language in ("", "en"):  # most letters; babel takes a tenth of a second to import
        return f"{day:%B} {day.day}, {day.year}" if with_year else f"{day:%B} {day.day}"
    from babel.dates import format_date, format_skeleton

    locale = _locale(language)
    if with_year:
        return format_date(day, "long", locale=locale)
    return format_skeleton("MMMMd", day, locale=locale)


def say_month(day: date, language: str) -> str:
    """The month of a day as a language writes it out."""
    if language in ("", "en"):
        return f"{day:%B %Y}"
    from babel.dates import format_skeleton

    return format_skeleton("yMMMM", day, locale=_locale(language))


def _locale(language: str) -> "Locale":
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")

"""The language a text says it is in, and the direction it is read in. Pure."""

import re
import unicodedata
from collections import Counter

# Source: the likely scripts of Unicode CLDR.
_LEFTWARD = frozenset("ar arc ckb dv fa he nqo ps sd syr ug ur yi".split())
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(-(?P<script>[a-z]{4}))?(-(?P<region>[a-z]{2}|\d{3}))?"
    r"(?P<rest>(-([a-z0-9]{5,8}|\d[a-z0-9]{3}))*)"
)


def direction_of(text: str) -> str:
    """`rtl` or `ltr`, by the letters; digits and punctuation have no direction.

    A third of them is enough for `rtl`: Hebrew and Arabic write few vowels and borrow long names
    ("5 טיפים ל-WordPress"), while English hardly ever borrows that much of theirs.
    """
    found = Counter(unicodedata.bidirectional(character) for character in text)
    leftward = found["R"] + found["AL"]
    return "rtl" if leftward * 2 > found["L"] else "ltr"


def writing_direction(language: str) -> str:
    """`rtl` or `ltr`, by the script a language is usually written in."""
    return "rtl" if language.casefold().partition("-")[0] in _LEFTWARD else "ltr"


def language_tag(value: str) -> str:
    """A language tag as BCP 47 (RFC 5646) writes it, or nothing: `en_us` is `en-US`."""
    found = _TAG.fullmatch(value.strip().partition(".")[0].replace("_", "-").lower())
    if not found:
        return ""
    parts = (found["language"], (found["script"] or "").title(), (found["region"] or "").upper())
    return "-".join(part for part in parts if part) + found["rest"]

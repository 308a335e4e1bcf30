"""What a value of lettermill.toml may be, and what an author is told of another. Pure."""

import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from content.markup.tree import readable
from content.mjml.rules import load_table

# What a URL may be written with (RFC 3986, section 2), and the letters of any language.
_URL = re.compile(r"https?://[\w.~:/?#\[\]@!$&'()*+,;=%-]+")
_MAIL = r"[\x21-\x3f\x41-\x7e]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
_AS_MAIL = "an e-mail address, as in hello@example.com"
_MOST = 2**31 - 1


def _like(pattern: str, kind: str) -> AfterValidator:
    """Text of this pattern; `kind` says in words what that is, with an example."""
    return _such(lambda value: re.fullmatch(pattern, value) is not None, kind)


def _such(fits: Callable[[str], bool], kind: str) -> AfterValidator:
    def check(value: str) -> str:
        if not fits(value):
            raise ValueError(f"write {kind}")
        return value

    return AfterValidator(check)


def _is_text(value: str) -> str:
    if readable(value) != value:
        raise ValueError("there is a control character in it; type it anew")
    return value


def _is_line(value: str) -> str:
    if len(value.splitlines()) > 1 or "\t" in value:
        raise ValueError("one line, please")
    if value != value.strip():
        raise ValueError("without a space at its beginning or end")
    return _is_text(value)


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return bool(_URL.fullmatch(value) and parts.hostname and parts.port != 0)
    except ValueError:  # a port or a host that is none
        return False


def _is_base(value: str) -> bool:
    return _is_web_address(value) and not re.search("[?#]", value)


def _is_name_server(value: str) -> bool:
    try:
        parts = urlsplit(f"//{value}")
        ip_address(parts.hostname or "")
        return parts.netloc == value and "@" not in value and parts.port != 0
    except ValueError:  # a port or an address that is none
        return False


def _is_colour(value: str) -> bool:
    """What MJML takes for one: a letter would be refused otherwise."""
    return load_table().values.fits("color", value)


_AS_WEB = "a whole web address, as in https://example.com/hips"
_AS_BASE = "an address such as https://news.example.com, without ? or #"
Text = Annotated[str, AfterValidator(_is_text)]
Line = Annotated[str, AfterValidator(_is_line)]
Count = Annotated[int, Field(ge=1, le=_MOST)]
MailAddress = Annotated[str, _like(_MAIL, _AS_MAIL)]
MailAddressOrNone = Annotated[str, _like(f"({_MAIL})?", _AS_MAIL)]
WebAddress = Annotated[str, _such(_is_web_address, _AS_WEB)]
WebAddressOrNone = Annotated[str, _such(lambda value: not value or _is_web_address(value), _AS_WEB)]
BaseAddress = Annotated[str, _such(_is_base, _AS_BASE)]
NameServerOrNone = Annotated[
    str,
    _such(
        lambda value: not value or _is_name_server(value),
        "the address of a name server, as in 9.9.9.9 or 127.0.0.1:5353",
    ),
]
# Names of RFC 1035 with an underscore, as keys of DKIM have.
Selector = Annotated[
    str, _like(r"([A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*)?", "the name of a key, as in s1 or 20261101pm")
]
Language = Annotated[str, _like(r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*", "a language, as in en or pt-BR")]
Radius = Annotated[str, _like(r"\d{1,2}px", "pixels, as in 10px")]
# The space beside the words; pictures are made for 32 px of it.
Gap = Annotated[str, _like(r"(1[6-9]|2\d|3[0-2])px", "16px to 32px, or a width between")]
Colour = Annotated[str, _such(_is_colour, "a colour, as in #0f5f57 or teal")]
Fonts = Annotated[
    str,
    _like(
        r"[^<>{};\"\\]*",
        "a list of fonts, without < > { } ; backslashes or double quotation marks",
    ),
]


class Table(BaseModel):
    """A table of lettermill.toml: what it does not know is a mistake, and nothing changes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

"""What a value of lettermill.toml may be: a line, words, an address."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from content.markup.tree import readable

_ADDRESS = re.compile(r"[\x21-\x3f\x41-\x7e]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
# What a URL may be written with (RFC 3986, section 2), and the letters of any language.
_URL = re.compile(r"https?://[\w.~:/?#\[\]@!$&'()*+,;=%-]+")
_MOST = 2**31 - 1


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


def _is_mail_address(value: str) -> str:
    if value and not _ADDRESS.fullmatch(value):
        raise ValueError("an e-mail address, as in hello@example.com")
    return value


def _is_web_address(value: str) -> str:
    if value and not (_URL.fullmatch(value) and _host(value)):
        raise ValueError("a whole web address, as in https://example.com/hips")
    return value


def _is_base(value: str) -> str:
    if not value or "?" in value or "#" in value:
        raise ValueError("an address such as https://news.example.com, without ? or #")
    return _is_web_address(value)


def _host(value: str) -> str:
    try:
        parts = urlsplit(value)
        return parts.hostname or "" if parts.port != 0 else ""
    except ValueError:  # a port or a host that is none
        return ""


Text = Annotated[str, AfterValidator(_is_text)]
Line = Annotated[str, AfterValidator(_is_line)]
MailAddress = Annotated[str, AfterValidator(_is_mail_address)]
WebAddress = Annotated[str, AfterValidator(_is_web_address)]
BaseAddress = Annotated[str, AfterValidator(_is_base)]
Count = Annotated[int, Field(ge=1, le=_MOST)]

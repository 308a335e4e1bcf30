"""Addresses that a letter may lead to, whole and harmless. No network."""

import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from content.markup.tree import readable

_MAX_LINK = 2_000  # characters; Outlook opens no more than 2,083
_HOST = re.compile(r"[^\s\"<>\\^`{|}%]+")
# What ends an address in some mail program or other, and what browsers encode for that reason.
_UNSAFE = re.compile(r"[\s\"<>\\^`{|}]")
_NOT_WEB = re.compile(r"(mailto|tel):([^\s:][^\s]*)", re.IGNORECASE)


def absolute(link: str, base: str) -> str:
    """An http(s) address, or nothing: `javascript:` and its kin have no place in a letter.

    It is read as browsers read it (WHATWG URL): tabs and line ends vanish, a backslash before the
    query is a slash, any number of slashes may follow the scheme. A name and password before the
    host are dropped: they serve to dress up `https://bank.example@thief.example`.
    """
    read = _as_browsers_read(link)
    if not read or re.match("https?://([?#]|$)", read, re.IGNORECASE):
        return ""
    try:
        joined = urljoin(base, read)
        parts = urlsplit(joined)
        host = parts.netloc.rpartition("@")[2]
        # Asking for the port raises ValueError where it is no number a port can have.
        fit = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
    except ValueError:  # a malformed host
        return ""
    if not fit or not _HOST.fullmatch(host) or len(joined) > _MAX_LINK:
        return ""
    rest = (_UNSAFE.sub(_encoded, part) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, host, *rest))


def target(link: str, *, base: str, post_link: str) -> str:
    """Where a link of a post leads from a letter: the web, a mail, a telephone, or nowhere.

    A link to a place in the post leads there on the blog: a letter has no such places.
    """
    plain = _trimmed(link)
    if plain.startswith("#"):
        page = absolute(post_link, base)
        return absolute(plain, page) if page else ""
    if re.match("(mailto|tel):", plain, re.IGNORECASE):
        found = _NOT_WEB.fullmatch(_UNSAFE.sub(_encoded, plain))
        return f"{found[1].lower()}:{found[2]}" if found and len(plain) <= _MAX_LINK else ""
    return absolute(plain, base)


def _trimmed(link: str) -> str:
    return re.sub(r"[\t\r\n]", "", readable(link)).strip()


def _as_browsers_read(link: str) -> str:
    address, mark, rest = re.split(r"([?#]|$)", _trimmed(link), maxsplit=1)
    slashed = re.sub(
        r"^(https?:)?//+|^(https?:)/", r"\1\2//", address.replace("\\", "/"), flags=re.I
    )
    return f"{slashed}{mark}{rest}"


def _encoded(found: re.Match[str]) -> str:
    return quote(found[0])

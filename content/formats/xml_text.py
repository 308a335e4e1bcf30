"""Make the bytes of a feed a text that an XML parser takes, whatever a blog's server did. Pure.

What is mended here does no harm to any post: the encoding, characters that XML cannot hold, and
what stands before the feed. Everything else stays as it is, broken or not.
"""

import codecs
import re
from collections.abc import Iterator
from html import unescape
from html.entities import name2codepoint

_BOMS = (
    # UTF-32 first: its mark begins like that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
# Encodings in which letters are the bytes they are in ASCII; the rest of what Python calls one
# (punycode, unicode_escape) is no text of a server.
_ENCODING = re.compile(
    r"(ascii|big5|cp\d|euc|gb|hz|iso\d|iso2022|johab|koi8|mac|ptcp|shift|tis|utf-8)"
)
# Blogs say the smaller one, and mean what browsers take it for.
_LARGER = {"gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932"}
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([^\"'>]{1,40})[\"']")

# What XML 1.0 cannot hold, and references to it.
_NO_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]+")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,4000})|([0-9]{1,4000}));")

_ELEMENT = re.compile(r"<(?:[\w.-]{1,100}:)?([A-Za-z_]\w{0,100})")
_ROOTS = frozenset(("rss", "feed", "rdf"))
# Names for one character or a few; longer ones make a small feed a large one.
_ENTITY = re.compile(r"<!ENTITY\s+(\w{1,32})\s+[\"']([^\"'<>&%]{0,16}|&#\w{1,8};)[\"']\s*>")
_MAX_ENTITIES = 300
_OF_XML = frozenset(("amp", "apos", "gt", "lt", "quot"))


def decode(body: bytes, content_type: str) -> str:
    """The text of a feed: UTF-8 where it can be that, else what server or feed say it is.

    Servers name an encoding for all their files and programs write one into every feed, right or
    wrong; but text in another encoding is not UTF-8 by chance.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, "replace")
    named = list(_named_encodings(body, content_type))
    for encoding in [*(["utf-8"] if b"\x1b" not in body else []), *named]:
        try:  # half of a last character does not make it another encoding
            return codecs.getincrementaldecoder(encoding)().decode(body)
        except UnicodeError:
            continue
    return _nearly(body, named)


def _named_encodings(body: bytes, content_type: str) -> Iterator[str]:
    charset = re.search(r"charset\s*=\s*[\"']?([^\s\"';]+)", content_type, re.IGNORECASE)
    declared = _DECLARED.match(body)
    for name in (charset and charset[1], declared and declared[1].decode("latin-1")):
        try:
            encoding = codecs.lookup(name or "").name
        except (LookupError, ValueError):
            continue
        if _ENCODING.match(encoding):
            yield _LARGER.get(encoding, encoding)


def _nearly(body: bytes, named: list[str]) -> str:
    """A few bytes are wrong in any encoding: programs cut texts in the middle of a letter."""
    text = body.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    letters = len(text) - len(text.encode("ascii", "ignore"))
    if 2 * wrong < letters:
        return text
    others = [encoding for encoding in named if encoding != "utf-8"]
    return body.decode(others[0] if others else "cp1252", "replace")


def mend(text: str) -> tuple[str, bool]:
    """The text from its root on, fit for XML; and whether that is the root of a feed."""
    whole = _NO_XML.sub("", _REFERENCE.sub(_without_halves, text))
    # The halves of an emoji that stand beside each other are one; others are nothing.
    paired = whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    start, is_feed = _root(paired)
    return _doctype(paired[:start], paired) + paired[start:], is_feed


def is_page(text: str) -> bool:
    """Tell whether this is a web page: some hold elements that feeds have, too."""
    first = next(_elements(text), None)
    return first is not None and first[1].lower() == "html"


def entities(text: str) -> dict[str, str]:
    """The names for characters that a mended text begins with."""
    doctype = text.partition("]>")[0] if text.startswith("<!DOCTYPE") else ""
    return {name: unescape(value) for name, value in _ENTITY.findall(doctype)}


def outside_cdata(text: str) -> str:
    """The part of a text in which tags are tags."""
    before, *sections = text.split("<![CDATA[")
    return before + "".join(section.partition("]]>")[2] for section in sections)


def _without_halves(reference: re.Match[str]) -> str:
    """A character reference, unless XML cannot hold it. Old programs write an emoji as the two
    halves that it has in UTF-16."""
    digits = (reference[1] or reference[2]).lstrip("0")
    code = int(digits[:8] or "0", 16 if reference[1] else 10)
    if 0xD800 <= code <= 0xDFFF:
        return chr(code)
    fits = len(digits) <= 8 and code <= 0x10FFFF
    return reference[0] if fits and not _NO_XML.match(chr(code)) else ""


def _root(text: str) -> tuple[int, bool]:
    """Where the feed begins. Before it there may be a warning of PHP, or blank lines."""
    first = None
    for element in _elements(text):
        first = first or element
        if element[1].lower() in _ROOTS:
            return element.start(), True
    return (first.start() if first else 0), False


def _elements(text: str) -> Iterator[re.Match[str]]:
    at = text.find("<")
    while at >= 0:
        if text.startswith("<!--", at):
            at = text.find("-->", at)
        elif element := _ELEMENT.match(text, at):
            yield element
        at = text.find("<", at + 1) if at >= 0 else -1


def _doctype(prolog: str, text: str) -> str:
    """The names for characters that a feed defines, and those of HTML that it uses all the same.

    Nothing of this could reach a file, or grow.
    """
    used = {found[1] for found in re.finditer(r"&(\w{2,8});", text)} - _OF_XML
    named = {name: f"&#{name2codepoint[name]};" for name in used & name2codepoint.keys()}
    named |= dict(_ENTITY.findall(prolog)[:_MAX_ENTITIES])
    names = "".join(f'<!ENTITY {name} "{value}">' for name, value in sorted(named.items()))
    return f"<!DOCTYPE feed [{names}]>" if names else ""

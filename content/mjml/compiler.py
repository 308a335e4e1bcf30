"""Turn MJML into HTML with mrml, once it is known to be right: mrml itself ignores mistakes."""

import re
from html import unescape
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from mjml import mjml2html

from content.errors import TemplateBroken
from content.mjml.broken import what_broke
from content.mjml.judge import find_mistake
from content.mjml.marks import without_marks
from content.mjml.places import Walk, place_of

_ENTITY = re.compile(r"&(\w+);")


def compile_mjml(mjml: str) -> str:
    """Turn MJML into HTML, refusing what the compiler would let pass.

    Raises:
        TemplateBroken: not well-formed, a tag, attribute or value that MJML does not have there,
            or no words come out. The text names file, line and column where the MJML is marked.
    """
    plain = without_marks(mjml)
    root = _parse(plain, mjml)
    if mistake := find_mistake(root):
        number = next(n for n, e in enumerate(root.iter()) if e is mistake.element)
        place = place_of(Walk(_as_xml(mjml)), number, mistake.attribute)
        raise TemplateBroken(f"{place}: {mistake.text}")
    if lost := _empty(root):
        place = place_of(Walk(_as_xml(mjml)), 0)
        raise TemplateBroken(f"{place}: this makes an empty letter; {lost}")
    return _compile(plain, mjml)


def _parse(plain: str, mjml: str) -> Element:
    try:
        return ElementTree.fromstring(_as_xml(plain))
    except ElementTree.ParseError as error:
        raise TemplateBroken(what_broke(Walk(_as_xml(mjml)))) from error


def _empty(root: Element) -> str:
    body = root.find("mj-body")
    if body is None:
        return "it has no <mj-body>"
    return "" if any(map(str.strip, body.itertext())) else "there are no words in its <mj-body>"


def _compile(plain: str, mjml: str) -> str:
    source = _IN_ATTRIBUTES.sub(_as_references, plain)
    try:
        # Without `fonts` mrml links to a foreign host for some of them, which would see readers.
        return str(mjml2html(source, fonts={}))
    except ValueError as error:
        place = place_of(Walk(_as_xml(mjml)), _tags_before(str(error), source))
        said = str(error).partition(" in root template")[0]
        raise TemplateBroken(f"{place}: here our compiler of MJML fails: {said}") from error


def _tags_before(said: str, source: str) -> int:
    """The number of the last tag before mrml's `... at position 73:93`, which counts bytes."""
    found = re.search(r" at position (\d+):", said)
    before = source.encode()[: int(found[1])].decode(errors="ignore") if found else ""
    return max(len(Walk(_as_xml(before)).tags) - 1, 0)


# mrml writes attributes as Rust prints strings: a combining accent comes out as `\u{301}`, and a
# backslash twice. The title becomes an attribute too. As references they pass unchanged.
_IN_ATTRIBUTES = re.compile(r"<mj-title>.*?</mj-title>|<[A-Za-z][^>\s]*\s[^>]*>", re.DOTALL)


def _as_references(found: re.Match[str]) -> str:
    if found[0].isascii() and "\\" not in found[0]:
        return found[0]
    return re.sub(r"[^\x00-\x7f]|\\", lambda character: f"&#{ord(character[0])};", found[0])


def _as_xml(mjml: str) -> str:
    return _ENTITY.sub(_as_character, mjml)


def _as_character(entity: re.Match[str]) -> str:
    """XML knows five entities, HTML two thousand; ours stay, the others become characters."""
    return entity[0] if entity[1] in ("amp", "lt", "gt", "quot", "apos") else unescape(entity[0])

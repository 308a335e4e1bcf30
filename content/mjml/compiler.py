"""Turn MJML into HTML with mrml, once it is known to be right: mrml itself ignores mistakes."""

import re
from html import unescape
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from mjml import mjml2html

from content.errors import TemplateBroken
from content.mjml.judge import find_mistake
from content.mjml.marks import without_marks
from content.mjml.places import Walk, place_of, what_broke

_ENTITY = re.compile(r"&(\w+);")


def compile_mjml(mjml: str) -> str:
    """Turn MJML into HTML, refusing what the compiler would let pass.

    Raises:
        TemplateBroken: not well-formed, a tag, attribute or value that MJML does not have there,
            or no words come out. The text names file, line and column where the MJML is marked.
    """
    xml = _ENTITY.sub(_as_character, mjml)
    root = _parse(xml)
    if mistake := find_mistake(root):
        number = next(n for n, e in enumerate(root.iter()) if e is mistake.element)
        place = place_of(Walk(xml), number, mistake.attribute)
        raise TemplateBroken(f"{place}: {mistake.text}")
    _require_words(root, xml)
    return _compile(mjml)


def _parse(xml: str) -> Element:
    try:
        return ElementTree.fromstring(xml)
    except ElementTree.ParseError as error:
        raise TemplateBroken(what_broke(Walk(xml))) from error


def _require_words(root: Element, xml: str) -> None:
    body = root.find("mj-body")
    if body is None or not "".join(body.itertext()).strip():
        missing = "it has no <mj-body>" if body is None else "there are no words in its <mj-body>"
        raise TemplateBroken(f"{place_of(Walk(xml), 0)}: this makes an empty letter; {missing}")


def _compile(mjml: str) -> str:
    source = _IN_ATTRIBUTES.sub(_as_references, without_marks(mjml))
    try:
        # Without `fonts` mrml links to a foreign host for some of them, which would see readers.
        return str(mjml2html(source, fonts={}))
    except ValueError as error:
        raise TemplateBroken(f"our compiler of MJML fails: {error}") from error


# mrml writes attributes as Rust prints strings: a combining accent comes out as `\u{301}`, and a
# backslash twice. The title becomes an attribute too. As references they pass unchanged.
_IN_ATTRIBUTES = re.compile(r"<mj-title>.*?</mj-title>|<[A-Za-z][^>]*>", re.DOTALL)


def _as_references(found: re.Match[str]) -> str:
    if found[0].isascii() and "\\" not in found[0]:
        return found[0]
    return re.sub(r"[^\x00-\x7f]|\\", lambda character: f"&#{ord(character[0])};", found[0])


def _as_character(entity: re.Match[str]) -> str:
    """XML knows five entities, HTML two thousand; ours stay, the others become characters."""
    return entity[0] if entity[1] in ("amp", "lt", "gt", "quot", "apos") else unescape(entity[0])

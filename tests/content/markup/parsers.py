"""Read HTML as three parsers read it, and say what is in it that has no place in a letter."""

import re
from html.parser import HTMLParser
from itertools import chain
from urllib.parse import unquote

import lxml.html
import nh3
from lxml import etree

ALLOWED = {
    *"p br hr h2 h3 h4 h5 h6 ul ol li blockquote pre code a img strong b em i u s del ins".split(),
    *"sub sup small mark table thead tbody tfoot tr th td dl dt dd div span".split(),
}
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
ANYWHERE = {"lang", "dir"}
SCHEMES = {"href": {"http", "https", "mailto", "tel"}, "src": {"http", "https"}}
Tag = tuple[str, dict[str, str]]


def read_as_xml(html: str) -> etree._Element:
    return etree.fromstring(f"<root>{html}</root>")


def read_by_libxml2(html: str) -> etree._Element:
    return lxml.html.fragment_fromstring(f"<root>{html}</root>")


def tags_in(root: etree._Element) -> list[Tag]:
    return [(str(e.tag), dict(e.attrib)) for e in root.iter() if e is not root]


def tags_in_stdlib(html: str) -> list[Tag]:
    found: list[Tag] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.append((tag, {name: value or "" for name, value in attrs}))

        def handle_other(self, *_):
            found.append(("not an element", {}))

        handle_comment = handle_decl = handle_pi = unknown_decl = handle_other

    reader = Reader()
    reader.feed(html)
    reader.close()
    return found


def as_html5_reads_it(html: str) -> str:
    """What html5ever, a parser as browsers have one, makes of it, written as XML would be."""
    everything = {tag: ATTRIBUTES.get(tag, set()) | ANYWHERE for tag in ALLOWED}
    read = nh3.clean(html, tags=ALLOWED, attributes=everything, link_rel=None)
    closed = re.sub(r"<((?:br|hr|img)(?: [^<>]*)?)>", r"<\1 />", read)
    return closed.replace("&nbsp;", "\u00a0")


def faults(html: str) -> set[str]:
    """Everything in well-formed `html` that has no place in a letter; none is how it should be."""
    found: set[str] = set()
    xml, libxml2 = read_as_xml(html), read_by_libxml2(html)
    if etree.tostring(xml) != etree.tostring(libxml2):
        found.add("libxml2 reads another tree")
    if as_html5_reads_it(html) != html:
        found.add("HTML5 reads another tree")
    readings = [tags_in(xml), tags_in(libxml2), tags_in_stdlib(html)]
    for tag, attributes in chain(*readings):
        found |= {tag} - ALLOWED
        found |= set(attributes) - ATTRIBUTES.get(tag, set()) - ANYWHERE
        for name in {"href", "src"} & set(attributes):
            scheme = scheme_of(attributes[name])
            found |= {f"{name}={scheme}:"} - {f"{name}={s}:" for s in SCHEMES[name]}
    return found


def scheme_of(link: str) -> str:
    """The scheme as a careless browser takes it: controls and spaces gone, escapes undone."""
    return re.sub(r"[\x00-\x20\x7f-\xa0]", "", unquote(link)).partition(":")[0].lower()


def links_in(html: str) -> list[str]:
    return [
        attributes[name]
        for _tag, attributes in tags_in(read_as_xml(html))
        for name in ("href", "src")
        if name in attributes
    ]

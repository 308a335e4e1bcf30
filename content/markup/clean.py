"""HTML of a blog, made fit for a letter: plain, harmless, whole. Pure.

It goes through two parsers that share nothing (libxml2, html5ever in nh3) and is written by a
serialiser from the tree that the sanitiser has accepted. What comes out is what goes in and comes
out the same: no program that reads it finds another tree in it.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from html import escape

import nh3
from lxml import etree

from content.markup.flow import as_flow
from content.markup.tags import ALLOWED, ATTRIBUTES, SCHEMES
from content.markup.tree import parse_html
from content.markup.words import paragraphs

_PASSES = 5
_SANITISER = nh3.Cleaner(
    tags=set(ALLOWED),
    attributes=ATTRIBUTES,
    url_schemes=SCHEMES,
    url_relative="deny",
    link_rel=None,
    strip_comments=True,
)
_EMPTY = re.compile(r"<((?:br|hr|img)(?: [^<>]*)?)>")


def clean_html(html: str, *, base: str, post_link: str) -> str:
    """Make HTML that may stand in a letter, and in XML; links are resolved against `base`.

    What a letter cannot show (a video, a form) becomes a link to its page, or to `post_link`.
    HTML that two parsers do not come to agree on is hostile; only its words are left.
    """
    with suppress(etree.XMLSyntaxError):  # then it does not settle, either
        for _ in range(_PASSES):
            again = _clean_once(html, base, post_link)
            if again == html:
                return html
            html = again
    words = [escape(line) for line in paragraphs(html)]
    return _clean_once(_as_paragraphs(words), base, post_link)


def _clean_once(html: str, base: str, post_link: str) -> str:
    if "<" not in html:  # plain text, as people write it: an empty line parts paragraphs
        html = _as_paragraphs(re.split(r"\n\s*\n", html))
    tree = parse_html(html)
    flow = as_flow(tree, base=base, post_link=post_link) if tree is not None else ""
    return _as_xml(_SANITISER.clean(flow))


def _as_paragraphs(texts: Sequence[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def _as_xml(sanitised: str) -> str:
    """Write again, as XML, the tree that the sanitiser has written as HTML.

    Its HTML is regular: all tags but three are closed, all `<` and `>` of texts are escaped.
    """
    closed = _EMPTY.sub(r"<\1/>", sanitised).replace("&nbsp;", "\u00a0")
    parser = etree.XMLParser(resolve_entities=False, huge_tree=True)
    tree = etree.fromstring(f"<div>{closed}</div>", parser)
    for element in tree.iter():
        if element.tag not in ("br", "hr", "img") and not len(element):
            element.text = element.text or ""  # not <td />, which HTML does not close
    written = etree.tostring(tree, encoding="unicode")
    return written.removeprefix("<div>").removesuffix("</div>").replace("/>", " />")

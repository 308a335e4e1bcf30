"""From any tree of HTML to paragraphs, headings, lists, tables and pictures. Pure.

Mail programs agree on little HTML, and no two parsers on odd HTML. What is written here is plain:
words stand in a paragraph, a heading, an item or a cell; links and emphasis hold no blocks;
nothing is empty. It is not sanitised yet: `clean.py` does that with what is written.
"""

import re
from html import escape

from lxml import etree

from content.markup.embeds import WORDS, embed_of, is_embed
from content.markup.language import language_tag
from content.markup.lines import one_line
from content.markup.links import absolute, target
from content.markup.pictures import Picture, emoji_of, is_pixel, picture_of
from content.markup.sentences import cut
from content.markup.tags import (
    BLOCKS,
    DROPPED,
    FIELDS,
    GROUPS,
    HEADINGS,
    INLINE,
    INSIDE,
    MAX_WIDTH,
    RENAMED,
)
from content.markup.writer import Writer

_TINY = 8  # pixels; what is smaller counts readers, or keeps other things apart
_MAX_SPAN = 100  # columns or rows
_MAX_TITLE = 250  # characters
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_RTL = re.compile(r"direction\s*:\s*rtl", re.IGNORECASE)


def as_flow(tree: etree._Element, *, base: str, post_link: str) -> str:
    """Write a tree down as plain HTML; addresses are resolved against `base`."""
    flow = _Flow(tree, base, post_link)
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        if event == "end":
            flow.leave(element)
            flow.writer.words(element.tail or "")
        elif flow.enter(element):
            flow.writer.words(element.text or "")
        else:
            walk.skip_subtree()
    return flow.writer.finish()


class _Flow:
    """Decides what becomes of each element, going through a tree once."""

    def __init__(self, tree: etree._Element, base: str, post_link: str) -> None:
        self.writer = Writer()
        self._base = base
        self._post_link = post_link
        self._holding = _holding_blocks(tree)
        self._depths: list[int] = []  # of the writer, before each element we are in
        self._forms: list[bool] = []  # for each form we are in, whether we linked to it

    def enter(self, element: etree._Element) -> bool:
        """Write what an element begins with; tell whether to go into it."""
        tag = str(element.tag)
        if tag in BLOCKS:
            self.writer.divide()
        self._depths.append(self.writer.depth)
        if tag == "form":
            self._forms.append(False)
        if _is_hidden(element) or self._is_written(tag, element) or tag in DROPPED:
            return False
        if tag in BLOCKS:
            self._block(RENAMED.get(tag, tag), element)
        else:
            self._inline(RENAMED.get(tag, tag), element)
        return True

    def leave(self, element: etree._Element) -> None:
        """Write what an element ends with."""
        self.writer.close_to(self._depths.pop())
        if element.tag in BLOCKS:
            self.writer.divide()
        if element.tag == "form":
            self._forms.pop()

    def _is_written(self, tag: str, element: etree._Element) -> bool:
        """Write what an element is replaced by, if it is one of those."""
        if is_embed(element):
            embed = embed_of(element, base=self._base, post_link=self._post_link)
            if embed:
                self._link(embed.words, embed.link, embed.poster)
        elif tag in FIELDS or (tag == "label" and self._forms):
            self._field(element)
        elif tag == "img":
            self._image(element)
        elif tag == "br":
            self.writer.line_break()
        elif tag == "hr":
            self.writer.rule()
        else:
            return False
        return True

    def _block(self, name: str, element: etree._Element) -> None:
        attributes = _attributes(element)
        if name in GROUPS or self.writer.tag not in INSIDE.get(name, {self.writer.tag}):
            # What holds blocks needs no tag itself, unless to say how they are read.
            name = "p" if element not in self._holding else "div" if attributes else ""
        if name in ("td", "th"):
            attributes |= _spans(element)
        if name:
            self.writer.block(name, attributes)
        if element.tag == "figcaption" and name == "p":
            self.writer.inline("small", {})

    def _inline(self, name: str, element: etree._Element) -> None:
        attributes = _attributes(element)
        if element in self._holding and not self.writer.in_line:
            if attributes:
                self.writer.block("div", attributes)
        elif name == "a":
            self._anchor(element, attributes)
        elif name in INLINE - {"span"}:
            self.writer.inline(name, attributes)
        elif attributes:
            self.writer.inline("span", attributes)

    def _anchor(self, element: etree._Element, attributes: dict[str, str]) -> None:
        link = target(element.get("href", ""), base=self._base, post_link=self._post_link)
        if link:
            self.writer.close_tag("a")  # it was left open, and browsers end it here
            title = cut(one_line(element.get("title", "")), _MAX_TITLE)
            attributes |= {"href": link} | ({"title": title} if title else {})
            self.writer.inline("a", attributes)

    def _image(self, element: etree._Element) -> None:
        emoji = emoji_of(element)
        picture = picture_of(element, self._base)
        if emoji:
            self.writer.words(emoji)
        elif picture and not is_pixel(dict(element.attrib), _TINY):
            self.writer.show(_img(picture, picture.alt), picture.url)

    def _field(self, element: etree._Element) -> None:
        """Link to the form once: nobody can fill it in in a letter."""
        if self._forms and not self._forms[-1] and element.get("type") != "hidden":
            self._forms[-1] = True
            self._link(WORDS["form"], absolute(self._post_link, self._base), None)

    def _link(self, words: str, link: str, poster: Picture | None) -> None:
        if not link:
            return
        shown = _img(poster, words) if poster else words
        if not self.writer.is_in("a"):
            shown = f'<a href="{escape(link)}">{shown}</a>'
        self.writer.divide()
        self.writer.show(shown, f"{words} {link}")
        self.writer.divide()


def _holding_blocks(tree: etree._Element) -> set[etree._Element]:
    """The elements with a block inside, not counting those in links and headings: lines there."""
    holding: set[etree._Element] = set()
    for block in tree.iter(*BLOCKS):
        for around in block.iterancestors():
            if around in holding or _holds_lines(around):
                break
            holding.add(around)
    return holding


def _holds_lines(element: etree._Element) -> bool:
    name = RENAMED.get(str(element.tag), str(element.tag))
    return name in HEADINGS or name == "pre" or (name == "a" and "href" in element.attrib)


def _is_hidden(element: etree._Element) -> bool:
    return "hidden" in element.attrib or bool(_HIDDEN.search(element.get("style", "")))


def _attributes(element: etree._Element) -> dict[str, str]:
    """The language and the direction that an element says its words have."""
    direction = element.get("dir", "").strip().lower()
    if _RTL.search(element.get("style", "")):
        direction = "rtl"
    said = {
        "lang": language_tag(element.get("lang", "")),
        "dir": direction if direction in ("ltr", "rtl", "auto") else "",
    }
    return {name: value for name, value in said.items() if value}


def _spans(cell: etree._Element) -> dict[str, str]:
    written = {name: cell.get(name, "").strip() for name in ("colspan", "rowspan")}
    return {
        name: value
        for name, value in written.items()
        if re.fullmatch("[0-9]{1,3}", value) and 1 < int(value) <= _MAX_SPAN
    }


def _img(picture: Picture, alt: str) -> str:
    """An image that is no wider than the letter; a height alone would distort it."""
    size = {}
    if picture.width:
        width = min(picture.width, MAX_WIDTH)
        height = round((picture.height or 0) * width / picture.width)
        size = {"width": width} | ({"height": height} if height else {})
    said = {"src": picture.url, "alt": alt, **size}
    written = (f' {name}="{escape(str(value))}"' for name, value in said.items())
    return f"<img{''.join(written)}>"

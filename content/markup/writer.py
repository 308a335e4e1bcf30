"""Writes plain HTML down: paragraphs begin and end by themselves, and nothing stays empty. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from content.markup.tags import CELLS, INLINE, LEAVES

_VISIBLE = re.compile(r"[^\s\u00ad\u034f\u115f\u1160\u180e\u200b-\u200f\u2060-\u2064\u3164]")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_MAX_BREAKS = 2
_MAX_DEPTH = 64
_MAX_TEXT = 1 << 14  # characters without a tag
# After these a space is nothing; blocks end with a line end.
_ENDS = (" ", "\n", "<br>")
_HOLD_WORDS = LEAVES | INLINE | CELLS


@dataclass(slots=True)
class _Open:
    """A tag that was written and not closed yet; `seen` once there is something to see in it."""

    tag: str
    place: int
    implied: bool = False
    seen: bool = False


class Writer:
    """Plain HTML as it is written.

    A paragraph begins when words come where they would stand in nothing, and ends where a block
    begins. Breaks wait until something follows them, so that none ends a block.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._stack = [_Open("", 0)]
        self._breaks = 0
        self._last_shown = ""

    @property
    def depth(self) -> int:
        """How many tags are open; `close_to` goes back there."""
        return len(self._stack)

    @property
    def tag(self) -> str:
        """The innermost tag that is open, none at the top."""
        return self._stack[-1].tag

    @property
    def in_line(self) -> bool:
        """Tell whether no block can stand here: in a paragraph that was asked for, or a link."""
        return self.tag in LEAVES | INLINE and not self._stack[-1].implied

    def is_in(self, tag: str) -> bool:
        """Tell whether a tag is open, at whatever depth."""
        return any(opened.tag == tag for opened in self._stack)

    def block(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin a block; only a line where no block can stand, or too deep down."""
        self.divide()
        if not self.in_line and self.depth < _MAX_DEPTH:
            self._open(tag, attributes)

    def inline(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin a tag that stands among words."""
        if self.depth < _MAX_DEPTH:
            self._before_words()
            self._open(tag, attributes)

    def divide(self) -> None:
        """End the paragraph here, or the line where it cannot end."""
        if self._stack[-1].implied:
            self._close()
        if self.in_line or (self.tag in CELLS and not self._parts[-1].endswith("\n")):
            self._breaks = max(self._breaks, 1)

    def line_break(self) -> None:
        """Begin a new line, once words follow."""
        self._breaks += 1

    def close_to(self, depth: int) -> None:
        """Close tags until no more than `depth` are open."""
        while self.depth > depth:
            self._close()

    def close_tag(self, tag: str) -> None:
        """Close a tag, and what is open in it."""
        while self.is_in(tag):
            self._close()

    def words(self, text: str) -> None:
        """Write text; between blocks, and at the beginning of one, spaces are nothing."""
        if not text:
            return
        if self.is_in("pre"):
            self._verbatim(text)
        elif _VISIBLE.search(text):
            self._before_words()
            plain = _SPACE.sub(" ", text)
            joined = not self._block().seen or self._parts[-1].endswith(_ENDS)
            self._write(plain.lstrip(" ") if joined else plain)
            self._see()
        elif self._block().seen and self.tag in _HOLD_WORDS and not self._parts[-1].endswith(_ENDS):
            self._parts.append(_SPACE.sub(" ", text))

    def show(self, markup: str, name: str) -> None:
        """Write something to see that is no text; a second one of that name is not repeated."""
        if name != self._last_shown:
            self._before_words()
            self._parts.append(markup)
            self._see()
            self._last_shown = name

    def rule(self) -> None:
        """Write a line across, which parts blocks."""
        self.divide()
        if not self.in_line and self._last_shown != "hr":
            self._parts.append("<hr>\n")
            self._see()
            self._breaks = 0
            self._last_shown = "hr"

    def finish(self) -> str:
        """Close what is open, and give what was written."""
        self.close_to(1)
        return "".join(self._parts).strip()

    def _verbatim(self, text: str) -> None:
        self._before_words()
        # Parsers leave out a line end after <pre>, so one that is kept would be gone next time.
        self._write(text if self._block().seen else text.lstrip("\r\n"))
        if _VISIBLE.search(text):
            self._see()

    def _write(self, text: str) -> None:
        # The sanitiser takes time that grows with the square of a text with many "&".
        pieces = (text[start : start + _MAX_TEXT] for start in range(0, len(text), _MAX_TEXT))
        self._parts.append("<br>".join(map(escape, pieces)))

    def _before_words(self) -> None:
        if self.tag in ("", "div", "blockquote"):
            self._open("p", {})
            self._stack[-1].implied = True
        elif self._breaks and self._block().seen:
            self._parts.append("<br>" * min(self._breaks, _MAX_BREAKS))
        self._breaks = 0

    def _open(self, tag: str, attributes: Mapping[str, str]) -> None:
        written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
        self._stack.append(_Open(tag, len(self._parts)))
        self._parts.append(f"<{tag}{written}>")
        self._breaks = self._breaks if tag in INLINE else 0

    def _close(self) -> None:
        closed = self._stack.pop()
        if not closed.seen and closed.tag not in ("td", "th"):
            space = " " if any(map(str.isspace, self._parts[closed.place + 1 :])) else ""
            del self._parts[closed.place :]
            self._parts += [space] if space and self.tag in _HOLD_WORDS else []
            return
        if closed.tag not in INLINE:
            self._trim()
            self._breaks = 0
        self._parts.append(f"</{closed.tag}>" + "\n" * (closed.tag not in INLINE))

    def _trim(self) -> None:
        """Take away the spaces that end a block; what shows nothing is spaces too."""
        while not (last := self._parts[-1].rstrip()):
            self._parts.pop()
        self._parts[-1] = last

    def _block(self) -> _Open:
        return next(opened for opened in reversed(self._stack) if opened.tag not in INLINE)

    def _see(self) -> None:
        self._last_shown = ""
        for opened in reversed(self._stack):
            if opened.seen:
                return
            opened.seen = True

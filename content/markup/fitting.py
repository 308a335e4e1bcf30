"""Fit sanitised HTML into a letter: its headings under ours, its pictures no wider than the column.

Works on what `clean_html` has written, whose tags are regular. Pure.
"""

import re

from content.markup.tags import MAX_WIDTH

_HEADING = re.compile(r"<(/?)h([2-6])\b")
_IMAGE = re.compile(r"<img ([^<>]*?) ?/>")
_SHRINKS = "max-width:100%;height:auto"


def fit(html: str, top: int) -> str:
    """Begin its headings at the level `top`, and skip none; give each picture a width.

    Outlook knows no max-width and shows a picture without a width in full size, so one that
    names none gets the column's; where styles count, it keeps its own.
    """
    return _IMAGE.sub(_as_shrinking, _Outline(top).relevel(html))


def _as_shrinking(image: re.Match[str]) -> str:
    said = image[1]
    if ' width="' in said:
        return f'<img {said} style="{_SHRINKS}" />'
    return f'<img {said} width="{MAX_WIDTH}" style="width:auto;{_SHRINKS}" />'


class _Outline:
    """The headings that are open, from the outermost one on, at the levels that were written."""

    def __init__(self, top: int) -> None:
        self._top = top
        self._open: list[int] = []

    def relevel(self, html: str) -> str:
        return _HEADING.sub(self._relevel_tag, html)

    def _relevel_tag(self, tag: re.Match[str]) -> str:
        if not tag[1]:
            written = int(tag[2])
            self._open = [level for level in self._open if level < written] + [written]
        return f"<{tag[1]}h{min(self._top + len(self._open) - 1, 6)}"

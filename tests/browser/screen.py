"""A browser's window that shows HTML from memory, and what can be asked of what it shows."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route

ADDRESS = "https://letter.example/"
WIDTHS = (320, 600, 1200)
_AXE = Axe()
_AXE_OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
# WCAG 2.5.5: 44 px, but for links in a sentence.
_SMALL_TARGETS = """
() => [...document.querySelectorAll('a[href], button, select, input:not([type=hidden])')]
  .filter(e => e.getClientRects().length)
  .filter(e => (e.closest('label') ?? e).getBoundingClientRect().height < 44)
  .filter(e => {
    const block = e.closest('p, h1, h2, h3, li, td, th, dd, dt');
    const alone = block.textContent.trim() === e.textContent.trim();
    return alone || getComputedStyle(e).display !== 'inline';
  })
  .map(e => e.outerHTML.slice(0, 200))
"""
_WIDER_THAN_THE_WINDOW = """
() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => e.outerHTML.slice(0, 200))
"""
_CUT_OFF = """
() => [...document.querySelectorAll('body *')].filter(e => e.scrollWidth > e.clientWidth + 1
    && e.clientWidth && getComputedStyle(e).overflowX === 'hidden'
    && getComputedStyle(e).opacity !== '0').map(e => e.outerHTML.slice(0, 200))
"""


class Screen:
    """One window. What its HTML asks for beside itself is a picture, or comes to nothing."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._html = ""
        page.route("**/*", self._answer)

    @classmethod
    @contextmanager
    def open(cls, browser: Browser, scheme: str) -> Iterator["Screen"]:
        context = browser.new_context(color_scheme=scheme)
        context.set_default_timeout(20_000)
        yield cls(context.new_page())
        context.close()

    def show(self, html: str, width: int = 600) -> None:
        self._html = html
        self._page.set_viewport_size({"width": width, "height": 900})
        self._page.goto(ADDRESS)

    def resize(self, width: int) -> None:
        self._page.set_viewport_size({"width": width, "height": 900})

    def run(self, script: str, *values: Any) -> Any:
        return self._page.evaluate(script, *values)

    def sideways(self) -> list[str]:
        """What makes a person scroll sideways, or is cut off so that they cannot."""
        return self.run(_WIDER_THAN_THE_WINDOW) + self.run(_CUT_OFF)

    def small_targets(self) -> list[str]:
        """The links and buttons that a thumb would miss."""
        return self.run(_SMALL_TARGETS)

    def complaints(self) -> list[str]:
        """What axe-core finds serious or worse: contrast, names, languages, structure."""
        found = _AXE.run(self._page, options=_AXE_OPTIONS).response["violations"]
        return [
            f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
            for rule in found
            if rule["impact"] in ("serious", "critical")
            for node in rule["nodes"]
        ]

    def picture(self, path: Path) -> None:
        """All of it, as high as it is, and no higher: not the rest of the window."""
        height = self.run("() => document.body.getBoundingClientRect().height")
        size = {"width": self._page.viewport_size["width"], "height": int(height)}
        self._page.set_viewport_size(size)
        self._page.screenshot(path=path)

    def press(self, key: str) -> None:
        self._page.keyboard.press(key)

    def _answer(self, route: Route) -> None:
        if route.request.url == ADDRESS:
            route.fulfill(body=self._html, content_type="text/html; charset=utf-8")
        elif route.request.resource_type == "image":
            route.fulfill(body=PHOTOGRAPH, content_type="image/png")
        else:
            route.abort()


def _png(width: int, height: int) -> bytes:
    """A picture that goes from teal to sand, which is larger than any letter is wide."""
    rows = bytearray()
    for y in range(height):
        red, green, blue = (60 + 150 * y // height, 140 + 50 * y // height, 130)
        rows += b"\0" + bytes((red, green, blue)) * width
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b"")]
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


PHOTOGRAPH = _png(1600, 900)

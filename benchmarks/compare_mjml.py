"""Our letters as npm's mjml makes them and as we do, side by side in Chromium.

    .venv/bin/python -m benchmarks.compare_mjml --npm node_modules

Both compile the same MJML; the words, links and pictures a reader sees must be the same, and each
box within 2 px of the other. docs/mjml-comparison.md is written anew. Nothing is loaded from
elsewhere: every picture is the same grey rectangle.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, sync_playwright

from benchmarks.npm_mjml import ask, options
from benchmarks.sample import ROOT, letters, sample_newsletter
from content.mjml.compiler import compile_mjml

CHROMIUM = "/usr/bin/chromium"
WIDTHS = (320, 600)
NEAR = 2.0
TARGET = ROOT / "docs" / "mjml-comparison.md"
GREY = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="600">'
    '<rect width="1200" height="600" fill="#999"/></svg>'
)
LOOK = """() => {
  const seen = [...document.querySelectorAll("h1, h2, h3, h4, p, li, a, img")].map((e) => {
    const box = e.getBoundingClientRect();
    return { tag: e.localName, text: e.innerText || e.alt || "", to: e.href || e.src || "",
             box: [box.x, box.y, box.width, box.height] };
  }).filter((e) => e.box[2] > 0 && e.box[3] > 0);
  return { words: document.body.innerText.split(/\\s+/).filter(Boolean).join(" "), seen };
}"""
HEAD = """# Our compiler beside the reference

mrml compiles our letters; npm's `mjml` is the reference. `benchmarks/compare_mjml.py` compiles the
same MJML with both, opens both in Chromium, and writes this page. Every heading, paragraph, link
and picture is measured: "furthest" is the largest difference of any edge or size, in px.

| letter | width | words | links | pictures | boxes | furthest |
|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Compared:
    """One letter at one width, by both compilers."""

    name: str
    width: int
    same: dict[str, bool]
    boxes: int
    furthest: float
    where: str

    @property
    def fine(self) -> bool:
        return all(self.same.values()) and self.furthest <= NEAR

    def __str__(self) -> str:
        said = " | ".join("same" if same else "**differ**" for same in self.same.values())
        return f"| {self.name} | {self.width} | {said} | {self.boxes} | {self.furthest:.2f} |"


def look(page: Page, html: str, width: int) -> dict[str, Any]:
    page.set_viewport_size({"width": width, "height": 1000})
    page.set_content(html, wait_until="load")
    return dict(page.evaluate(LOOK))


def compare(name: str, width: int, theirs: dict[str, Any], ours: dict[str, Any]) -> Compared:
    def of(look: dict[str, Any], tag: str) -> list[tuple[str, str]]:
        return [(seen["text"], seen["to"]) for seen in look["seen"] if seen["tag"] == tag]

    same = {
        "words": theirs["words"] == ours["words"],
        "links": of(theirs, "a") == of(ours, "a"),
        "pictures": of(theirs, "img") == of(ours, "img"),
    }
    pairs = list(zip(theirs["seen"], ours["seen"], strict=False))
    apart, where = max(
        ((far(a["box"], b["box"]), f"<{a['tag']}> {a['text'][:40]!r}") for a, b in pairs),
        default=(0.0, ""),
    )
    if [seen["tag"] for seen in theirs["seen"]] != [seen["tag"] for seen in ours["seen"]]:
        apart, where = float("inf"), "other tags"
    return Compared(name, width, same, len(pairs), apart, where)


def far(one: list[float], other: list[float]) -> float:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def grey(route: Route) -> None:
    route.fulfill(body=GREY, content_type="image/svg+xml")


def compare_all(browser: Browser, npm: Path) -> Iterator[Compared]:
    with sample_newsletter() as short, sample_newsletter(posts="whole") as whole:
        sources = letters(short, whole)
    page = browser.new_page()
    page.route("**/*", grey)
    by_npm = ask(npm, "compile", list(sources.values()))
    for (name, mjml), reference in zip(sources.items(), by_npm, strict=True):
        ours = compile_mjml(mjml)
        for width in WIDTHS:
            theirs = look(page, reference, width)
            yield compare(name, width, theirs, look(page, ours, width))


def main() -> None:
    npm = options(__doc__).parse_args().npm
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        results = list(compare_all(browser, npm))
        browser.close()
    version = ask(npm, "rules")["mjml"]
    rows = "\n".join(map(str, results))
    TARGET.write_text(f"{HEAD}{rows}\n\nnpm mjml {version}, in Debian's Chromium.\n", "utf-8")
    print(rows)
    for result in results:
        if not result.fine:
            print(f"{result.name} at {result.width}: {result.same}, {result.where}")
    raise SystemExit(not all(result.fine for result in results))


if __name__ == "__main__":
    main()

"""Words stand out from what they stand on, in light and in dark. Pure.

WCAG 2.1, 1.4.3: a ratio of 4.5, or 3 for large words: 24 pixels, or 18.66 in bold.
"""

from collections.abc import Iterator

from content.preflight.colours import as_hex, contrast
from content.preflight.finding import Finding, Level, shorten
from content.preflight.looks import Look, Scheme
from content.preflight.page import Page

_RATIO = 4.5
_LARGE_RATIO = 3.0
_LARGE = 24.0
_LARGE_BOLD = 18.66


def check_contrast(page: Page) -> Iterator[Finding]:
    """Tell each pair of colours once that is hard to read, with the first words in it."""
    told: set[str] = set()
    for scheme in Scheme:
        for run in page.runs:
            look = page.looks[scheme][run.element]
            said = _complaint(look)
            if look.seen and said and said not in told:
                told.add(said)
                where = shorten(run.words)
                yield Finding(
                    Level.WARNING, "contrast", f"hard to read in {scheme} mode: {said}", where
                )


def _complaint(look: Look) -> str:
    """What is wrong with these colours; empty where nothing is."""
    is_large = look.size >= (_LARGE_BOLD if look.bold else _LARGE)
    needed = _LARGE_RATIO if is_large else _RATIO
    ratio = contrast(look.colour, look.ground)
    if ratio >= needed:
        return ""
    pair = f"{as_hex(look.colour)} on {as_hex(look.ground)}"
    return f"{pair} has a contrast of {ratio:.2f}; choose colours with {needed} or more"

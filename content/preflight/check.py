"""All rules for a letter that ask nobody outside. Pure."""

from collections.abc import Iterator

from content.preflight.clients import check_clients
from content.preflight.contrast import check_contrast
from content.preflight.exits import check_address, check_exits, check_slots
from content.preflight.finding import Finding, Level, Proof, in_order
from content.preflight.page import Page, read_page
from content.preflight.pictures import check_pictures
from content.preflight.size import check_size, check_style_size
from content.preflight.targets import check_shapes
from content.preflight.words import check_words


def check_letter(proof: Proof) -> list[Finding]:
    """What is wrong with a letter, errors first. It takes time by its size, and always ends."""
    page = read_page(proof.html)
    findings = [*check_size(proof), *check_words(proof), *check_slots(proof)]
    if page is None:
        said = "the HTML is empty, or too large to be looked at; show fewer posts, or excerpts"
        findings.append(Finding(Level.ERROR, "unreadable", said))
    else:
        findings += _check_page(proof, page)
    return in_order(findings)


def _check_page(proof: Proof, page: Page) -> Iterator[Finding]:
    yield from check_style_size(page)
    yield from check_exits(proof, page)
    yield from check_address(proof, page)
    yield from check_shapes(page)
    yield from check_pictures(page)
    yield from check_contrast(page)
    yield from check_clients(page)

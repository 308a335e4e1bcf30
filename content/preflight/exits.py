"""The way out, the postal address, and gaps that nobody filled. Pure.

CAN-SPAM (15 U.S.C. 7704(a)(3) and (5)) asks for a working way out that is clear and conspicuous,
and for a postal address; Gmail may cut off the end of a letter, so the way out stands near the top
as well.
"""

import re
from collections.abc import Iterator

from lxml import etree

from content.preflight.colours import contrast
from content.preflight.finding import Finding, Level, Proof, shorten
from content.preflight.looks import Scheme
from content.preflight.page import Page, Run, squeeze

# A first screen: that many characters, with one picture at most. As many make a footer.
NEAR = 500
_MAX_PICTURES = 1
# Under this, words are taken for hidden in the colour of their ground.
_FAINT = 1.5
_OUR_MARK = re.compile(r"slot[0-9a-f]{12,20}Z\w+Z")
_ANY_MARK = re.compile(r"\{\{.{0,60}?\}\}|\{%.{0,60}?%\}|\*\|\w{1,40}\|\*|%%\w{1,40}%%")


def check_exits(proof: Proof, page: Page) -> Iterator[Finding]:
    """Look for ways out that a person sees: near the top, in the footer, in the text part."""
    shown = [run for run in page.runs if _leads_out(run, proof.exit_url) and _stands_out(run, page)]
    if not shown:
        said = "the HTML has no unsubscribe link that a person can see; put one into the template"
        yield Finding(Level.ERROR, "exit", said)
    elif not any(_is_near_top(run) for run in shown):
        said = "no unsubscribe link near the top: if the letter is cut off, there is no way out"
        yield Finding(Level.WARNING, "exit-top", said)
    if shown and page.length - shown[-1].place > NEAR:
        said = "no unsubscribe link in the footer, where readers look for it"
        yield Finding(Level.WARNING, "exit-footer", said)
    if proof.exit_url not in proof.text:
        said = "the text part has no unsubscribe link; put one into the template"
        yield Finding(Level.ERROR, "exit", said)


def check_address(proof: Proof, page: Page) -> Iterator[Finding]:
    """The sender's postal address can be read in both parts."""
    address = squeeze(proof.postal_address)
    if not address:
        said = "there is no postal address, which the law asks for; set `sender.postal_address`"
        yield Finding(Level.ERROR, "postal-address", said)
        return
    parts = {"HTML": " ".join(run.words for run in page.runs), "text part": proof.text}
    for part, words in parts.items():
        if address not in squeeze(words):
            said = f"the {part} does not show your postal address, which the law asks for"
            yield Finding(Level.ERROR, "postal-address", f"{said}; put it into the template")


def check_slots(proof: Proof) -> Iterator[Finding]:
    """Nothing is left that should have been filled; a post about templates may look like it."""
    whole = f"{proof.subject}\n{proof.html}\n{proof.text}"
    if mark := _OUR_MARK.search(whole):
        said = "a slot was not filled; readers would see this"
        yield Finding(Level.ERROR, "slot", said, mark[0])
    if re.search(re.escape(proof.exit_url) + r"(?![\w.~%/=-])", f"{proof.html}\n{proof.text}"):
        said = "an unsubscribe link leads nowhere; put {{ slot.exit }} behind its {{ exit_url }}"
        yield Finding(Level.ERROR, "slot", said, proof.exit_url)
    for found in sorted(set(_ANY_MARK.findall(whole)))[:5]:
        said = "this looks like a gap that was not filled; say yes if a post means it so"
        yield Finding(Level.WARNING, "slot", said, shorten(found))


def _leads_out(run: Run, exit_url: str) -> bool:
    link = _link_around(run.element)
    return link is not None and link.get("href", "").strip().startswith(exit_url)


def _link_around(element: etree._Element) -> etree._Element | None:
    return element if element.tag == "a" else next(element.iterancestors("a"), None)


def _stands_out(run: Run, page: Page) -> bool:
    look = page.looks[Scheme.LIGHT][run.element]
    return contrast(look.colour, look.ground) >= _FAINT


def _is_near_top(run: Run) -> bool:
    pictures = run.element.xpath("count(preceding::img)")
    return run.place <= NEAR and float(pictures) <= _MAX_PICTURES

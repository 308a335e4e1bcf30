"""Where a letter leads: links and pictures to ask for, links that can be judged by look. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urldefrag, urlsplit

from lxml import etree

from content.preflight.finding import Finding, Level, shorten
from content.preflight.page import Page

_MAIL = re.compile(r"mailto:[^@\s?]+@[^@\s?]+(\?.*)?", re.IGNORECASE | re.DOTALL)
_PHONE = re.compile(r"(tel|sms):[+\d][\d().,;=a-z -]{2,}", re.IGNORECASE)
_WEB = re.compile(r"https?:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """An address to ask for, without what comes after `#`."""

    url: str
    is_picture: bool

    @property
    def host(self) -> str:
        """The host in lower case, without `www.`."""
        return host_of(self.url)


def _is_web_address(url: str) -> bool:
    """Whether it is a whole address that a server could be asked for."""
    return bool(_WEB.match(url) and host_of(url))


def host_of(url: str) -> str:
    """The host of an address, without `www.`; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:  # as of `http://[`
        return ""


def find_targets(page: Page, *, ours: Sequence[str]) -> tuple[Target, ...]:
    """Every address once, in the order of the letter; what begins like one of `ours` is left out.

    Our pages carry the reader's token, or are there only once the letter has been sent.
    """
    mine = tuple(filter(None, ours))
    sources = [_address(image, "src") for image in page.root.iter("img")]
    links = [_address(link, "href") for link in page.root.iter("a")]
    asked = [link for link in links if _is_web_address(link) and not link.startswith(mine)]
    pictures = [Target(source, True) for source in sources if _is_web_address(source)]
    return tuple(dict.fromkeys((*pictures, *(Target(urldefrag(url).url, False) for url in asked))))


def check_shapes(page: Page) -> Iterator[Finding]:
    """Look at links that are not asked: places in the letter, mail, telephones, and nonsense."""
    places = {name for e in page.root.iter(etree.Element) for name in (e.get("id"), e.get("name"))}
    for link in page.root.iter("a"):
        href = _address(link, "href")
        where = shorten(str(link.xpath("string()"))) or "a picture"  # not the address: of a person
        if link.get("href") is None or _is_web_address(href):
            continue
        if href.startswith("#"):
            if href[1:] not in places:
                said = "this link leads to a place that is not in the letter"
                yield Finding(Level.WARNING, "link-shape", said, where)
        elif not _MAIL.fullmatch(href) and not _PHONE.fullmatch(href):
            said = "this link is no whole web address, so it leads nowhere from a letter"
            yield Finding(Level.ERROR, "link-shape", said, where)


def _address(element: etree._Element, name: str) -> str:
    return element.get(name, "").strip()

"""The archive: what was sent, for everybody to read, and its feed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree
from lxml.builder import ElementMaker

_ATOM = "http://www.w3.org/2005/Atom"
_MAX_ENTRIES = 50
# RFC 4287 wants a moment even of a feed in which nothing has happened yet.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedEdition:
    """An edition as the archive lists it. `published` is when the last of its letters had gone."""

    key: str
    title: str
    preheader: str
    published: datetime


def atom_feed(
    editions: Sequence[ArchivedEdition], *, address: str, title: str, author: str, language: str
) -> bytes:
    """Write the feed of an archive (Atom, RFC 4287); `editions` are newest first.

    `address` is that of the archive's front page, and ends with a slash. The page of an edition
    stands under it by the edition's key, and is the entry's id: neither ever changes.
    """
    make = ElementMaker(namespace=_ATOM, nsmap={None: _ATOM})
    newest = max((edition.published for edition in editions), default=_NEVER)
    feed = make.feed(
        make.id(address),
        make.title(title),
        make.updated(newest.isoformat()),
        make.author(make.name(author)),
        make.link(rel="self", type="application/atom+xml", href=f"{address}feed.atom"),
        make.link(rel="alternate", type="text/html", href=address),
        *(_entry(make, edition, address) for edition in editions[:_MAX_ENTRIES]),
    )
    feed.set("{http://www.w3.org/XML/1998/namespace}lang", language)
    return etree.tostring(feed, xml_declaration=True, encoding="utf-8")


def _entry(make: ElementMaker, edition: ArchivedEdition, address: str) -> etree._Element:
    page, moment = f"{address}{edition.key}", edition.published.isoformat()
    return make.entry(
        make.id(page),
        make.title(edition.title),
        make.published(moment),
        make.updated(moment),
        make.link(rel="alternate", type="text/html", href=page),
        make.summary(edition.preheader),
    )

"""Read RSS 0.9 to 2.0 and Atom, well-formed or not. Pure."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from xml.parsers import expat
from xml.sax import SAXException, make_parser
from xml.sax.handler import feature_external_ges, feature_namespaces
from xml.sax.xmlreader import AttributesNSImpl

from feedparser.api import LooseFeedParser, StrictFeedParser

from content.errors import NotAFeed
from content.formats.entry import MAX_ENTRIES, Document
from content.formats.xml_entry import as_entry, text_of
from content.formats.xml_text import decode, entities, is_page, mend, outside_cdata

# feedparser takes 8 to 12 microseconds for a tag, so this keeps a mebibyte under two seconds.
# Markup of posts has a tag in 24 characters and more.
_BYTES_PER_TAG = 11
# What of these goes beyond any feed is left out: feedparser takes the square of it in time.
_MAX_ATTRIBUTES = 100
_MAX_TAGS = 100
_MAX_NAMESPACES = 200
_MAX_BASE = 2000

# Errors of a document that ends too early, and of one that goes on after its end.
_CUT = frozenset(
    (
        expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
        expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
    )
)
_JUNK_AFTER = expat.errors.codes[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]


def read_xml(body: bytes, headers: Mapping[str, str], *, base: str) -> Document:
    """Read the entries of an RSS or Atom feed; relative addresses are from `base`.

    Whether it is a feed is told by its root or feedparser's `version`, not by whether it is
    well-formed: many web pages are, and many feeds are not.

    Raises:
        NotAFeed: a web page, an empty answer or anything else that is not RSS or Atom.
    """
    written = decode(body, headers.get("content-type", ""))
    if is_page(written):
        raise NotAFeed(_what_it_is(written))
    text, is_feed = mend(written)
    if outside_cdata(text).count("<") * _BYTES_PER_TAG > len(text) + 4096:
        raise NotAFeed("hardly anything but tags")
    parser, broken = _parse(text, base)
    if not parser.version or not (is_feed or parser.entries):
        raise NotAFeed(_what_it_is(written))
    if len(parser.entries) > MAX_ENTRIES:
        raise NotAFeed(f"more than {MAX_ENTRIES} posts, which no feed has")
    is_atom = parser.version.startswith("atom")
    return Document(
        title=text_of(parser.feeddata, "title"),
        home=text_of(parser.feeddata, "link"),
        language=text_of(parser.feeddata, "language") or headers.get("content-language", ""),
        entries=tuple(as_entry(entry, base, is_atom) for entry in parser.entries),
        broken=broken,
    )


class _Bounded:
    """What feedparser does is done in time; our own sanitiser comes later, because feedparser's
    drops videos and forms, and takes four times as long as the parsing itself."""

    resolve_relative_uris = False
    sanitize_html = False
    baseuri: str
    namespaces_in_use: dict[str, str]
    push: Any
    pop: Any
    _get_context: Any

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        kept = [
            (name, value)
            for name, value in attrs
            if not name.endswith("base") or len(value) + len(self.baseuri) < _MAX_BASE
        ]
        super().unknown_starttag(tag, kept)  # type: ignore[misc]

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        if len(self.namespaces_in_use) < _MAX_NAMESPACES:
            super().track_namespace(prefix, uri)  # type: ignore[misc]

    def _add_tag(self, *tag: str | None) -> None:
        if len(self._get_context().get("tags", ())) < _MAX_TAGS:
            super()._add_tag(*tag)  # type: ignore[misc]

    def _start_media_description(self, attrs: dict[str, str]) -> None:
        """A caption is no text of the post, for which feedparser takes it."""
        self.push("media_description", 1)

    def _end_media_description(self) -> None:
        self.pop("media_description")

    def _sync_author_detail(self, key: str = "author") -> None:
        """Look for no address in the author's name: a long one takes hours, and we use neither."""


class _Strict(_Bounded, StrictFeedParser):  # type: ignore[misc]
    """expat gives text in shreds, one for each reference, and feedparser needs half of its time to
    take them one by one; here they come together."""

    def __init__(self, *known: Any) -> None:
        super().__init__(*known)
        self._shreds: list[str] = []

    def characters(self, text: str) -> None:
        self._shreds.append(text)

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:
        self._join()
        few = attrs if len(attrs) <= _MAX_ATTRIBUTES else AttributesNSImpl({}, {})
        super().startElementNS(name, qname, few)

    def endElementNS(self, name: Any, qname: Any) -> None:
        self._join()
        super().endElementNS(name, qname)

    def _join(self) -> None:
        if self._shreds:
            self.handle_data("".join(self._shreds))
            self._shreds.clear()


class _Loose(_Bounded, LooseFeedParser):  # type: ignore[misc]
    pass


def _parse(text: str, base: str) -> tuple[Any, bool]:
    """What feedparser makes of a feed, and whether its end may be missing.

    The loose parser is for what is not well-formed. Where a feed only breaks off, the strict one
    gives every entry before that; and what comes after the end of a feed is not looked at.
    """
    data = text.encode()
    fault = _first_fault(data)
    if fault in (None, _JUNK_AFTER, *_CUT):
        parser: Any = _Strict(base, None, "utf-8")
        reading = _read_strictly
    else:
        parser = _Loose(base, None, "utf-8", entities(text))
        reading = _read_loosely
    try:
        reading(parser, data)
    except Exception:  # KeyError and more, for what no feed has; the entries before that are whole
        return parser, True
    return parser, fault not in (None, _JUNK_AFTER)


def _first_fault(data: bytes) -> int | None:
    """The code of the first error in a document, None where it is well-formed."""
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(data, True)
    except expat.ExpatError as error:
        return error.code
    return None


def _read_strictly(parser: Any, data: bytes) -> None:
    reader: Any = make_parser()
    reader.setFeature(feature_namespaces, True)
    reader.setFeature(feature_external_ges, False)
    reader.setContentHandler(parser)
    reader.setErrorHandler(parser)
    with suppress(SAXException):
        reader.feed(data)
        reader.close()


def _read_loosely(parser: Any, data: bytes) -> None:
    parser.feed(data.decode())


def _what_it_is(text: str) -> str:
    start = text[:4096].lstrip().lower()
    if not start:
        return "empty; is this the feed's address?"
    if "<html" in start or "<!doctype html" in start:
        return "a web page, not a feed; look for its RSS link, often /blog.rss, /feed or /rss.xml"
    return "neither RSS, Atom nor JSON Feed"

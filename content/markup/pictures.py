"""Pictures that a feed names, or that stand in a post. No network: an address says it all."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree

from content.markup.lines import one_line
from content.markup.links import absolute
from content.markup.sentences import cut
from content.markup.tree import parse_html

_MIN_IMAGE = 80  # pixels; smaller ones are counters, spacers and emoji
_WIDE_ENOUGH = 600  # pixels; a letter is that wide
_MAX_ALT = 250  # characters

_PICTURE_NAME = re.compile(r"\.(jpe?g|png|gif|webp|avif)$", re.IGNORECASE)
_SIZE = re.compile(r"\s*(\d{1,6})(?:\.\d+)?(?:px)?\s*")
_STYLE_SIZE = re.compile(r"(?:^|;)\s*(width|height)\s*:\s*(\d{1,6})(?:\.\d+)?px")
_LAZY = ("data-src", "data-lazy-src", "data-original", "data-orig-file")
_LAZY_SETS = ("srcset", "data-srcset", "data-lazy-srcset")
_PLACEHOLDER = re.compile(
    r"/(?:blank|clear|dot|pixel|spacer|transparent|(?:lazy[-_]?)?placeholder|1x1)[-_.\d]*\.(?:gif|png)$",
    re.IGNORECASE,
)
# Who counts readers, or decorates a feed with buttons; by host and the start of the path.
_TRACKERS = re.compile(
    r"""feeds\.feedburner\.com/~ | feedproxy\.google\.com/~ | feeds\.wordpress\.com/1\.0/
    | (stats|pixel)\.wordpress\.com/ | (stats|pixel)\.wp\.com/ | [^/]+/b\.gif$
    | [^/]*doubleclick\.net/ | [^/]*google-analytics\.com/ | [^/]*googleadservices\.com/
    | [^/]*feedsportal\.com/ | [^/]*scorecardresearch\.com/ | [^/]*quantserve\.com/
    | medium\.com/_/stat | blogger\.googleusercontent\.com/tracker/ | www\.facebook\.com/tr$
    | [^/]*statcounter\.com/ | ping\.chartbeat\.net/""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on the web: where it is, what it shows in words, its size in CSS pixels."""

    url: str
    alt: str = ""
    width: int | None = None
    height: int | None = None


def named_picture(attributes: Mapping[str, str], base: str) -> Picture | None:
    """The picture that a feed names with an element of these attributes, if it is one of a post.

    A `media:thumbnail` or `itunes:image` says by its name alone that it is a picture: give it
    `medium="image"` where its address may end in anything.
    """
    link = attributes.get("url") or attributes.get("href") or ""
    kind = f"{attributes.get('medium', '')} {attributes.get('type', '')}".lower()
    url = absolute(link, base)
    if not url or "svg" in kind or not _is_shown(url) or is_pixel(attributes):
        return None
    if "image" not in kind and not _PICTURE_NAME.search(urlsplit(url).path):
        return None
    return _picture(url, attributes)


def first_picture(html: str, base: str) -> Picture | None:
    """The first picture in `html` that is meant to be looked at, or nothing."""
    tree = parse_html(html)
    for image in tree.iter("img") if tree is not None else ():
        found = picture_of(image, base)
        if found and not is_pixel(dict(image.attrib)) and not emoji_of(image):
            return found
    return None


def picture_of(image: etree._Element, base: str) -> Picture | None:
    """The picture an `<img>` shows once a browser has loaded it; nothing if nobody is to see it.

    Pages that load pictures late keep the address elsewhere, and a blank one in `src`.
    """
    for link in _links(image):
        url = absolute(link, base)
        if url and _is_shown(url) and not _PLACEHOLDER.search(urlsplit(url).path):
            return _picture(url, dict(image.attrib))
    return None


def emoji_of(image: etree._Element) -> str:
    """The character that an image stands for, where a blog shows emoji as images."""
    classes = set(image.get("class", "").split())
    is_one = "s.w.org/images/core/emoji" in image.get("src", "")
    return _alt(dict(image.attrib)) if is_one or classes & {"wp-smiley", "emoji"} else ""


def is_pixel(attributes: Mapping[str, str], smallest: int = _MIN_IMAGE) -> bool:
    """Tell by its width and height whether an image is too small to be a picture."""
    return any(size < smallest for size in _sizes(attributes).values())


def _links(image: etree._Element) -> Iterator[str]:
    yield image.get("src", "")
    yield from (image.get(name, "") for name in _LAZY)
    yield from (_from_set(image.get(name, "")) for name in _LAZY_SETS)
    for around in image.iterancestors("picture"):
        yield from (_from_set(source.get("srcset", "")) for source in around.iter("source"))


def _from_set(srcset: str) -> str:
    """The smallest picture of a `srcset` that is wide enough, else its widest."""
    sized: list[tuple[int, str]] = []
    for word in re.sub(r"(\s\d+[wx]),", r"\1 ", srcset).split():
        size = re.fullmatch(r"(\d{1,5})(?:\.\d+)?[wx],?", word)
        if size and sized:
            sized[-1] = (int(size[1]), sized[-1][1])
        else:
            sized.append((1, word.rstrip(",")))
    wide = [found for found in sized if found[0] >= _WIDE_ENOUGH]
    return min(wide)[1] if wide else max(sized, default=(0, ""))[1]


def _is_shown(url: str) -> bool:
    """Mail programs show no SVG; and a portrait of the author is no picture of a post."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.path.lower().endswith(".svg") or host.endswith("gravatar.com"):
        return False
    return not _TRACKERS.match(f"{host}{parts.path}")


def _picture(url: str, attributes: Mapping[str, str]) -> Picture:
    sizes = _sizes(attributes)
    return Picture(url, _alt(attributes), sizes.get("width"), sizes.get("height"))


def _sizes(attributes: Mapping[str, str]) -> dict[str, int]:
    """Width and height in pixels, as far as they are said; what the style says goes first."""
    written = {name: _SIZE.fullmatch(attributes.get(name, "")) for name in ("width", "height")}
    sizes = {name: int(found[1]) for name, found in written.items() if found}
    style = _STYLE_SIZE.findall(attributes.get("style", ""))
    return sizes | {name: int(size) for name, size in style}


def _alt(attributes: Mapping[str, str]) -> str:
    """What the picture shows; the name of its file says nothing to anybody."""
    alt = one_line(attributes.get("alt", ""))
    return "" if _PICTURE_NAME.search(alt) and " " not in alt else cut(alt, _MAX_ALT)


def poster_of(video: etree._Element, base: str) -> Picture | None:
    """The still picture of a video."""
    url = absolute(video.get("poster", ""), base)
    return _picture(url, dict(video.attrib)) if url and _is_shown(url) else None

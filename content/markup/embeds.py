"""What stands in a letter for what only a browser can show: videos, players, forms. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree

from content.markup.links import absolute
from content.markup.pictures import Picture, is_pixel, poster_of

# What the links say, in one place for whoever translates them.
WORDS = {
    "video": "Watch the video",
    "audio": "Listen",
    "form": "See the form on the blog",
    "other": "See it on the blog",
}

_YOUTUBE = "www.youtube.com/watch?v="
# Players with a public page of their own: what it is, host and path of the player, the page.
_PAGES = (
    (
        "video",
        r"youtube\.com/embed/videoseries\?.*\blist=([\w-]+)",
        "www.youtube.com/playlist?list=",
    ),
    ("video", r"youtube(?:-nocookie)?\.com/(?:embed|v|shorts|live)/([\w-]+)", _YOUTUBE),
    ("video", r"youtube\.com/watch\?.*\bv=([\w-]+)", _YOUTUBE),
    ("video", r"youtu\.be/([\w-]+)", _YOUTUBE),
    ("video", r"player\.vimeo\.com/video/(\d+)(?:\?.*\bh=(\w+))?", "vimeo.com/"),
    ("video", r"vimeo\.com/(?:moogaloop\.swf\?.*clip_id=)?(\d+)", "vimeo.com/"),
    ("video", r"loom\.com/(?:embed|share)/(\w+)", "www.loom.com/share/"),
    ("video", r"dailymotion\.com/embed/video/(\w+)", "www.dailymotion.com/video/"),
    ("video", r"embed\.ted\.com/talks/([\w/-]+)", "www.ted.com/talks/"),
    ("audio", r"open\.spotify\.com/embed(?:-podcast)?/(\w+/\w+)", "open.spotify.com/"),
    ("audio", r"embed\.podcasts\.apple\.com/([\w/%.?=-]+)", "podcasts.apple.com/"),
    ("audio", r"w\.soundcloud\.com/.*url=https?://soundcloud\.com/([\w/-]+)", "soundcloud.com/"),
    ("other", r"gist\.github\.com/([\w-]+/\w+)\.js", "gist.github.com/"),
)
# What has none, or none that its address tells: the post itself is the page.
_KINDS = (
    (
        "video",
        r"wistia\.(?:com|net)/embed/(?:iframe|medias)/|(?:vidyard|brightcove|jwplatform|tiktok)\.com/"
        r"|facebook\.com/plugins/video|videopress\.com/|rumble\.com/embed|streamable\.com/",
    ),
    (
        "audio",
        r"(?:soundcloud|spotify|bandcamp|libsyn|buzzsprout|podbean|simplecast|spreaker)\.com/"
        r"|(?:mixcloud|acast)\.com/|(?:anchor|transistor|captivate|megaphone)\.fm/",
    ),
    (
        "form",
        # Kajabi's stand on the customer's own host.
        r"[^/]+/forms/\d+/embed\.js|docs\.google\.com/forms/|(?:typeform|jotform|hsforms)\.\w+/"
        r"|(?:mailerlite|flodesk|list-manage|convertkit|kit|activehosted|aweber)\.com/"
        r"|ck\.page/|substack\.com/embed",
    ),
)
_TAGS = frozenset(
    """amp-iframe amp-youtube audio embed iframe lite-youtube object script video
    wistia-player""".split()
)
_SOURCES = ("src", "data-src", "data-lazy-src", "data")
_SMALLEST = 10  # pixels; nobody is to see a frame that is smaller


@dataclass(frozen=True, slots=True)
class Embed:
    """A link to what a letter cannot show: its words, where it leads, a picture if it has one."""

    words: str
    link: str
    poster: Picture | None = None


def is_embed(element: etree._Element) -> bool:
    """Tell whether an element shows something that is not in the HTML itself."""
    return element.tag in _TAGS or "wistia_embed" in element.get("class", "")


def embed_of(element: etree._Element, *, base: str, post_link: str) -> Embed | None:
    """What stands in for an embed; nothing where there is nothing to be seen.

    It leads to the public page of a video where its address tells that, else to the post.
    """
    if is_pixel(dict(element.attrib), _SMALLEST):
        return None
    for address in _addresses(element):
        found = _known(unquote(absolute(address, base)).partition("://")[2], post_link)
        if found:
            return found
    kind = _kind_of(element, base)
    if not kind:
        return None
    return Embed(WORDS[kind], absolute(post_link, base), poster_of(element, base))


def _known(address: str, post_link: str) -> Embed | None:
    for kind, player, page in _PAGES:
        found = re.match(rf"(?:www\.|m\.)?{player}", address)
        if found:
            return Embed(WORDS[kind], f"https://{page}{'/'.join(filter(None, found.groups()))}")
    for kind, player in _KINDS:
        if re.match(rf"(?:[^/]+\.)?(?:{player})", address):
            return Embed(WORDS[kind], absolute(post_link, post_link))
    return None


def _kind_of(element: etree._Element, base: str) -> str:
    tag = str(element.tag)
    if tag == "script":
        return ""
    if tag in ("video", "audio"):
        return tag
    if "wistia" in f"{tag} {element.get('class', '')}":
        return "video"
    return "other" if any(absolute(a, base) for a in _addresses(element)) else ""


def _addresses(element: etree._Element) -> Iterator[str]:
    """Where an embed may say what it shows: itself, its parameters, or what stands in for it."""
    video = element.get("videoid") or element.get("data-videoid")
    if video:
        yield f"https://www.youtube.com/embed/{video}"
    yield from (element.get(name, "") for name in _SOURCES)
    if element.tag == "object":
        for inside in element.iter("param", "embed", "iframe"):
            yield inside.get("src") or inside.get("value") or ""

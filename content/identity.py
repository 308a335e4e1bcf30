"""Which posts are the same one: guid, else canonical link, else content. Pure.

Blogs change guids, links, words and dates; none of it may make an old post look new. And blogs
give one guid or one link to several posts; none of it may make a new post look old.

Given up, because either answer may be the wrong one:
- A post whose guid and link change, and two of its title, date and words, counts as new. So does
  one of which nothing but the guid, or but the link beside another guid, is as it was: some feeds
  give one guid for ever, and slugs are used again.
- Two posts with one title and one date count as one when the feed has only one at a time; so do
  two with one guid and one link, or without a guid at one link.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from content.intake import LedgerPost
from content.markup.words import as_text
from content.post import Feed, Post

# What mail tools, networks and shops add to a link to see where a reader came from.
_TRACKING = re.compile(
    r"(utm_|mc_|pk_|piwik_|mtm_|matomo_|hsa_|_hs|vero_|oly_|itm_|wt_|gad_|ck_|ml_|fb_)\w*"
    r"|fbclid|gclid|gclsrc|gbraid|wbraid|dclid|msclkid|yclid|twclid|ttclid|li_fat_id|igsh|igshid"
    r"|mkt_tok|ref|ref_src|source|_ga|_gl|_ke|_kx|s_cid|ncid|cmpid|spm|scid|epik|srsltid",
    re.IGNORECASE,
)

# Fewer characters than these stand under many posts: "Read more", "Listen to this episode".
_OWN_WORDS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """By what a post can be known again, strongest first; all but `content` may be empty."""

    guid: str
    link: str
    content: str
    date: str

    @property
    def place(self) -> str:
        """The guid at its link: that is the post, whoever else has one of the two."""
        return f"{self.guid} {self.link}" if self.guid and self.link else ""

    @property
    def kept(self) -> frozenset[str]:
        """What the ledger keeps, to know the post by later."""
        found = (self.place, self.guid, self.link, self.content, self.date)
        return frozenset(filter(None, found))


@dataclass(frozen=True, slots=True)
class Sighting:
    """A post of one reading, and the one in the ledger that it is; None for a new one.

    `identity` tells it from every other post of its feed, for good.
    """

    post: Post
    keys: Keys
    known: LedgerPost | None
    identity: str


def keys_of(post: Post, *, home: str) -> Keys:
    """What a post can be known by. A link to a front page says nothing of the post."""
    link = canonical_link(post.link)
    is_page = link != canonical_link(home) and any(mark in link for mark in "/?#")
    date = post.published.isoformat() if post.published else ""
    digest = hashlib.sha256(f"{post.title}\0{date or as_text(post.body)}".encode()).hexdigest()
    return Keys(
        # A guid such as 42 is unique in its own feed alone.
        guid=f"guid {post.guid} in {post.feed}" if post.guid else "",
        link=f"link {link}" if is_page else "",
        content=f"content {digest[:32]}",
        date=f"date {date}" if date else "",
    )


def canonical_link(link: str) -> str:
    """An address without what may differ between two links to one page.

    Left out are http or https, `www.`, the case of the host, its default port, a slash at the
    end, the fragment, and parameters that only track readers.
    """
    try:
        parts = urlsplit(link.strip())
        host, port = (parts.hostname or "").rstrip(".").removeprefix("www."), parts.port
        host = host.encode("idna").decode()  # münchen.example is xn--mnchen-3ya.example
        # Old blogs percent-encode Latin-1, which is no UTF-8: such bytes stay what they are.
        path = unquote(parts.path, errors="surrogateescape")
        path = quote(path, safe="/:@!$&'()*+,;=~", errors="surrogateescape").rstrip("/")
    except ValueError:  # a malformed host or port, half a character
        return ""
    wanted = [p for p in parse_qsl(parts.query, keep_blank_values=True) if not _tracks(p[0])]
    query = f"?{urlencode(sorted(wanted))}" if wanted else ""
    # Some sites keep the page itself in the fragment: /#!/posts/1
    page = f"#{parts.fragment}" if parts.fragment.startswith(("!", "/")) else ""
    return f"{host}{f':{port}' if port not in (None, 80, 443) else ''}{path}{query}{page}"


def link_key(link: str) -> str:
    """The key of a post that stands at this address."""
    return f"link {canonical_link(link)}"


def _tracks(parameter: str) -> bool:
    return _TRACKING.fullmatch(parameter) is not None


def sight(feed: Feed) -> list[tuple[Post, Keys]]:
    """The posts of a reading with their keys; one that stands in it twice comes once, the first.

    Atom says that entries with one id are one entry (RFC 4287, section 4.1.1), but blogs give
    one guid to many posts: those with another link, or both another title and date, are others.
    """
    sighted: list[tuple[Post, Keys]] = []
    seen: set[tuple[str, ...]] = set()
    for post in feed.posts:
        keys = keys_of(post, home=feed.home)
        marks = _marks(post, keys)
        if seen.isdisjoint(marks):
            sighted.append((post, keys))
        seen |= marks
    whole = {(name, k.content) for _, k in sighted if k.place for name in (k.guid, k.link, "")}
    return [(post, keys) for post, keys in sighted if not _is_copy(keys, whole)]


def _is_copy(keys: Keys, whole: set[tuple[str, str]]) -> bool:
    """Tell whether an entry without guid or link repeats one that has both."""
    names = {keys.guid, keys.link} - {""} or {""}
    return not keys.place and any((name, keys.content) in whole for name in names)


def _marks(post: Post, keys: Keys) -> set[tuple[str, ...]]:
    """What no two posts of one reading have in common."""
    if not keys.guid and not keys.link:
        return {(keys.content,)}
    marks: set[tuple[str, ...]] = {("title", keys.guid, keys.link, post.title)}
    # Without guids, a page may list many posts of a day: a changelog with an anchor for each.
    if keys.guid and keys.date:
        marks.add((keys.guid, keys.link, keys.date))
    return marks


def recognise(sighted: Sequence[tuple[Post, Keys]], known: Iterable[LedgerPost]) -> list[Sighting]:
    """Find each post of a reading in the ledger; `known` are those that share a key with one.

    A key that several posts have, here or there, tells nothing: a guid that stands for many links
    gives way to the link. Guid and link together are the post, even if two of a day swap titles.
    Title and date go before either alone, since some feeds number their posts anew at each
    reading, and some posts give their slug to another.
    """
    reading = _Reading(sighted, list(known))
    reading.match(lambda keys: keys.place)
    reading.match(lambda keys: keys.content)
    reading.match(lambda keys: keys.guid, also=_alike)
    reading.match(lambda keys: keys.link, also=_alike)
    reading.match(lambda keys: keys.link, also=_no_guid)
    reading.match(lambda keys: keys.date, also=_same_words)
    reading.match_the_rest()
    return reading.sightings()


def _alike(post: Post, keys: Keys, held: LedgerPost) -> bool:
    """Tell whether more is the same than a guid or a link: either may be given to another post."""
    before = held.post
    # The ledgers of release 0.1 have no dates among their keys.
    if keys.date in held.keys or (post.published and post.published == before.published):
        return True
    undated = post.published is None or before.published is None
    same_words = undated and post.body != "" and post.body == before.body
    return post.title == before.title or same_words


def _no_guid(post: Post, keys: Keys, held: LedgerPost) -> bool:
    """Tell whether the link is all there is to go by."""
    return not post.guid or not held.post.guid


def _same_words(post: Post, keys: Keys, held: LedgerPost) -> bool:
    """Known by date and words: an author who mends the title mends the slug as well."""
    words = as_text(post.body)
    return len(words) >= _OWN_WORDS and words == as_text(held.post.body)


@dataclass
class _Reading:
    """One reading beside the ledger; each post of the one is at most one of the other."""

    sighted: Sequence[tuple[Post, Keys]]
    known: Sequence[LedgerPost]
    found: dict[int, LedgerPost] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.holders: dict[str, list[LedgerPost]] = defaultdict(list)
        for held in self.known:
            for key in held.keys:
                self.holders[key].append(held)

    def match(
        self,
        key_of: Callable[[Keys], str],
        also: Callable[[Post, Keys, LedgerPost], bool] = lambda *_: True,
    ) -> None:
        """Match by one key, where one post here and one there has it."""
        here = Counter(key_of(keys) for _, keys in self.sighted)
        for n, (post, keys) in enumerate(self.sighted):
            holders = self.holders.get(key_of(keys), ())
            if n in self.found or not here[key_of(keys)] == len(holders) == 1:
                continue
            if id(holders[0]) not in self.taken and also(post, keys, holders[0]):
                self.found[n] = holders[0]
                self.taken.add(id(holders[0]))

    def match_the_rest(self) -> None:
        """Match what is as it was in every way, even if it is so with many posts.

        Without this, what cannot be told apart would be new again at each reading.
        """
        for n, (_, keys) in enumerate(self.sighted):
            if n in self.found:
                continue
            fewest = min((self.holders.get(key, []) for key in keys.kept), key=len)
            free = (held for held in fewest if id(held) not in self.taken)
            for held in (held for held in free if keys.kept <= held.keys):
                self.found[n] = held
                self.taken.add(id(held))
                break

    def sightings(self) -> list[Sighting]:
        """Every post, the new ones with an identity that no other has."""
        names = {held.identity for held in self.known}
        return [self._sighting(n, names) for n in range(len(self.sighted))]

    def _sighting(self, n: int, names: set[str]) -> Sighting:
        post, keys = self.sighted[n]
        if held := self.found.get(n):
            return Sighting(post, keys, held, held.identity)
        twins = (f"{keys.content} {number}" for number in count(2))
        wanted = chain((keys.guid, keys.link, keys.content), twins)
        identity = next(name for name in wanted if name and name not in names)
        names.add(identity)
        return Sighting(post, keys, None, identity)

"""Every feed of the collections gives posts, or one line that says why not."""

import csv
import gzip
import re
import time
from pathlib import Path

import pytest

from content.errors import NotAFeed
from content.fetched import Fetched
from content.post import Feed, parse_feed
from tests.content.builders import SITE
from tests.corpus import FEEDS, feed_files, needs_feeds

pytestmark = [pytest.mark.corpus, needs_feeds]

CONTROLS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
MEBIBYTE = 1 << 20


def read(path: Path) -> Feed:
    return parse_feed(Fetched(path.name, "", path.read_bytes(), {}), site=SITE)


def read_or_say(path: Path) -> tuple[Feed | None, str]:
    try:
        return read(path), ""
    except NotAFeed as error:
        return None, str(error)


def seconds_for(path: Path) -> float:
    """What reading a file may take: half a second, and two for each mebibyte."""
    body = path.read_bytes()
    size = len(gzip.decompress(body) if body.startswith(b"\x1f\x8b\x08") else body)
    return 0.5 + 2 * size / MEBIBYTE


@pytest.mark.parametrize("path", feed_files("real", "malformed", "synthetic"), ids=lambda p: p.name)
def test_a_feed_gives_posts_or_one_line_that_says_why_not(path):
    begun = time.process_time()
    feed, why_not = read_or_say(path)
    assert time.process_time() - begun < seconds_for(path)
    assert feed or re.fullmatch(f"{re.escape(path.name)}: .+", why_not)
    for post in feed.posts if feed else ():
        assert len(post.title) <= 300
        assert post.link.startswith(("http://", "https://"))
        assert not post.picture or post.picture.url.startswith(("http://", "https://"))
        words = (post.title, post.link, post.guid, post.body, post.summary, *post.categories)
        assert not CONTROLS.search(" ".join(words))


def test_no_real_feed_has_fewer_posts_than_feedparser_finds():
    with (FEEDS / "INDEX.tsv").open(newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        found = {row["file"]: int(row["entries_feedparser"]) for row in rows}
    files = [path for path in feed_files("real") if found.get(path.name)]
    assert len(files) > 50
    assert [path.name for path in files if len(read(path).posts) < found[path.name]] == []


# These have such letters themselves: somebody read them wrongly before they became a feed.
MISREAD_BEFORE = {
    "codehollow-japantimes-nodates.xml",
    "codehollow-massanews-noguid-mojibake.xml",
}


def test_no_feed_is_read_with_the_letters_of_another_encoding():
    wrong = re.compile("Ã[\x80-\xbf€-™]|â€|\ufffd{2}")
    feeds = {path.name: read_or_say(path)[0] for path in feed_files("real", "synthetic")}
    titles = {name: " ".join(p.title for p in feed.posts) for name, feed in feeds.items() if feed}
    assert {name for name, title in titles.items() if wrong.search(title)} == MISREAD_BEFORE

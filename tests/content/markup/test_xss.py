"""Nothing a feed can write does anything in a letter, read by whichever parser."""

import json
import re
from collections import Counter
from functools import cache

import feedparser
import lxml.html
import pytest
from mjml import mjml2html

from content.markup.clean import clean_html
from content.markup.words import as_text
from tests.content.markup.parsers import faults, links_in, tags_in
from tests.corpus import FEEDS, needs_feeds

POST = "https://blog.example/posts/1"
MJML = "<mjml><mj-body><mj-section><mj-column><mj-text>{}</mj-text></mj-column></mj-section></mj-body></mjml>"

NASTY = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    '<a href="java\tscript:alert(1)">x</a>',
    '<a href="&#106;avascript&colon;alert(1)">x</a>',
    '<a href="\x01javascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="vbscript:x">x</a><a href="//evil.example\\@bank.example/">y</a>',
    '<p style="background:url(javascript:alert(1))" class="x" id="y">x</p>',
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    "<template><img src=x onerror=alert(1)></template>",
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<object data="javascript:alert(1)"></object><embed src="javascript:alert(1)">',
    '<meta http-equiv="refresh" content="0;url=javascript:alert(1)"><base href="//evil.example/">',
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]><?php echo 1 ?><!DOCTYPE x>",
    '<xmp><p title="</xmp><svg/onload=alert(1)>">',
    "<plaintext><script>alert(1)</script>",
    "<textarea><img src=x onerror=alert(1)></textarea><select><template><b onclick=x>y",
    '<a href="https://x.example/" onclick="x" title=\'"><script>alert(1)</script>\'>x</a>',
    '<img src="https://x.example/a.png" alt="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;">',
    "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp;lt;b&amp;gt; ]]&gt; \ufffe\ud800&#0;&#xd800;</p>",
    "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
    '<table><td><a href="https://x.example/"><table><tr><td><a href="https://y.example/">z',
    "<h2><a href='https://x.example/'><ul><li><p><h2>x</h2></a></p>y",
]


@pytest.mark.parametrize("nasty", NASTY)
def test_nothing_nasty_is_left_whoever_reads_it(nasty):
    clean = clean_html(nasty, base=POST, post_link=POST)
    assert faults(clean) == set()
    assert clean_html(clean, base=POST, post_link=POST) == clean


def test_the_check_sees_what_it_is_to_find():
    assert "onerror" in faults('<img src="https://x.example/" onerror="x" />')
    assert "script" in faults("<script>x</script>")
    assert "href=javascript:" in faults('<a href="java&#9;script:x">x</a>')
    assert "href=data:" in faults('<a href="data:x">x</a>')
    assert "style" in faults('<p style="x">y</p>')
    assert "not an element" in faults("<p>x</p><!-- x -->")
    assert "libxml2 reads another tree" in faults("<b><p>x</p></b>")
    assert "HTML5 reads another tree" in faults("<table><tr><td /></tr></table>")
    assert "HTML5 reads another tree" in faults("<p><p>x</p></p>")
    assert faults('<p>x <a href="https://x.example/">y</a><br /></p>') == set()


@cache
def vectors() -> list[str]:
    text = (FEEDS / "xss" / "vectors.jsonl").read_text(encoding="utf-8")
    return [json.loads(line)["input"] for line in text.strip().split("\n")]


@cache
def posts() -> list[tuple[str, str]]:
    """Link and body of every post of the real feeds."""
    found = []
    for path in sorted((FEEDS / "real").glob("*.xml")):
        feed = feedparser.parse(path, sanitize_html=False, resolve_relative_uris=False)
        for entry in feed.entries:
            texts = [c.get("value", "") for c in entry.get("content", ())]
            link = entry.get("link", "")
            body = max([*texts, dict.get(entry, "summary", "")], key=len)
            found.append((link if link.startswith("http") else POST, body))
    return found


@pytest.mark.corpus
@needs_feeds
def test_no_known_attack_leaves_anything():
    assert len(vectors()) > 3_000
    for vector in vectors():
        clean = clean_html(vector, base=POST, post_link=POST)
        assert faults(clean) == set(), vector
        assert clean_html(clean, base=POST, post_link=POST) == clean, vector


@pytest.mark.corpus
@needs_feeds
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_real_posts_keep_their_words_and_lose_what_harms():
    assert len(posts()) > 3_000
    for link, body in posts():
        clean = clean_html(body, base=link, post_link=link)
        assert faults(clean) == set(), body
        if not re.search(r"<(form|noscript|audio|video|object|svg|button)|display:\s*none", body):
            assert not words_of(body) - words_of(clean), body


def words_of(html: str) -> Counter[str]:
    # Letters alone: where a tag stands inside a word, two parsers may part it or not.
    return Counter(character for character in as_text(html) if character.isalpha())


@pytest.mark.corpus
@needs_feeds
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_letter_compiler_takes_it_and_keeps_the_links():
    bodies = [*posts()[::10], *((POST, vector) for vector in vectors())]
    for link, body in bodies:
        clean = clean_html(body, base=link, post_link=link)
        letter = tags_in(lxml.html.fromstring(mjml2html(MJML.format(clean), fonts={})))
        found = {value for _tag, attributes in letter for value in attributes.values()}
        # mrml writes other characters of attributes as Rust prints them: letter.py sees to that.
        assert {link for link in links_in(clean) if link.isascii() and "\\" not in link} <= found

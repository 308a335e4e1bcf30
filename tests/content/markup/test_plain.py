"""The text part of whole posts: every word and every address of the HTML, in lines for mail."""

import re
import time
from collections import Counter

import lxml.html
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from content.errors import NotAFeed
from content.fetched import Fetched
from content.markup.clean import clean_html
from content.markup.plain import WIDTH, as_plain_text
from content.markup.sentences import columns
from content.markup.words import as_text
from content.post import parse_feed
from tests.content.builders import SITE
from tests.corpus import feed_files, needs_feeds

ADDRESS = re.compile(r"\s*<(https?|mailto|tel):[^\s>]+>")
HIPS = f"{SITE}hips"


def plain(html: str) -> str:
    """The text of a post with this HTML."""
    return as_plain_text(clean_html(html, base=HIPS, post_link=HIPS))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<p>One</p><p>Two<br>three</p>", "One\n\nTwo\nthree"),
        ("<p>un<b>believ</b>able, H<sub>2</sub>O</p>", "unbelievable, H2O"),
        ("<p>2 * 3 * 4, snake_case, [x] # &lt;b&gt;</p>", "2 * 3 * 4, snake_case, [x] # <b>"),
        ("<h2>Why</h2><p>So.</p><h3>And</h3>", "Why\n---\n\nSo.\n\nAnd"),
        ("<ul><li>one<li>two<ul><li>deep</ul></ul>", "* one\n* two\n  * deep"),
        ("<ol><li>one<li><p>two</p><p>more</p></ol>", "1. one\n2. two\n\n   more"),
        ("<blockquote><p>One<p>Two</blockquote>", "> One\n>\n> Two"),
        ("<pre>def f():\n    return 1</pre>", "    def f():\n        return 1"),
        ("<table><tr><th>A<th>B<tr><td>1<td>2</table>", "A | B\n1 | 2"),
        ("<dl><dt>Hip<dd>A joint</dl>", "Hip\n    A joint"),
        ("<p>Before</p><hr><p>after</p>", "Before\n\n---\n\nafter"),
        ("<p><img src=/a.jpg alt='A hip'></p>", "[A hip]"),
        ("<p>Words<img src=/a.jpg></p>", "Words"),
        ("", ""),
    ],
)  # fmt: skip
def test_html_reads_as_people_write_mail(written, read):
    assert plain(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<a href='/plan?a=1&amp;b=2'>the plan</a>.", f"the plan <{SITE}plan?a=1&b=2>."),
        ("<a href='https://x.example/'>https://x.example/</a>", "https://x.example/"),
        ("<a href='mailto:ada@x.example'>ada@x.example</a>", "ada@x.example"),
        ("<a href='mailto:ada@x.example'>Ada</a>", "Ada <mailto:ada@x.example>"),
        ("<a href='/v'><img src=/a.jpg alt='A hip'></a>", f"[A hip] <{SITE}v>"),
        ("<a href='/v'><img src=/a.jpg></a>", f"<{SITE}v>"),
        ("<a href='/x_(y)'>x </a>y", f"x <{SITE}x_(y)> y"),
        ("<a href='/a&amp;amp;nbsp'>a</a>", f"a <{SITE}a&amp;nbsp>"),
    ],
)
def test_a_link_stands_behind_its_words(written, read):
    assert plain(f"<p>{written}</p>") == read


def test_what_is_folded_stands_under_what_its_line_began_with():
    words = "A hip that pinches in front does so when it is bent far, and less so turned out."
    html = f"<ol><li>{words}</li></ol><blockquote><p>{words}</p></blockquote>"
    assert plain(html) == (
        "1. A hip that pinches in front does so when it is bent far, and less so\n"
        "   turned out.\n\n"
        "> A hip that pinches in front does so when it is bent far, and less so\n"
        "> turned out."
    )


def test_an_address_is_never_broken_and_stands_on_a_line_of_its_own_if_it_must():
    address = f"{SITE}{'hip-' * 30}pain"
    read = plain(f"<ul><li>Everything about <a href='{address}'>the hip</a> is here</ul>")
    assert read == f"* Everything about the hip\n  <{address}>\n  is here"


def test_japanese_is_folded_between_characters_but_never_before_a_full_stop():
    lines = plain("<p>" + "腰の痛みは朝がいちばん強いです。" * 9 + "</p>").split("\n")
    assert len(lines) > 3
    assert {columns(line) for line in lines[:-1]} <= {68, 70, 72}
    assert not any(line.startswith("。") for line in lines)


def test_lists_in_lists_without_end_leave_room_for_words():
    text = plain("<ul><li>in" * 70 + " and so on it goes" * 40)
    assert all(columns(line) <= 72 for line in text.split("\n")[60:])


@pytest.mark.parametrize(
    "hostile",
    [
        "<ol>" + "<li>a</li>" * 9_000 + "</ol>",
        "<p>" + "https:" * 50_000 + "</p>",
        "<p>" + "「" * 100_000 + "</p>",
        "<blockquote>" * 60 + "words " * 5_000,
    ],
    ids=["items", "beginnings of addresses", "brackets", "quotes"],
)
def test_hostile_html_is_read_in_time(hostile):
    cleaned = clean_html(hostile, base=HIPS, post_link=HIPS)
    started = time.process_time()
    assert as_plain_text(cleaned)
    assert time.process_time() - started < 3


words = st.text("ab1.,-*>_[]<&語。「é\u00a0", min_size=1, max_size=30)
tags = st.sampled_from("p h2 h3 li blockquote pre td b em code sup span dd".split())


@st.composite
def posts(draw) -> str:
    """HTML of blocks, emphasis and links, in and beside each other."""
    parts = []
    for _ in range(draw(st.integers(1, 12))):
        text = draw(words).replace("&", "&amp;").replace("<", "&lt;")
        kind = draw(st.one_of(tags, st.just("a")))
        link = f" href='/{draw(st.integers(0, 9))}'" if kind == "a" else ""
        parts.append(f"<{kind}{link}>{text}" + f"</{kind}>" * draw(st.booleans()))
    return "".join(parts)


def test_a_bracket_that_somebody_wrote_is_no_quote():
    long = "word " * 30
    lines = as_plain_text(f"<p>&gt; {long}</p>").split("\n")
    assert lines[0].startswith("> word")
    assert not lines[1].startswith(">")


@given(posts())
@example("<a href='/0'>><a href='/0'>1<a href='/0'>1<a href='/0'>1")
def test_no_word_of_any_html_is_lost_or_broken(html):
    cleaned = clean_html(html, base=HIPS, post_link=HIPS)
    says_all(cleaned, as_plain_text(cleaned))


def says_all(cleaned: str, text: str) -> None:
    """Check the promise of the text part: the words in their order, the links, the width."""
    assert words_in(as_text(cleaned)) <= words_in(ADDRESS.sub("", text))
    for address in hrefs(cleaned):
        assert address.partition(":")[2] in text
    for line in text.split("\n"):
        assert columns(line) <= WIDTH or is_one_piece(line)


def words_in(text: str) -> Counter[str]:
    """Every word, as often as it stands there; of Japanese every character: lines part them."""
    return Counter(re.findall(r"[\u3040-\u9fff]|[^\W\u3040-\u9fff]+", text))


def hrefs(html: str) -> set[str]:
    return set(lxml.html.fragment_fromstring(html, create_parent="div").xpath("//a/@href"))


def is_one_piece(line: str) -> bool:
    """Tell whether a line is an address, or one word as long as one, behind its bullets."""
    return len(re.sub(r"^[\s>*\d.-]*", "", line).split()) <= 1


@pytest.mark.corpus
@needs_feeds
@pytest.mark.parametrize("path", feed_files("real", "xss"), ids=lambda path: path.name)
def test_no_word_of_a_real_post_is_lost(path):
    try:
        feed = parse_feed(Fetched(path.name, "", path.read_bytes(), {}), site=SITE)
    except NotAFeed:
        pytest.skip("no feed")
    for post in feed.posts:
        cleaned = clean_html(post.body, base=post.base, post_link=post.link)
        says_all(cleaned, as_plain_text(cleaned))

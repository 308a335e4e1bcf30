"""Where the links of a post lead from a letter."""

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from content.markup.links import absolute, target

BASE = "https://blog.example/posts/1?page=2#top"
shreds = st.sampled_from(
    [*"ab:/\\?#@[]%. \t\n'\"<>&", "http:", "//", "x.example", "é", "\u202e", "\x92"]
)


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        ("https://x.example/a", "https://x.example/a"),
        ("HTTP://x.example", "http://x.example"),
        ("/a", "https://blog.example/a"),
        ("2", "https://blog.example/posts/2"),
        ("../a", "https://blog.example/a"),
        ("?p=1", "https://blog.example/posts/1?p=1"),
        ("//x.example/a", "https://x.example/a"),
        ("  https://x.example/a \n", "https://x.example/a"),
        ("https://x.example/a?b=c&d=%20#e", "https://x.example/a?b=c&d=%20#e"),
        ("http://[::1]:8000/a", "http://[::1]:8000/a"),
        ("https://x.example/é/語", "https://x.example/é/語"),
    ],
)
def test_a_link_is_made_whole(link, leads_to):
    assert absolute(link, BASE) == leads_to


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        ("ht\ntps://x.exa\tmple/a", "https://x.example/a"),
        ("\\\\x.example\\a?b=\\", "https://x.example/a?b=%5C"),
        ("/\\x.example/a", "https://x.example/a"),
        ("https:/x.example/a", "https://x.example/a"),
        ("https:////x.example/a", "https://x.example/a"),
        ("http:\\\\x.example/a", "http://x.example/a"),
    ],
)
def test_it_leads_where_a_browser_would_go(link, leads_to):
    assert absolute(link, BASE) == leads_to


@pytest.mark.parametrize(
    "link",
    [
        *("", "  ", "http://", "https:///", "http://:80/", "http://x.example:99999/", "http://[x/"),
        *("http://a b/", "http://x%00y/", "http://x<y/", "http://x|y/", "x" * 2_001),
        *("javascript:alert(1)", "java\nscript:alert(1)", " data:text/html,x", "vbscript:x"),
        *("mailto:a@x.example", "ftp://x.example/", "file:///etc/passwd", "cid:1", "about:blank"),
    ],
)
def test_what_leads_nowhere_is_no_link(link):
    assert absolute(link, BASE) == ""


def test_no_link_can_be_made_of_a_base_that_is_none():
    assert absolute("/a", "") == ""
    assert absolute("/a", "javascript:x") == ""
    assert absolute("a", "http://[") == ""


def test_a_link_is_written_so_that_no_mail_program_breaks_it():
    assert absolute('/a b/"c"?q=<d e>#f g', BASE) == (
        "https://blog.example/a%20b/%22c%22?q=%3Cd%20e%3E#f%20g"
    )
    assert absolute("/a\u00a0b\u3000c", BASE) == "https://blog.example/a%C2%A0b%E3%80%80c"
    assert absolute("/a\u202eb\x00c\x92", BASE) == "https://blog.example/abc’"


def test_nobody_is_led_on_by_the_name_of_another_host():
    assert absolute("https://bank.example@thief.example/a", BASE) == "https://thief.example/a"
    assert absolute("https://u:p@x.example:8443/a@b", BASE) == "https://x.example:8443/a@b"


@given(st.lists(shreds).map("".join))
@example("http://x.example:8x/")
@example("//[")
def test_every_link_has_a_host_or_is_none(link):
    found = absolute(link, BASE)
    assert absolute(found, BASE) == found
    assert target(found, base=BASE, post_link=BASE) == found
    if found:
        assert urlsplit(found).scheme in ("http", "https")
        assert urlsplit(found).hostname
        assert not set(found) & set(' \t\n"<>\\@\u202e') - set("@" if "@" in link else "")


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        ("mailto:a@x.example", "mailto:a@x.example"),
        ("MailTo:a@x.example?subject=Hip pain", "mailto:a@x.example?subject=Hip%20pain"),
        ("tel:+49 30 123", "tel:+49%2030%20123"),
        ("mail\nto:a@x.\texample", "mailto:a@x.example"),
        ("mailto:", ""),
        ("mailto: ", ""),
        ("javascript:x", ""),
        ("/a", "https://blog.example/a"),
    ],
)
def test_mail_and_telephone_are_places_to_go_to(link, leads_to):
    assert target(link, base=BASE, post_link=BASE) == leads_to


def test_a_place_in_the_post_is_on_the_blog():
    post = "https://blog.example/posts/2#old"
    assert target("#note-1", base=BASE, post_link=post) == "https://blog.example/posts/2#note-1"
    assert target(" #", base=BASE, post_link=post) == "https://blog.example/posts/2"
    assert target("#note-1", base=BASE, post_link="") == ""

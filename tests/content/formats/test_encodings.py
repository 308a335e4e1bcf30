"""The letters of a post, in whatever encoding they come, and whatever is said of it."""

import pytest

from tests.content.builders import parse, rss

DECLARED = '<?xml version="1.0" encoding="{}"?>'


@pytest.mark.parametrize("served", ["", "text/xml", "text/xml; charset=windows-1251", "text/html"])
@pytest.mark.parametrize("declared", ["utf-8", "windows-1251", "klingon", "punycode", "utf-7"])
def test_what_is_utf_8_is_read_as_that_whatever_is_said_of_it(served, declared):
    feed = rss("<title>Rücken: „öfter“</title>")
    body = feed.replace('<?xml version="1.0"?>', DECLARED.format(declared))
    found = parse(body, content_type=served) if served else parse(body)
    assert [post.title for post in found.posts] == ["Rücken: „öfter“"]
    assert not found.broken


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("windows-1252", "Rücken: „öfter“"),
        ("iso-8859-1", "Rücken"),
        ("iso-8859-15", "Rücken für 5 €"),
        ("windows-1251", "Спина и колени"),
        ("koi8-r", "Спина и колени"),
        ("gb2312", "膝盖疼痛的练习"),
        ("gb18030", "膝盖疼痛的练习"),
        ("big5", "膝蓋疼痛的練習"),
        ("shift_jis", "膝の痛みと運動"),
        ("euc-kr", "무릎 통증 운동"),
    ],
)
@pytest.mark.parametrize("says", ["server", "feed"])
def test_other_encodings_are_read_as_server_or_feed_name_them(encoding, text, says):
    feed = rss(f"<title>{text}</title>")
    if says == "feed":
        feed = feed.replace('<?xml version="1.0"?>', DECLARED.format(encoding))
    served = f'application/rss+xml; charset="{encoding}"' if says == "server" else "text/xml"
    found = parse(feed.encode(encoding), content_type=served)
    assert [post.title for post in found.posts] == [text]
    assert not found.broken


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_an_encoding_that_shows_is_known_by_its_first_bytes(encoding):
    found = parse(rss("<title>膝盖 🙂</title>").encode(encoding), content_type="text/xml")
    assert [post.title for post in found.posts] == ["膝盖 🙂"]


def test_windows_1252_is_read_where_nobody_says_so():
    found = parse(rss("<title>Rücken: „öfter“</title>").encode("cp1252"))
    assert [post.title for post in found.posts] == ["Rücken: „öfter“"]


def test_half_a_letter_in_one_post_leaves_the_letters_of_the_others():
    """Programs cut a text after so many bytes, in the middle of a letter."""
    body = rss("<title>Rücken, größer</title>", "<title>Fuß|</title>").encode()
    found = parse(body.replace("ß|".encode(), b"\xc3"))
    assert [post.title for post in found.posts] == ["Rücken, größer", "Fu\ufffd"]


@pytest.mark.parametrize(
    "declared", ["klingon", "undefined", "punycode", "unicode_escape", "utf-16"]
)
def test_an_encoding_that_cannot_be_gives_way_to_windows_1252(declared):
    body = rss("<title>Rücken: „öfter“</title>").replace(
        '<?xml version="1.0"?>', DECLARED.format(declared)
    )
    assert [post.title for post in parse(body.encode("cp1252")).posts] == ["Rücken: „öfter“"]


def test_the_smaller_of_two_encodings_stands_for_the_larger():
    body = rss("<title>朱镕基</title>").replace('<?xml version="1.0"?>', DECLARED.format("gb2312"))
    assert [post.title for post in parse(body.encode("gb18030")).posts] == ["朱镕基"]


def test_a_feed_cut_in_the_middle_of_a_letter_keeps_the_others():
    body = rss("<title>A rope “</title>", "<title>Fuß</title>").encode()
    feed = parse(body[: body.index("ß".encode()) + 1])
    assert [post.title for post in feed.posts] == ["A rope “"]
    assert feed.broken

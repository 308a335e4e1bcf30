"""The picture a feed names, and the first one of a post that is meant to be looked at."""

import pytest

from content.markup.pictures import Picture, first_picture, named_picture

BASE = "https://blog.example/posts/1"
REAL = '<img src="/real.jpg">'


def shown(html: str) -> Picture | None:
    return first_picture(html, BASE)


def seen(html: str) -> str:
    found = first_picture(html, BASE)
    return found.url.removeprefix("https://blog.example/") if found else ""


@pytest.mark.parametrize(
    "skipped",
    [
        '<img src="/p.gif" width="1" height="1">',
        '<img src="/p.gif" width="1px">',
        '<img src="/p.gif" height=" 0 ">',
        '<img src="/p.gif" width="0.5">',
        '<img src="/p.gif" width="79" height="600">',
        '<img src="/p.gif" style="width:1px;height:1px">',
        '<img src="data:image/gif;base64,AA">',
        '<img src=" DATA:image/gif;base64,AA">',
        '<img src="">',
        '<img src=" ">',
        "<img>",
        '<img src="cid:part1">',
        '<img src="javascript:x">',
        '<img src="/drawing.svg?v=2">',
        '<img src="/spacer.gif">',
        '<img src="https://s.w.org/images/core/emoji/15.0.3/72x72/1f600.png" alt="😀">',
        '<img class="wp-smiley" src="/smile.png" alt=":)">',
        '<img class="emoji x" src="/smile.png" alt="😀">',
        '<img src="http://feeds.feedburner.com/~r/Blog/~4/abc">',
        '<img src="http://feeds.feedburner.com/~ff/Blog?i=abc">',
        '<img src="https://stats.wordpress.com/b.gif?blog=1">',
        '<img src="https://pixel.wp.com/g.gif?post=1">',
        '<img src="https://count.example/b.gif?host=x">',
        '<img src="https://medium.com/_/stat?event=post.clientViewed">',
        '<img src="https://secure.gravatar.com/avatar/abc?s=96">',
    ],
)
def test_what_is_not_meant_to_be_seen_is_no_picture(skipped):
    assert shown(skipped) is None
    assert seen(skipped + REAL) == "real.jpg"


@pytest.mark.parametrize(
    "attributes",
    [
        "",
        'width="100%"',
        'width="50%"',
        'width="²"',
        'width="auto"',
        'width="600px"',
        'width="80" height="80"',
        'style="border-width: 0px; line-height: 20px"',
        'style="max-height: 60px"',
        'class="emojis pixel-art"',
    ],
)
def test_a_picture_of_any_other_size_is_one(attributes):
    assert seen(f'<p>Words</p><IMG {attributes} SRC="/real.jpg"><img src="/b.jpg">') == "real.jpg"


@pytest.mark.parametrize("name", ["pixel-art.png", "blank-page.jpg", "b.gif", "lazy-dog.gif"])
def test_a_picture_may_be_called_as_it_likes(name):
    assert seen(f'<img src="/images/{name}">') == f"images/{name}"


def test_words_alone_have_no_picture():
    assert shown("Words with 5 < 6 &amp; <b>bold</b>") is None
    assert shown("Words") is None
    assert seen("The words <img src=/a.png") in ("", "a.png")


@pytest.mark.parametrize(
    "lazy",
    [
        '<img src="data:image/gif;base64,AA" data-src="/real.jpg">',
        '<img src="/blank.gif" data-lazy-src="/real.jpg">',
        '<img src="/lazy_placeholder.gif" data-orig-file="/real.jpg">',
        '<img src="/1x1.png" data-original="/real.jpg">',
        '<img src="/x.svg" data-src="" data-lazy-src="/real.jpg">',
        '<img srcset="/real.jpg">',
        '<img src="" srcset="/s.jpg 300w, /real.jpg 640w, /l.jpg 2000w">',
        '<img srcset="/s.jpg 300w,/m.jpg 400w,/real.jpg 500w">',
        '<img srcset="/a,b.jpg 300w, /real.jpg 640.5w">',
        '<img data-srcset="/s.jpg 1x, /real.jpg 2x" src="data:,">',
        '<picture><source srcset="/real.jpg 700w"><img src="data:image/gif;base64,AA"></picture>',
        '<picture><source srcset="/no.webp"><img src="/real.jpg"></picture>',
        '<img src="/real.jpg" data-src="/large.jpg" srcset="/l.jpg 2000w">',
    ],
)
def test_a_picture_that_is_loaded_late_is_found(lazy):
    assert seen(lazy) == "real.jpg"


def test_a_picture_comes_with_its_words_and_its_size():
    found = shown('<img src="a.jpg" alt=" A\nhip " width="600" height="400px">')
    assert found == Picture("https://blog.example/posts/a.jpg", "A hip", 600, 400)
    found = shown('<img src="a.jpg" width="50%" style="width: 300.5px; height: auto">')
    assert found == Picture("https://blog.example/posts/a.jpg", "", 300, None)


@pytest.mark.parametrize("name", ["IMG_1234.JPG", "hip-pain.png", "a.webp"])
def test_the_name_of_a_file_says_nothing(name):
    found = shown(f'<img src="/a.jpg" alt="{name}">')
    assert found == Picture("https://blog.example/a.jpg")


def test_words_for_a_picture_are_cut_between_words():
    found = shown(f'<img src="/a.jpg" alt="{"hip " * 200}">')
    assert found is not None
    assert len(found.alt) <= 250
    assert found.alt.endswith("hip…")
    found = shown('<img src="/a.jpg" alt="a\u202eb\x92">')
    assert found is not None
    assert found.alt == "ab’"


@pytest.mark.parametrize(
    "attributes",
    [
        {"url": "/a.jpg"},
        {"href": "/a.jpg"},
        {"url": "/a.jpg", "type": "image/jpeg"},
        {"url": "/a.jpg", "medium": "image"},
        {"url": "/a.jpg", "width": "80", "height": "80"},
        {"url": "/a.jpg", "width": "", "height": "x"},
    ],
)
def test_a_feed_names_pictures_in_many_ways(attributes):
    found = named_picture(attributes, BASE)
    assert found is not None
    assert found.url == "https://blog.example/a.jpg"


@pytest.mark.parametrize("name", ["a.JPEG", "a.png?x=1", "a.gif#x", "a.webp", "a.avif"])
def test_a_name_tells_a_picture(name):
    assert named_picture({"url": f"/{name}"}, BASE) is not None


def test_what_says_it_is_a_picture_needs_no_name():
    assert named_picture({"url": "/a"}, BASE) is None
    assert named_picture({"url": "/a", "medium": "image"}, BASE) is not None
    assert named_picture({"url": "/a", "type": "IMAGE/PNG"}, BASE) is not None


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"url": ""},
        {"url": "/a.mp3", "type": "audio/mpeg"},
        {"url": "/a.mp4", "medium": "video"},
        {"url": "/a.svg", "type": "image/svg+xml"},
        {"url": "/a", "type": "image/svg+xml"},
        {"url": "/a.jpg", "width": "1"},
        {"url": "/a.jpg", "width": "600", "height": "79"},
        {"url": "data:image/png;base64,AA", "medium": "image"},
        {"url": "javascript:a.jpg"},
        {"url": "https://0.gravatar.com/avatar/abc.jpg", "medium": "image"},
        {"url": "https://pixel.wp.com/g.gif"},
    ],
)
def test_what_else_a_feed_names_is_no_picture_of_a_post(attributes):
    assert named_picture(attributes, BASE) is None


def test_a_named_picture_has_its_size():
    said = {"url": "a.jpg", "width": "1200", "height": "630", "alt": "A hip"}
    assert named_picture(said, BASE) == Picture(
        "https://blog.example/posts/a.jpg", "A hip", 1200, 630
    )

"""JSON Feed, 1.0 and 1.1, as programs write it and as nobody should."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.errors import NotAFeed
from content.markup.pictures import Picture
from content.post import Feed, Post
from tests.content.builders import SITE, day, parse

V1 = "https://jsonfeed.org/version/1"


def written(*items, version=f"{V1}.1", **feed) -> str:
    return json.dumps({"version": version, "title": "Blog", "items": items, **feed})


def parse_item(**item) -> Post:
    (only,) = parse(written(item)).posts
    return only


@pytest.mark.parametrize("version", [V1, f"{V1}.1"])
@pytest.mark.parametrize("before", ["", "\ufeff", " \r\n\t"])
def test_either_version_is_read(version, before):
    feed = parse(before + written({"id": "1", "title": "Rope"}, version=version))
    assert [post.title for post in feed.posts] == ["Rope"]


@pytest.mark.parametrize("after", ["\n", "<!-- cached -->", "}"])
def test_what_comes_after_the_feed_is_not_looked_at(after):
    assert [p.guid for p in parse(written({"id": "1"}) + after).posts] == ["1"]


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ('{"version": "https://jsonfeed.org/version/1.1", "items": [', "JSON that breaks off"),
        ("{", "JSON that breaks off"),
        ('{"a":' * 100_000, "JSON that breaks off"),
        ("{}", "JSON, but no JSON Feed 1.x"),
        ('{"version": 1}', "JSON, but no JSON Feed 1.x"),
        ('{"version": "https://jsonfeed.org/version/2"}', "JSON, but no JSON Feed 1.x"),
        (written(*[{}] * 5001), "more than 5000 posts, which no feed has"),
    ],
)
def test_other_json_is_no_feed(document, why):
    with pytest.raises(NotAFeed, match=f": {why}"):
        parse(document)


def test_a_title_is_plain_text_and_so_is_a_summary():
    found = parse_item(title="The <hr> tag", content_html="<p>W.</p>", summary="1 < 2")
    assert (found.title, found.summary) == ("The <hr> tag", "1 &lt; 2")


def test_an_item_without_html_shows_its_text():
    assert parse_item(content_text="1 < 2\n\nTwo").body == "<p>1 &lt; 2</p><p>Two</p>"
    assert parse_item(summary="All of it").body == "All of it"


def test_a_link_blog_leads_to_what_it_links_where_it_has_no_page_of_its_own():
    assert parse_item(url="/a", external_url="https://x.example/").link == f"{SITE}a"
    assert parse_item(id="1", external_url="https://x.example/").link == "https://x.example/"


@pytest.mark.parametrize(
    ("written_as", "moment"),
    [
        ("2026-11-05T08:30:00-08:00", "2026-11-05T16:30"),
        ("2026-11-05T08:30:00.123456789Z", "2026-11-05T08:30"),
        ("2026-11-05T08:30:00", "2026-11-05T08:30"),
    ],
)
def test_a_date_has_a_zone_or_is_utc(written_as, moment):
    assert parse_item(id="1", date_published=written_as).published == day(moment)


@pytest.mark.parametrize("date", ["", "soon", "0001-01-01T00:00:00+14:00", "9999-12-31T00:00:00Z"])
def test_a_date_that_no_post_can_have_gives_way_to_the_one_of_its_last_change(date):
    found = parse_item(id="1", date_published=date, date_modified="2026-11-05T00:00:00Z")
    assert found.published == day("2026-11-05")


def test_the_picture_of_an_item_goes_before_its_banner_and_what_is_attached():
    banner = {"banner_image": "/banner.jpg"}
    attached = {"attachments": [{"url": "/a.mp3"}, {"url": "/a", "mime_type": "image/png"}]}
    assert parse_item(image="/a.jpg", **banner).picture == Picture(f"{SITE}a.jpg")
    assert parse_item(**banner, **attached).picture == Picture(f"{SITE}banner.jpg")
    assert parse_item(**attached).picture == Picture(f"{SITE}a")


def test_members_of_a_wrong_kind_count_as_not_there():
    wrong = {"title": 5, "url": ["x"], "tags": "a", "attachments": {"url": "/a.png"}, "image": 1}
    (only,) = parse(written({"id": 7, **wrong}, "no item", None)).posts
    assert only == Post(
        feed=only.feed, guid="7", link=SITE, title="", body="", base=SITE, published=None
    )
    assert parse(written(items="none")) == Feed(title="Blog", home=SITE, posts=())


@pytest.mark.parametrize("number", ["1" * 5000, "1" * 1_000_000, "1e999999999", "-0.5", "NaN"])
def test_a_number_of_any_length_does_not_stop_the_reading(number):
    feed = written({"title": "Rope", "x": 0}).replace('"x": 0', f'"x": {number}')
    assert [post.title for post in parse(feed).posts] == ["Rope"]


def test_half_of_an_emoji_is_left_out():
    assert parse_item(title="Smile \ud83d\ude42 \ud83d").title == "Smile 🙂"


names = st.sampled_from(
    """id url external_url title content_html content_text summary image banner_image tags language
    date_published date_modified attachments mime_type authors version items""".split()
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=6),
    max_leaves=20,
)


@given(st.lists(values, max_size=3), st.dictionaries(names, values, max_size=6))
def test_no_json_of_any_shape_stops_the_reading(items, feed):
    try:
        posts = parse(written(*items, **{**feed, "version": V1})).posts
    except NotAFeed:
        posts = ()
    assert all(post.link.startswith("http") for post in posts)

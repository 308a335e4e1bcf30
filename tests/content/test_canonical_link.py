"""Two links to one page are one link, whatever was added to them on the way."""

from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.identity import canonical_link

PAGE = "blog.example/hips"


@pytest.mark.parametrize(
    "link",
    [
        "https://blog.example/hips",
        "http://blog.example/hips",
        "https://www.blog.example/hips",
        "HTTPS://WWW.Blog.Example/hips",
        "https://blog.example./hips",
        "https://blog.example:443/hips",
        "http://blog.example:80/hips/",
        "https://blog.example/hips//",
        "https://blog.example/hips#comments",
        "https://blog.example/hips?",
        "https://ada:secret@blog.example/hips",
        " https://blog.example/hips\n",
        "https://blog.example/h%69ps",
        "https://blog.example/hips?utm_source=rss&utm_medium=feed&UTM_CAMPAIGN=x",
        "https://blog.example/hips/?fbclid=1&gclid=2&mc_cid=3&mc_eid=4&_hsenc=5&ck_subscriber_id=6",
        "https://blog.example/hips?ref=feed#top",
    ],
)
def test_what_does_not_lead_elsewhere_is_left_out(link):
    assert canonical_link(link) == PAGE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://blog.example/?p=1&lang=de", "http://blog.example?lang=de&p=1"),
        ("https://blog.example/hüfte", "https://blog.example/h%C3%BCfte"),
        ("https://münchen.example/hips", "https://xn--mnchen-3ya.example/hips"),
        ("https://blog.example/a%7Eb", "https://blog.example/a~b"),
        ("https://blog.example/a+b?q=c+d", "https://blog.example/a%2Bb?q=c%20d"),
    ],
)
def test_one_address_may_be_written_in_two_ways(one, other):
    assert canonical_link(one) == canonical_link(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://blog.example/hips", "https://blog.example/Hips"),
        ("https://blog.example/hips", "https://blog.example/hips/2"),
        ("https://blog.example/hips", "https://shop.blog.example/hips"),
        ("https://blog.example/hips", "https://blog.example:8080/hips"),
        ("https://blog.example/?p=1", "https://blog.example/?p=11"),
        ("https://blog.example/?p=1", "https://blog.example/?p"),
        ("https://blog.example/?page=1", "https://blog.example/?page=1&page=2"),
        ("https://blog.example/#!/hips", "https://blog.example/#!/backs"),
        ("https://blog.example/#/hips", "https://blog.example/#/backs"),
        ("https://blog.example/caf%E9", "https://blog.example/caf%E8"),
        ("https://blog.example/?reference=1", "https://blog.example/?reference=2"),
    ],
)
def test_what_leads_elsewhere_stays(one, other):
    assert canonical_link(one) != canonical_link(other)


@pytest.mark.parametrize(
    "link", ["", "https://[blog/x", "https://blog:x/y", "https://a..b/c", "https://b/\ud83d"]
)
def test_what_is_no_address_leads_nowhere(link):
    assert canonical_link(link) == ""


names = st.text("abcXYZ019-_.~é腰 %+", min_size=1, max_size=8)
pages = st.tuples(
    st.lists(names, max_size=3), st.dictionaries(st.sampled_from(["p", "lang", "id"]), names)
)
noise = st.fixed_dictionaries(
    {
        "scheme": st.sampled_from(["http", "https", "HTTPS"]),
        "host": st.sampled_from(["blog.example", "www.blog.example", "Blog.EXAMPLE"]),
        "port": st.booleans(),
        "slash": st.booleans(),
        "tracking": st.lists(st.sampled_from(["utm_source=a", "fbclid=b", "mc_eid=c"]), max_size=2),
        "fragment": st.sampled_from(["", "#top", "#comment-5"]),
    }
)


def written(page, dressed) -> str:
    path, query = page
    port = {"http": ":80", "https": ":443"}[dressed["scheme"].lower()] if dressed["port"] else ""
    asked = [*([urlencode(query)] if query else []), *dressed["tracking"]]
    return (
        f"{dressed['scheme']}://{dressed['host']}{port}/{'/'.join(quote(p) for p in path)}"
        f"{'/' if dressed['slash'] else ''}{'?' if asked else ''}{'&'.join(asked)}"
        f"{dressed['fragment']}"
    )


@given(pages, pages, noise, noise)
def test_two_links_are_one_exactly_when_they_lead_to_one_page(one, other, this, that):
    alike = canonical_link(written(one, this)) == canonical_link(written(other, that))
    assert alike == (one == other)
    assert canonical_link(written(one, this)) == canonical_link(written(one, that))

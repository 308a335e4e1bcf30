"""Reading the feeds of a newsletter, over real HTTP, into its ledger of posts."""

import json
from datetime import timedelta

import pytest
from werkzeug import Response

from content.errors import FeedUnreachable
from flows import jobs
from flows.editions import collecting
from flows.resources import open_resources
from tests.content.builders import rss
from tests.flows.blogs import NOON, collect, item, states
from tests.flows.homes import change
from tests.flows.terminal import Ran


def test_what_is_on_the_blog_at_first_is_known_and_what_comes_later_is_new(blog):
    blog.publish(item("old"))
    assert collect().new == 1
    blog.publish(item("new"), item("old"))
    assert collect().new == 1
    assert states() == {"Old": "excluded", "New": "ready"}


def test_a_feed_that_has_not_changed_is_not_sent_again(blog):
    blog.publish(item("old"))
    collect()
    (feed,) = collect().feeds
    assert (feed.unchanged, feed.read, blog.asked[1]["If-None-Match"]) == (True, 0, blog.etag)


def test_a_feed_that_is_sent_again_as_it_was_is_not_read_again(blog, monkeypatch):
    blog.publish(item("old"))
    blog.etag = ""
    collect()
    monkeypatch.setattr(collecting, "parse_feed", None)
    (feed,) = collect().feeds
    assert (feed.unchanged, len(blog.asked)) == (True, 2)


@pytest.mark.parametrize("etag", ['"same"', ""])
def test_a_post_settles_though_its_feed_does_not_change(blog, etag):
    collect()
    blog.publish(item("fresh", published=NOON))
    blog.etag = etag
    collect()
    assert states() == {"Fresh": "settling"}
    blog.clock.shift(timedelta(minutes=29))
    collect()
    assert states() == {"Fresh": "settling"}
    blog.clock.shift(timedelta(minutes=1))
    collect()
    assert states() == {"Fresh": "ready"}


def test_a_shorter_settling_time_is_the_authors_to_choose(blog, newsletter):
    change(newsletter, "[digest]", "settling_minutes = 0\n\n[digest]")
    collect()
    blog.publish(item("fresh", published=NOON))
    collect()
    assert states() == {"Fresh": "ready"}


def test_a_feed_that_fails_leaves_its_posts_as_they_were_and_says_why_in_a_line(blog):
    blog.publish(item("old"))
    collect()
    blog.status = 503
    ran = Ran("collect")
    assert (ran.code, ran.complaint) == (1, f"lettermill: {blog.url}: the blog answered HTTP 503")
    blog.status, blog.body, blog.etag = 200, "<html>Log in</html>", '"page"'
    ran = Ran("collect")
    assert (ran.code, "a web page, not a feed" in ran.complaint) == (1, True)
    assert states() == {"Old": "excluded"}


def test_the_third_failure_in_a_row_is_told_wherever_the_author_looks(blog):
    blog.publish(item("old"))
    collect()
    blog.status = 500
    assert [len(collect().notices) for _ in range(3)] == [0, 0, 1]
    told = f"{blog.url}: could not be read 3 times since 2026-11-20: the blog answered HTTP 500"
    assert f"! {told}\n" in Ran("status").out
    assert json.loads(Ran("status", "--json").out)["notices"] == [told]
    blog.status, blog.etag = 200, '"back"'
    assert collect().notices == []
    assert "could not be read" not in Ran("status").out


def test_the_schedule_leaves_a_failing_feed_alone_for_a_while_and_a_person_does_not(blog):
    blog.status = 500
    assert collect(polite=True).failures == collect(polite=True).failures
    assert len(blog.asked) == 1
    collect()
    assert len(blog.asked) == 2
    blog.clock.shift(timedelta(hours=1))
    collect(polite=True)
    assert len(blog.asked) == 3


def test_a_feed_that_is_gone_for_good_is_not_asked_again_by_the_schedule(blog):
    blog.status = 410
    collect(polite=True)
    blog.clock.shift(timedelta(days=30))
    reading = collect(polite=True)
    assert len(blog.asked) == 1
    assert "gone for good" in reading.notices[0]


def test_a_feed_that_moved_for_good_is_read_where_it_is_and_the_author_is_told(blog, newsletter):
    change(newsletter, "[digest]", "private = true\n\n[digest]")
    blog.publish(item("old"))
    old = blog.server.url_for("/old-feed")
    blog.server.expect_request("/old-feed").respond_with_data(
        status=301, headers={"Location": "/feed"}
    )
    change(newsletter, blog.url, old)
    collect()
    notices = collect().notices
    assert [request.path for request, _ in blog.server.log].count("/old-feed") == 1
    assert notices == [
        f"{old}: has moved for good to {blog.url}; put the new address into lettermill.toml"
    ]


def test_an_author_who_puts_in_the_new_address_does_not_begin_anew(blog, newsletter):
    blog.publish(item("old"))
    collect()
    blog.publish(item("new"), item("old"))
    blog.server.expect_request("/feed2").respond_with_handler(blog._answer)
    change(newsletter, blog.url, blog.server.url_for("/feed2"))
    assert collect().new == 1
    assert states() == {"Old": "excluded", "New": "ready"}


def test_a_post_settles_though_its_feed_was_taken_out_of_the_settings(blog, newsletter):
    collect()
    blog.publish(item("fresh", published=NOON))
    collect()
    blog.server.expect_request("/feed2").respond_with_data(rss(), content_type="text/xml")
    change(newsletter, blog.url, blog.server.url_for("/feed2"))
    blog.clock.shift(timedelta(hours=1))
    collect()
    assert states() == {"Fresh": "ready"}


def test_one_of_two_feeds_that_fails_does_not_keep_the_other_back(blog, newsletter):
    bad = blog.server.url_for("/nothing")
    change(newsletter, "[[feed]]", f'[[feed]]\nsource = "{bad}"\n\n[[feed]]')
    blog.publish(item("old"))
    reading = collect()
    assert (len(reading.failures), reading.new) == (1, 1)


def test_a_post_in_two_feeds_belongs_to_the_first(blog, newsletter):
    other = blog.server.url_for("/other")
    change(newsletter, "[digest]", f'[[feed]]\nsource = "{other}"\n\n[digest]')
    blog.server.expect_request("/other").respond_with_handler(
        lambda _: Response(blog.body.replace("guid>", "x>"), content_type="text/xml")
    )
    collect()
    blog.publish(item("shared"), item("also"))
    assert collect().new == 2
    assert states() == {"Shared": "ready", "Also": "ready"}


def test_an_opening_day_given_at_the_command_line_stays(blog):
    blog.publish(item("old", NOON - timedelta(days=40)), item("recent", NOON - timedelta(days=9)))
    collect()
    assert Ran("collect", "--include-since", "2026-11-01").code == 0
    assert states() == {"Old": "excluded", "Recent": "ready"}
    blog.publish(item("back", NOON - timedelta(days=30)), item("recent", NOON - timedelta(days=9)))
    collect()
    assert states() == {"Old": "excluded", "Recent": "ready", "Back": "excluded"}


def test_an_opening_day_given_before_the_first_reading_counts_at_it(blog):
    blog.publish(item("recent", NOON - timedelta(days=9)))
    Ran("collect", "--include-since", "2026-11-01")
    assert states() == {"Recent": "ready"}


def test_a_digest_goes_on_without_a_feed_that_was_read_within_the_day(blog):
    blog.publish(item("old"))
    collect()
    blog.status = 500
    blog.clock.shift(timedelta(hours=23))
    assert len(jobs.collect_for_digest(jobs.plainly).failures) == 1
    blog.clock.shift(timedelta(hours=2))
    with pytest.raises(FeedUnreachable, match="HTTP 500"):
        jobs.collect_for_digest(jobs.plainly)


def test_a_password_in_a_feeds_address_is_shown_nowhere(blog, newsletter):
    secret = blog.url.replace("http://", "http://ada:hunter2@")
    change(newsletter, blog.url, secret)
    blog.publish(item("old"))
    shown = Ran("collect").out + Ran("collect", "--json").out
    blog.status = 500
    for _ in range(3):
        ran = Ran("collect")
        shown += ran.out + ran.err
    assert "hunter2" not in shown + Ran("status").out + Ran("status", "--json").out


def test_a_failed_reading_leaves_every_row_of_the_ledger_as_it_was(blog):
    blog.publish(item("old"), item("new"))
    collect()

    def rows() -> list:
        with open_resources() as resources:
            return list(resources.db.query("SELECT * FROM posts_with_keys"))

    before = rows()
    for body in (b"", b"\x1f\x8b\x08broken", b"<rss", b"{}", b"<" * 9999, bytes(range(256))):
        blog.body, blog.etag = body, '"x"'
        assert len(collect().failures) == 1
        assert rows() == before

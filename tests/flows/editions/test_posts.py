"""Single posts: why they are where they are, and what a person can do about it."""

import json
from datetime import timedelta

import pytest

from content.edition import EditionState
from tests.flows.blogs import NOON, Blog, collect, item, states
from tests.flows.homes import bring_in, change, digest
from tests.flows.terminal import Ran


def test_a_flood_is_held_told_and_let_go_by_a_word(blog):
    blog.publish(item("old"))
    collect()
    blog.publish(item("old"), *(item(f"p{n}") for n in range(3)))
    ran = Ran("collect")
    assert ran.out == f"{blog.url}: 4 posts, 3 new, 3 held: `lettermill posts held` says why.\n"
    assert "one of 3 new posts at once" in Ran("posts", "held").out
    assert "! 3 posts are held; `lettermill posts held` says why" in Ran("status").out
    assert Ran("posts", "release", "https://blog.example/p0").out == "1 post released.\n"
    assert Ran("posts", "release", "--all").out == "2 posts released.\n"
    assert set(states().values()) == {"excluded", "ready"}
    assert Ran("posts", "held").out == "No post is held.\n"


def test_a_second_flood_is_held_as_well(blog):
    blog.publish(item("old"))
    collect()
    for first in (1, 4):
        blog.publish(*(item(f"p{n}") for n in range(first, first + 3)), item("old"))
        assert [feed.held for feed in collect().feeds] == [3]


def test_a_post_dropped_by_hand_stays_out_until_it_is_released(blog):
    collect()
    blog.publish(item("new"))
    collect()
    Ran("posts", "drop", "https://www.blog.example/new/?utm_source=mail")
    collect()
    assert states() == {"New": "excluded"}
    assert "left out by hand on 2026-11-20" in Ran("why", "post", "https://blog.example/new").out
    Ran("posts", "release", "https://blog.example/new")
    assert states() == {"New": "ready"}


def test_where_there_is_nothing_to_let_go_it_is_said_who_knows_why(blog):
    collect()
    blog.publish(item("new"))
    collect()
    ran = Ran("posts", "release", "https://blog.example/new")
    told = "0 posts released; `lettermill why post https://blog.example/new` says why.\n"
    assert (ran.code, ran.out) == (0, told)
    assert Ran("posts", "release", "--all").out == "0 posts released.\n"


def test_release_wants_one_post_or_all(blog):
    assert Ran("posts", "release").code == 2
    assert Ran("posts", "release", "https://blog.example/new", "--all").code == 2


def test_why_tells_of_a_post_in_one_sentence(blog):
    collect()
    blog.publish(item("new"))
    collect()
    ran = Ran("why", "post", "http://BLOG.example/new#part")
    assert ran.out.splitlines() == [
        "New  https://blog.example/new",
        "  It is ready, and waits for the next edition.",
    ]
    (told,) = json.loads(Ran("why", "post", "https://blog.example/new", "--json").out)
    assert (told["state"], told["why"]) == ("ready", ran.out.splitlines()[1].strip())


def test_why_of_a_post_that_no_feed_had_is_one_line(blog):
    ran = Ran("why", "post", "https://blog.example/other")
    assert (ran.code, "no feed has had a post at this address" in ran.complaint) == (1, True)


@pytest.fixture
def december(blog, newsletter) -> Blog:
    """The first of December, with three posts of November on the blog and people on the list."""
    change(newsletter, "[digest]", "private = true\n\n[digest]")
    collect()
    pages = [blog.page(name, NOON - timedelta(days=days)) for days, name in enumerate("abc")]
    blog.publish(*pages[:2])
    collect()
    blog.publish(*pages)
    blog.clock.move_to(NOON + timedelta(days=11))
    bring_in(newsletter)
    return blog


def test_a_post_whose_page_is_gone_is_held_and_not_mailed(december):
    december.pages["b"] = 404
    december.pages["c"] = 410
    assert digest().state is EditionState.CLOSED
    assert states() == {"A": "assigned", "B": "held", "C": "held"}
    assert "its page on the blog is gone" in Ran("why", "post", december.link("b")).out


@pytest.mark.parametrize("status", [200, 403, 500, 503])
def test_a_page_that_answers_anything_else_is_not_gone(december, status):
    december.pages["b"] = status
    digest()
    assert set(states().values()) == {"assigned"}


def test_a_page_that_comes_back_lets_its_post_go_on(december):
    december.pages["b"] = 404
    digest()
    december.pages["b"] = 200
    december.clock.shift(timedelta(days=31))
    digest("2026-12")
    assert set(states().values()) == {"assigned"}
    assert "digest-2026-12" in Ran("why", "post", december.link("b")).out


def test_a_post_that_goes_from_a_draft_makes_the_draft_anew(december, newsletter):
    change(newsletter, 'approval = "none"', 'approval = "required"')
    first = digest()
    december.pages["a"] = 404
    second = digest(agreed=True)
    assert (first.state, second.state) == (EditionState.DRAFT, EditionState.DRAFT)
    assert second.note == "it has changed since it was prepared"
    assert states() == {"A": "held", "B": "assigned", "C": "assigned"}


def test_the_room_of_a_post_that_is_gone_is_given_to_another(december, newsletter):
    change(newsletter, "max_posts = 6", "max_posts = 1")
    december.pages["a"] = 404
    digest()
    assert states() == {"A": "held", "B": "assigned", "C": "ready"}
    told = Ran("why", "post", december.link("c")).out
    assert "digest-2026-11 left it out: comes with the next edition: this one is full" in told


def test_an_edit_before_the_yes_is_taken_and_one_after_it_is_told(december, newsletter):
    change(newsletter, 'approval = "none"', 'approval = "required"')
    digest()
    pages = [december.page(name, NOON, words="Mended.") for name in "abc"]
    december.publish(*pages)
    assert digest(agreed=True).note == "it has changed since it was prepared"
    assert digest(agreed=True).state is EditionState.CLOSED
    december.publish(december.page("a", NOON, words="Mended again."), *pages[1:])
    collect()
    told = Ran("why", "post", december.link("a")).out
    assert "and was edited on the blog since (2026-12-01)" in told
    assert "edited" not in Ran("why", "post", december.link("b")).out
    assert json.loads(Ran("status", "--json").out)["editions"][0]["edited_since"] == ["A"]

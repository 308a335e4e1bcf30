"""A digest put together from the posts chosen for it."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from content.choice import Rules, choose_posts, digest_key
from content.edition import Edition, compose_digest
from content.period import Period
from content.program import CallToAction
from content.teaser import Teaser
from tests.content.builders import SITE, day, held, program

NOVEMBER = Period(2026, 11)
BERLIN = ZoneInfo("Europe/Berlin")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")

EARLY = held("early", day("2026-11-03"))
LATE = held("late", day("2026-11-25"))


def compose(*posts, zone=BERLIN, **facts) -> Edition:
    choice = choose_posts(posts, NOVEMBER, zone, Rules())
    return compose_digest(choice, NOVEMBER, zone, newsletter="News", **facts)


def test_a_digest_has_one_key_per_month():
    assert digest_key(Period(2026, 3)) == "digest-2026-03"


def test_an_edition_tells_its_posts_newest_first_and_what_else_is_inside():
    edition = compose(EARLY, LATE, held("middle", day("2026-11-14T23:30"), title="In & between"))
    assert edition == Edition(
        key="digest-2026-11",
        title="News: Late",
        preheader="Also: In & between · Early",
        teasers=(
            Teaser(title="Late", link=f"{SITE}late", excerpt="Words.", day="November 25"),
            Teaser(title="In & between", link=f"{SITE}middle", excerpt="Words.", day="November 15"),
            Teaser(title="Early", link=f"{SITE}early", excerpt="Words.", day="November 3"),
        ),
    )


def test_a_digest_of_one_post_says_which_month_it_is_of():
    assert compose(EARLY).preheader == "Our digest of November 2026"


def test_a_day_of_another_year_is_said_with_its_year():
    assert compose(held("old", day("2025-12-24"))).teasers[0].day == "December 24, 2025"


@pytest.mark.parametrize("zone", [BERLIN, LOS_ANGELES, ZoneInfo("UTC")])
def test_an_edition_invites_to_what_is_open_on_the_day_after_the_month(zone):
    """It goes out on the 1st, where the newsletter is at home."""
    over = program("Over", weight=3, ends=date(2026, 11, 30))
    begins = program("Begins", weight=2, starts=date(2026, 12, 1))
    ahead = program("Ahead", weight=3, starts=date(2026, 12, 2))
    call = compose(EARLY, zone=zone, programs=[over, ahead, begins]).call_to_action
    assert call == CallToAction(
        begins, "no program fits the posts by topic; it is the next one open"
    )


def test_an_edition_invites_by_title_category_and_words():
    hips = program("Hips", topics=("hip",))
    backs = program("Backs", topics=("back",), weight=2)
    body = held("b", day("2026-11-05"), body="<p>Words about a <b>hip</b></p>")
    title = held("t", day("2026-11-05"), title="Hip, hip")
    attribute = held("a", day("2026-11-05"), body='<a href="/back">there</a>')
    call = compose(body, title, attribute, programs=[hips, backs]).call_to_action
    assert call == CallToAction(hips, "its topics fit the posts (hip in 2 of 3 posts)", 2)
    assert compose(body, programs=[hips, backs], last_program="Hips").call_to_action == (
        CallToAction(hips, "its topics fit the posts (hip in 1 of 1 posts)", 1)
    )


def test_the_same_facts_make_the_same_edition():
    posts = [held(f"p{n}", day("2026-11-05") + timedelta(hours=n % 3)) for n in range(8)]
    assert compose(*posts) == compose(*reversed(posts))


def test_the_subject_names_the_newsletter_only_where_there_is_room():
    title = "A Six-Minute Warm-Up for a Cold Garage, Floor and All"
    assert compose(held("a", day("2026-11-05"), title=title)).title == f"News: {title}"
    longer = f"{title} Together"
    assert compose(held("a", day("2026-11-05"), title=longer)).title == longer


def test_a_title_without_end_is_cut_in_subject_and_preheader_and_whole_in_the_letter():
    endless = "hips " * 1_000
    edition = compose(
        held("a", day("2026-11-25"), title=endless), held("b", day("2026-11-03"), title=endless)
    )
    assert len(edition.title) <= 100
    assert edition.title.endswith("hips…")
    assert len(edition.preheader) <= 130
    assert edition.teasers[0].title == endless


def test_a_program_that_is_over_when_a_late_digest_leaves_is_not_offered():
    over = program("Over", ends=date(2026, 12, 5))
    assert compose(EARLY, programs=[over], today=date(2026, 12, 5)).call_to_action
    assert compose(EARLY, programs=[over], today=date(2026, 12, 6)).call_to_action is None

"""What was approved is what is sent; any difference stops it, and is named."""

from datetime import timedelta
from io import BytesIO

import pytest

from flows import jobs
from flows.author.drift import say_audience
from flows.resources import open_resources
from subscribers.lists.importing import import_list
from tests.flows.homes import approve, bring_in, change, outbox

KEY = "digest-2026-11"
LATER = timedelta(hours=1)


def mailed(key: str = KEY):
    [outcome] = jobs.dispatch(jobs.plainly, key)
    return outcome


@pytest.fixture
def approved(newsletter):
    bring_in(newsletter)
    approve()
    return newsletter


def edit_a_post(home):
    feed = home / "sample" / "blog.rss"
    feed.write_text(feed.read_text().replace("A Six-Minute Warm-Up", "A Five-Minute Warm-Up"))
    jobs.collect(jobs.plainly)


def copy_a_template(home):
    folder = home / "templates" / "emails" / "partials"
    folder.mkdir(parents=True)
    (folder / "space.mjml").write_text(
        '<mj-section><mj-column><mj-spacer height="9px" /></mj-column></mj-section>'
    )


def bring_in_more(home):
    rows = "\n".join(f"more{n}@example.com" for n in range(20))
    with open_resources() as resources:
        now = resources.clock.now() + LATER
        import_list(resources.db, BytesIO(f"email\n{rows}".encode()), "more.csv", now=now)


@pytest.mark.parametrize(
    ("do", "said"),
    [
        (edit_a_post, "the post “A Five-Minute Warm-Up"),
        (copy_a_template, "templates/emails/partials/space.mjml has changed"),
        (bring_in_more, "20 more people would get it who did not join by themselves"),
        (lambda home: change(home, "Four short reads", "Five"), "letter.intro in lettermill.toml"),
        (lambda home: change(home, "See the five phases", "Join"), "the program Hip Rehab Online"),
        (lambda home: change(home, "hello@recon", "hi@recon"), "sender.address in lettermill.toml"),
    ],
    ids=["post", "template", "list", "setting", "program", "sender"],
)
def test_whatever_changes_after_the_yes_stops_it_and_is_named(approved, do, said):
    do(approved)
    stopped = mailed()
    assert stopped.state == "draft"
    assert "it is not what was approved: " in stopped.note
    assert said in stopped.note
    assert not outbox(approved)


def test_what_nobody_sees_may_change(approved):
    change(approved, "max_posts = 6", "max_posts = 5\nmin_posts = 2")
    assert mailed().state == "closed"


def test_what_is_frozen_goes_on_whatever_changes(approved):
    with open_resources() as resources:
        from flows.mailings.mailing import freeze_mailing

        freeze_mailing(resources, KEY)
    edit_a_post(approved)
    assert mailed().state == "closed"


def test_after_a_drift_the_author_says_yes_to_what_there_is_now(approved):
    edit_a_post(approved)
    mailed()
    draft = jobs.monthly_digest(jobs.plainly, "2026-11", agreed=False)
    assert draft.state == "draft"  # though approval = "none": a person has to look
    jobs.approve(jobs.plainly, KEY, draft.content_hash)
    assert mailed().state == "closed"


@pytest.mark.parametrize(
    ("then", "now", "joined", "left", "said"),
    [
        (100, 130, 30, 0, ""),
        (100, 105, 0, 0, ""),
        (100, 111, 0, 0, "11 more"),
        (1000, 1049, 0, 0, ""),
        (1000, 1051, 0, 0, "51 more"),
        (100, 100, 0, 20, "20 more"),
        (100, 80, 0, 20, ""),
        (100, 49, 0, 0, "only 49"),
        (0, 0, 0, 0, ""),
    ],
)
def test_people_come_and_go_by_themselves_and_a_list_that_is_brought_in_is_told(
    then, now, joined, left, said
):
    found = say_audience(then, now, joined=joined, left=left)
    assert found.startswith(said) if said else not found

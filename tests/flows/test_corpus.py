"""Every feed of the collections, by the real job: an edition, or one line that says why not."""

import pytest

from content.edition import EditionState
from content.errors import ContentError
from flows import jobs
from flows.resources import open_resources
from flows.views.status import load_status
from tests.corpus import feed_files, needs_feeds
from tests.flows.homes import change, digest

pytestmark = [pytest.mark.corpus, needs_feeds]


@pytest.fixture
def home(newsletter):
    change(newsletter, 'source = "sample/blog.rss"', 'source = "sample/feed"')
    change(newsletter, "include_since = 2026-11-01", "include_since = 1990-01-01")
    change(newsletter, 'approval = "none"', 'approval = "required"')
    return newsletter


def edition_of(path, home) -> str:
    """Run the job on this feed: the posts of its edition, or the line that says why not."""
    (home / "sample" / "feed").write_bytes(path.read_bytes())
    try:
        outcome = digest("2026-11")
    except ContentError as error:
        return str(error)
    with open_resources() as resources:
        found = load_status(resources, outcome.key).editions[0]
    assert bool(found.posts) != (outcome.state is EditionState.SKIPPED)
    return "\n".join(found.posts) or f"sample/feed: {outcome.note}"


@pytest.mark.parametrize("shown", ["excerpt", "whole"])
@pytest.mark.parametrize("path", feed_files("real", "malformed", "synthetic"), ids=lambda p: p.name)
def test_a_feed_gives_an_edition_or_a_reason(home, path, shown):
    change(home, "[letter]", f'[letter]\nposts = "{shown}"')
    found = edition_of(path, home)
    assert found
    if found.startswith("sample/feed: "):
        assert len(found.splitlines()) == 1


def test_a_second_reading_of_the_same_feed_finds_nothing_new(home):
    for path in feed_files("real"):
        (home / "sample" / "feed").write_bytes(path.read_bytes())
        change(home, 'source = "sample/feed"', f'source = "{path}"')
        first = jobs.collect(jobs.plainly)
        with open_resources() as resources:
            resources.db.execute("UPDATE feeds SET body_hash = ''")
            resources.db.conn.commit()
        second = jobs.collect(jobs.plainly)
        change(home, f'source = "{path}"', 'source = "sample/feed"')
        assert (second.new, second.failures) == (0, first.failures), path.name

import pytest
import time_machine

from tests.flows.blogs import NOON, Blog
from tests.flows.homes import change


@pytest.fixture
def blog(newsletter, httpserver) -> Blog:
    made = Blog(httpserver)
    change(
        newsletter,
        'source = "sample/blog.rss"\ninclude_since = 2026-11-01',
        f'source = "{made.url}"',
    )
    change(newsletter, "virtual_now = 2026-12-01T09:00:00-08:00\n", "")
    change(newsletter, "[letter]", '[schedule]\nat = "00:00"\n\n[letter]')  # noon is too early
    with time_machine.travel(NOON, tick=False) as clock:
        made.clock = clock
        yield made

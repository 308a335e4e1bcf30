"""The sample newsletter's digest with six posts, and the letters that can be made for it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from content.edition import Edition
from content.mjml.marks import without_marks
from content.period import Period
from content.templates import fill_template
from flows.collecting import collect_posts
from flows.preparing import draft_digest
from flows.resources import OUR_TEMPLATES, Resources, open_resources
from flows.settings import FILE

ROOT = OUR_TEMPLATES.parent
POSTS = 6
PERIOD = Period.parse("2026-11")
SLOTS = {"first_name": "Ada", "exit": "the-token"}


@contextmanager
def sample_newsletter(posts: str = "excerpt") -> Iterator[Resources]:
    """The sample in a folder of its own, from so early on that a month has six posts."""
    with TemporaryDirectory() as name:
        home = Path(name)
        shutil.copytree(ROOT / "sample", home / "sample")
        settings = (ROOT / FILE).read_text(encoding="utf-8")
        early = settings.replace("include_since = 2026-11-01", "include_since = 2026-09-01")
        chosen = early.replace("[letter]", f'[letter]\nposts = "{posts}"')
        (home / FILE).write_text(chosen, encoding="utf-8")
        with open_resources(home) as resources:
            collect_posts(resources)
            yield resources


def six_posts(resources: Resources) -> Edition:
    """The digest that is measured."""
    edition = draft_digest(resources, PERIOD).edition
    assert edition is not None
    assert len(edition.teasers) == POSTS
    return edition


def letters(resources: Resources) -> dict[str, str]:
    """The MJML of each of our letters, by the name of its template, as mrml gets it."""
    about = resources.about()
    about["newsletter"]["kicker"] = PERIOD.name
    values = {"edition": six_posts(resources), "slot": SLOTS, **about}
    names = sorted(path.name for path in (OUR_TEMPLATES / "emails").glob("*.mjml"))
    filled = {n: fill_template(resources.templates, f"emails/{n}", values) for n in names}
    return {name: without_marks(mjml) for name, mjml in filled.items()}

"""The sample newsletter's digest with six posts, and the letters that can be made for it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from content.edition import Edition
from content.mjml.marks import without_marks
from content.note import Action, Note
from content.period import Period
from content.templates import fill_template
from flows.editions.collecting import collect_posts
from flows.editions.preparing import draft_digest
from flows.resources import OUR_TEMPLATES, Resources, open_resources
from flows.settings.file import FILE

ROOT = OUR_TEMPLATES.parent
POSTS = 6
PERIOD = Period.parse("2026-11")
SLOTS = {name: f"the-{name}" for name in ("first_name", "exit", "preferences", "confirm")}
LOOK = "https://news.reconnect.example/archive/digest-2026-11/"
NOTES = {
    "welcome": Note(title="Welcome", preheader="You are on the list"),
    "confirm": Note(title="One click, and you are in", preheader="Was it you?"),
    "notice": Note(
        title="The digest of November waits for your yes",
        preheader="Six posts, 46 readers",
        paragraphs=("Six posts are in it; one is held.", "Nothing is sent before you say so."),
        actions=(Action("Look at it", LOOK), Action("Send it", f"{LOOK}yes")),
    ),
}


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


def letters(short: Resources, whole: Resources) -> dict[str, str]:
    """The MJML of each of our letters, by a name for it, as mrml gets it.

    `short` shows excerpts of its posts and `whole` all of them.
    """
    digest, full = six_posts(short), six_posts(whole)
    first = full.teasers[0]
    campaign = replace(full, key="campaign-all", teasers=(), body=first.body, text=first.text)
    filled = {
        "digest, excerpts": digest_mjml(short, digest),
        "digest, whole posts": digest_mjml(whole, full),
        "campaign": fill_letter(short, "campaign", edition=campaign),
    }
    return filled | {kind: note_mjml(short, kind, note) for kind, note in NOTES.items()}


def digest_mjml(resources: Resources, edition: Edition) -> str:
    return fill_letter(resources, "digest", edition=edition)


def note_mjml(resources: Resources, kind: str, note: Note) -> str:
    links = {"confirm_url": f"{LOOK}confirm/", "edition_url": LOOK, "edition_title": "Hips"}
    return fill_letter(resources, kind, note=note, **links)


def fill_letter(resources: Resources, kind: str, **values: Any) -> str:
    """A letter's MJML without the marks of where its tags stand."""
    told = {**about(resources), "slot": SLOTS, **values}
    return without_marks(fill_template(resources.templates, f"emails/{kind}.mjml", told))


def about(resources: Resources) -> dict[str, Any]:
    """What templates are told of the sample newsletter when it makes the digest of the period."""
    told = resources.about()
    told["newsletter"]["kicker"] = PERIOD.name
    return told | {"browser_url": LOOK}

"""Every page in a real browser, light and dark: it fits, can be hit, read, and used by keyboard."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from content.archive import ArchivedEdition
from tests.browser.screen import WIDTHS
from tests.conftest import ROOT
from tests.samples import LONG, TEMPLATES, about

pytestmark = pytest.mark.browser

WHEN = datetime(2026, 12, 1, tzinfo=UTC)
SENT = [
    ArchivedEdition(key=f"digest-2026-{n}", title=title, preheader=title, published=WHEN)
    for n, title in enumerate(("Knees & stairs", LONG * 2), start=10)
]
SHOWN = SimpleNamespace(
    key="digest-2026-11",
    state="draft",
    content_hash="0123456789abcdef",
    preheader="Also: a pillow",
    program="Knee school",
    program_rule="its topics fit these posts best",
    segment="",
)
VALUES = {
    "archive_index.html": {"editions": [(edition, "December 1, 2026") for edition in SENT]},
    "archive_missing.html": {},
    "preferences.html": {
        "person": SimpleNamespace(name="Ada", wants_offers=True),
        "saved": True,
    },
    "preview.html": {
        "edition": SHOWN,
        "subject": LONG * 2,
        "reader": "Ada",
        "from_name": "The clinic",
        "from_address": "hello@clinic.example",
        "findings": [
            SimpleNamespace(level=level, text=f"{level}: {LONG}", where="Knees & stairs")
            for level in ("error", "warning", "note")
        ],
        "letters": [
            SimpleNamespace(program="Knee school", light="l.html", dark="d.html", text=LONG * 3)
        ],
        "posts": [],
        "left_out": [SimpleNamespace(title=LONG, reason="it is older than the month")],
    },
    "outbox_index.html": {"mailings": [("digest-2026-11", 46), (LONG, 1)]},
    "outbox_mailing.html": {
        "key": "digest-2026-11",
        "count": 300,
        "letters": [("batch-1/1.eml", "Ada <ada@reader.example>"), ("batch-1/2.eml", LONG)],
    },
    "not_found.html": {},
    "wrong_method.html": {},
    "try_later.html": {},
    "unsubscribe.html": {},
    "bad_link.html": {},
    "unsubscribe_done.html": {},
}


def page(name: str) -> str:
    return TEMPLATES.get_template(f"pages/{name}").render({**about(), **VALUES[name]})


def test_every_page_is_looked_at():
    names = {path.name for path in (ROOT / "templates" / "pages").glob("*.html")}
    assert names - {"base.html"} == set(VALUES)


@pytest.mark.parametrize("name", VALUES)
def test_a_page_fits_any_width_and_everybody_can_use_it(screen, name):
    screen.show(page(name))
    for width in WIDTHS:
        screen.resize(width)
        assert not screen.sideways(), width
        assert not screen.small_targets(), width
    assert not screen.complaints()


def test_the_button_is_reached_by_keyboard_and_seen_to_be(screen):
    screen.show(page("unsubscribe.html"))
    screen.press("Tab")
    assert screen.run("() => document.activeElement.textContent") == "Unsubscribe me"
    assert screen.run("() => getComputedStyle(document.activeElement).outlineWidth") == "3px"

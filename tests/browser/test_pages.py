"""Every page in a real browser, light and dark: it fits, can be hit, read, and used by keyboard."""

import pytest

from tests.browser.screen import WIDTHS
from tests.conftest import ROOT
from tests.samples import LONG, TEMPLATES, about

pytestmark = pytest.mark.browser

VALUES = {
    "outbox_index.html": {"mailings": [("digest-2026-11", 46), (LONG, 1)]},
    "outbox_mailing.html": {
        "key": "digest-2026-11",
        "count": 300,
        "letters": [("batch-1/1.eml", "Ada <ada@reader.example>"), ("batch-1/2.eml", LONG)],
    },
    "unsubscribe.html": {},
    "unsubscribe_bad_link.html": {},
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

"""Every page in a real browser, light and dark: it fits, can be hit, read, and used by keyboard."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from content.archive import ArchivedEdition
from content.catalogues import Catalogues
from flows.rehearsal.months import (
    Rehearsal,
    RehearsedMonth,
    RehearsedPost,
    say_offset,
    say_when,
)
from flows.views.plots import bars, lines
from subscribers.leaving.erasure import Certificate
from tests.browser.screen import WIDTHS
from tests.conftest import ROOT
from tests.content.paper import OURS
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
SHOWN_SENT = SimpleNamespace(key="digest-2026-11", title=LONG * 2, state="mailing")
DECIDED = {
    "edition": SimpleNamespace(
        key="digest-2026-11",
        title=LONG * 2,
        state="draft",
        held=LONG,
        program="Knee school",
        content_hash="0123456789abcdef",
    ),
    "token": "digest-2026-11_0123456789abcdef_1797354000.abcdef." + "x" * 43,
    "wide": True,
    "posts": [(LONG, "b5858e42e0b1"), ("Pillows", "c7994d21abe5")],
    "programs": ["Knee school", LONG],
    "goes_out": "",
    "is_draft": True,
}
MONTH = RehearsedMonth(
    key="digest-2026-11",
    name="November 2026",
    due=WHEN,
    clocks="the clocks have changed, from UTC-07:00",
    subject=LONG * 2,
    program="Knee school",
    program_rule="its topics fit these posts best",
    posts=[RehearsedPost(LONG, "https://blog.example/a", WHEN.date(), assumed=True)],
    left_out=[RehearsedPost(LONG, "", WHEN.date(), reason="published after November 2026")],
    closed={LONG: 2},
    readers=1046,
    readers_by_program={"": 46, "Knee school": 1000},
    not_written_to={"suppressed": 7},
    notices=[f"{LONG} is offered no more: its last day was 2026-11-30"],
)
VALUES = {
    "archive_index.html": {"editions": [(edition, "December 1, 2026") for edition in SENT]},
    "archive_missing.html": {},
    "subscribe.html": {
        "ask_name": True,
        "wording": LONG,
        "wording_id": "0123456789abcdef",
        "given": SimpleNamespace(email="ada@", name="Ada"),
        "bad_address": True,
    },
    "subscribe_sent.html": {},
    "confirm.html": {},
    "confirm_done.html": {"preferences_url": "https://news.tide.example/preferences/token"},
    "confirm_old.html": {},
    "restored.html": {},
    "find_my_link.html": {"given": SimpleNamespace(email=LONG, name=""), "bad_address": True},
    "find_my_link_sent.html": {},
    "preferences.html": {
        "person": SimpleNamespace(
            name="Ada",
            language="de",
            frequency="quarterly",
            paused_until=WHEN.date(),
            wants_offers=True,
        ),
        "languages": [("de", "Deutsch"), ("en", "English"), ("es", "Español")],
        "saved": True,
        "problem": "too long",
        "shortest": "2026-12-02",
        "longest": "2027-12-02",
    },
    "preferences_gone.html": {},
    "erase.html": {},
    "erased.html": {
        "certificate": Certificate(
            id="Qz3-_x9bTt0L", at=WHEN, consents=4, changes=2, requests=1, suppressions=1, letters=9
        )
    },
    "too_many.html": {},
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
    "report.html": {
        "edition": SHOWN_SENT,
        "mailing": SimpleNamespace(state="paused", reason=LONG, provider="postmark"),
        "frozen": WHEN,
        "closed": None,
        "states": {"submitted": 123_456, "refused": 7, "unknown": 1, "skipped": 99},
        "reasons": {("skipped", "unsubscribed"): 98, ("refused", LONG): 7},
        "heard": {"complained": 2, "soft bounced": 30},
        "progress": None,
        "plots": [
            ("Over time", lines("a", "so many", ["09:00", ""], {"taken": [0, 9], "bad": [0, 2]})),
            ("By kind", bars("b", "so many", ["submitted", "refused"], {"letters": [9, 2]})),
        ],
    },
    "rehearsal.html": {
        "rehearsal": Rehearsal(
            made=WHEN,
            past=[MONTH, replace(MONTH, went="closed", letters={"submitted": 46, "skipped": 14})],
            to_come=[replace(MONTH, posts=[], subject="", nothing_because="no post waits for May")],
            people=0,
            undated=2,
        ),
        "agreed": "Each goes out by itself.",
        "zone": "America/Argentina/ComodRivadavia",
        "say_when": say_when,
        "say_offset": say_offset,
    },
    "decide.html": DECIDED | {"goes_out": "2026-12-02 09:00"},
    "decide_ask.html": DECIDED | {"kind": "program", "post": ""},
    "decide_done.html": DECIDED
    | {"kind": "drop", "outcome": SimpleNamespace(errors=()), "next": "token"},
    "decide_over.html": {"said": LONG},
    "not_found.html": {},
    "wrong_method.html": {},
    "try_later.html": {},
    "unsubscribe.html": {},
    "bad_link.html": {},
    "unsubscribe_done.html": {"can_undo": True},
}


# What is no page: the frame of all, and the form for pages of others.
PARTS = {"base.html", "form.html"}
# Words are longest in German; these are the author's, in English.
OF_THE_AUTHOR = ("outbox", "preview", "report", "rehearsal", "decide")
PAGES = [(name, "en") for name in VALUES] + [
    (name, "de") for name in VALUES if not name.startswith(OF_THE_AUTHOR)
]


def page(name: str, language: str = "en") -> str:
    words = Catalogues(OURS).functions(language)
    values = {**about(newsletter={"language": language}), **VALUES[name], **words}
    return TEMPLATES.get_template(f"pages/{name}").render(values)


def test_every_page_is_looked_at():
    names = {path.name for path in (ROOT / "templates" / "pages").glob("*.html")}
    assert names - PARTS == set(VALUES)


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_a_page_fits_any_width_and_everybody_can_use_it(screen, name, language):
    screen.show(page(name, language))
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

"""Drafts on disk: a draft owns its posts until another draft of its key replaces it."""

from datetime import timedelta

import pytest

from content import ledger, store
from content.choice import Choice
from content.edition import Edition, EditionState
from content.errors import ContentError
from content.letter import Letter, Letters
from content.letter_store import load_letters, load_offers
from content.program import CallToAction, OfferRule
from content.store import EditionRecord
from tests.conftest import NOON
from tests.content.builders import hash_of, held, program
from tests.content.shelf import LATER, NOVEMBER, draft, letter_of, record, states


def test_a_draft_is_kept_with_its_letter_and_its_posts(db):
    record(db, held("a"), held("b"))
    call = CallToAction(program("Knee school"), "because it fits", 2)
    made = Edition(key=NOVEMBER, title="T", preheader="", teasers=(), call_to_action=call)
    letter = Letter("S", ("<p>“é”", "exit", "\n</p>"), ("", "exit", "\n"))
    plain = Letter("S", ("", "exit", ""), ("", "exit", ""))
    letters = Letters({"Knee school": letter, "": plain}, "<p>")
    store.save_draft(
        db, made, letters, Choice((held("a"),), ()), content_hash=hash_of(letter), now=NOON
    )
    kept = EditionRecord(
        key=NOVEMBER,
        title="T",
        state=EditionState.DRAFT,
        reason="",
        program="Knee school",
        program_rule="because it fits",
        content_hash=hash_of(letter),
        drafted=NOON,
        approved=None,
        closed=None,
    )
    assert store.find_edition(db, NOVEMBER) == kept
    assert store.list_editions(db) == [kept]
    assert load_letters(db, NOVEMBER) == {"Knee school": letter, "": plain}
    assert load_offers(db, NOVEMBER) == [OfferRule("Knee school", score=2, weight=1)]
    assert states(db) == {"a": ("assigned", NOVEMBER), "b": ("ready", "")}


def test_a_later_draft_replaces_an_earlier_one_and_frees_its_posts(db):
    record(db, held("a"), held("b"))
    draft(db, held("a"))
    letter = draft(db, held("b"), words="second", now=LATER)
    found = store.find_edition(db, NOVEMBER)
    assert (found.title, found.drafted, found.content_hash) == (
        "second",
        LATER,
        hash_of(letter),
    )
    assert letter_of(db) == letter
    assert states(db) == {"a": ("ready", ""), "b": ("assigned", NOVEMBER)}


def test_a_post_that_another_edition_took_meanwhile_is_not_promised_twice(db):
    """Two months may be drafted at once, each having chosen before the other wrote."""
    record(db, held("a"))
    draft(db, held("a"), key="digest-2026-10")
    with pytest.raises(ContentError):
        draft(db, held("a"), key=NOVEMBER)
    assert store.find_edition(db, NOVEMBER) is None


def test_titles_are_told_newest_first(db):
    days = [timedelta(days=n) for n in (3, 1, 2)]
    dated = [held(f"p{d.days}", NOON - d) for d in days]
    undated = held("undated", None, first_seen=NOON - timedelta(days=1, hours=12))
    record(db, *dated, undated)
    draft(db, *dated, undated)
    assert [h.post.title for h in ledger.posts_in(db, NOVEMBER)] == ["P1", "Undated", "P2", "P3"]

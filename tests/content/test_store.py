"""The life of an edition on disk: draft, approved, mailing, closed; or skipped."""

from datetime import timedelta

import pytest

from content import approval_store, ledger, store
from content.choice import Choice
from content.edition import EditionState
from content.errors import EditionFixed, NoSuchEdition
from content.letter import Letter, Letters
from content.program import CallToAction
from tests.conftest import NOON
from tests.content.builders import edition, hash_of, held, program
from tests.content.shelf import LATER, NOVEMBER, draft, letter_of, record, states


def state(db, key: str = NOVEMBER) -> str:
    return store.find_edition(db, key).state.value


def nothing(because: str) -> Choice:
    return Choice((), (), because)


def test_an_edition_that_nobody_prepared_is_not_there(db):
    assert store.find_edition(db, NOVEMBER) is None
    assert store.list_editions(db) == []
    assert [h.post.title for h in ledger.posts_in(db, NOVEMBER)] == []
    with pytest.raises(NoSuchEdition, match="no edition digest-2026-11 has been prepared"):
        letter_of(db)


def test_a_draft_is_approved_by_its_hash(db):
    letter = draft(db)
    assert approval_store.approve(db, NOVEMBER, hash_of(letter), now=LATER)
    found = store.find_edition(db, NOVEMBER)
    assert (found.state, found.approved) == (EditionState.APPROVED, LATER)


def test_another_hash_approves_nothing(db):
    first = draft(db)
    draft(db, words="changed since")
    assert not approval_store.approve(db, NOVEMBER, hash_of(first), now=NOON)
    assert not approval_store.approve(db, NOVEMBER, "", now=NOON)
    assert not approval_store.approve(db, "digest-2026-10", hash_of(first), now=NOON)
    assert state(db) == "draft"


def test_a_second_approval_is_not_one_and_leaves_the_time_of_the_first(db):
    letter = draft(db)
    assert approval_store.approve(db, NOVEMBER, hash_of(letter), now=NOON)
    assert not approval_store.approve(db, NOVEMBER, hash_of(letter), now=LATER)
    assert store.find_edition(db, NOVEMBER).approved == NOON


def approved(db, *posts) -> Letter:
    letter = draft(db, *posts)
    approval_store.approve(db, NOVEMBER, hash_of(letter), now=NOON)
    return letter


def test_an_edition_is_mailed_and_closed_in_this_order(db):
    draft(db)
    store.begin_mailing(db, NOVEMBER)
    store.close_edition(db, NOVEMBER, now=NOON)
    assert state(db) == "draft"
    approved(db)
    store.close_edition(db, NOVEMBER, now=NOON)
    assert state(db) == "approved"
    store.begin_mailing(db, NOVEMBER)
    assert state(db) == "mailing"
    store.close_edition(db, NOVEMBER, now=NOON)
    store.close_edition(db, NOVEMBER, now=LATER)
    store.begin_mailing(db, NOVEMBER)
    found = store.find_edition(db, NOVEMBER)
    assert (found.state, found.closed) == (EditionState.CLOSED, NOON)


def go_on_to(db, last: str) -> Letter:
    """An edition of post `a` that has come as far as this state."""
    record(db, held("a"), held("b"))
    letter = approved(db, held("a"))
    if last in ("mailing", "closed"):
        store.begin_mailing(db, NOVEMBER)
    if last == "closed":
        store.close_edition(db, NOVEMBER, now=NOON)
    return letter


@pytest.mark.parametrize("last", ["approved", "mailing", "closed"])
def test_what_was_approved_stays_as_it_is(db, last):
    letter = go_on_to(db, last)
    before = store.find_edition(db, NOVEMBER)
    with pytest.raises(EditionFixed, match=NOVEMBER):
        draft(db, held("b"), words="late thoughts", now=LATER)
    with pytest.raises(EditionFixed, match=NOVEMBER):
        store.save_skipped(db, NOVEMBER, nothing("too few"), now=LATER)
    assert store.find_edition(db, NOVEMBER) == before
    assert letter_of(db) == letter
    assert states(db) == {"a": ("assigned", NOVEMBER), "b": ("ready", "")}


def test_a_skipped_month_says_why(db):
    store.save_skipped(db, NOVEMBER, nothing("no post"), now=NOON)
    found = store.find_edition(db, NOVEMBER)
    assert (found.state, found.reason, found.content_hash) == (
        EditionState.SKIPPED,
        "no post",
        "",
    )
    assert not approval_store.approve(db, NOVEMBER, "", now=NOON)


def test_a_skipped_month_may_still_get_its_edition(db):
    record(db, held("a"))
    store.save_skipped(db, NOVEMBER, nothing("no post"), now=NOON)
    draft(db, held("a"), now=LATER)
    found = store.find_edition(db, NOVEMBER)
    assert (found.state, found.reason, found.drafted) == (EditionState.DRAFT, "", LATER)
    assert states(db) == {"a": ("assigned", NOVEMBER)}


def test_a_draft_that_lost_its_posts_is_skipped_and_they_are_free_again(db):
    record(db, held("a"))
    draft(db, held("a"))
    store.save_skipped(db, NOVEMBER, nothing("the author dated it later"), now=LATER)
    assert state(db) == "skipped"
    assert states(db) == {"a": ("ready", "")}


def test_a_skipped_month_has_no_letter_even_if_it_once_had_one(db):
    draft(db)
    store.save_skipped(db, NOVEMBER, nothing("the author dated it later"), now=LATER)
    with pytest.raises(NoSuchEdition):
        letter_of(db)


def test_editions_are_told_newest_first(db):
    for key in ("digest-2026-10", "digest-2027-01", "digest-2026-11"):
        draft(db, key=key)
    assert [found.key for found in store.list_editions(db)] == [
        "digest-2027-01",
        "digest-2026-11",
        "digest-2026-10",
    ]


def offer(db, key: str, name: str) -> None:
    """An edition that invites to this program."""
    made = edition(key=key)
    letter = Letter("S", ("", "exit", ""), ("", "exit", ""))
    call = CallToAction(program(name), "because") if name else None
    invited = type(made)(
        key=key, title="T", preheader="", teasers=made.teasers, call_to_action=call
    )
    store.save_draft(
        db,
        invited,
        Letters({"": letter}, ""),
        Choice((), ()),
        content_hash=hash_of(letter),
        now=NOON + timedelta(days=1),
    )
    approved = NOON + timedelta(days=int(key[-2:]))
    assert approval_store.approve(db, key, hash_of(letter), now=approved)


def test_the_last_program_is_that_of_the_edition_before(db):
    assert store.last_program(db, before=NOVEMBER) == ""
    offer(db, "digest-2026-09", "Knees")
    offer(db, "digest-2026-11", "Backs")
    assert store.last_program(db, before=NOVEMBER) == "Knees"
    assert store.last_program(db, before="digest-2026-12") == "Backs"
    assert store.last_program(db, before="campaign-spring") == "Backs"


def test_a_draft_that_nobody_approved_was_offered_to_nobody(db):
    offer(db, "digest-2026-09", "Knees")
    draft(db, key="digest-2026-10")
    assert store.last_program(db, before=NOVEMBER) == "Knees"


def test_neither_a_skipped_month_nor_a_letter_without_a_program_makes_it_forgotten(db):
    offer(db, "digest-2026-09", "Knees")
    store.save_skipped(db, "digest-2026-10", nothing("no post"), now=NOON)
    assert store.last_program(db, before=NOVEMBER) == "Knees"
    offer(db, "digest-2026-10", "")
    assert store.last_program(db, before=NOVEMBER) == "Knees"

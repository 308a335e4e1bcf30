"""Tags: what an author knows people by comes with their list."""

import pytest

from subscribers import store
from subscribers.tags import read_tags
from tests.subscribers.lists import bring


def tags(db) -> list[set[str]]:
    return [set(person.tags) for person in store.all_subscribers(db)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", set()),
        (" , ;", set()),
        ("runner", {"runner"}),
        ("Runner, bought:hip-rehab ;  two   words", {"runner", "bought:hip-rehab", "two words"}),
        ("runner,RUNNER", {"runner"}),
    ],
)
def test_tags_are_read_in_any_case_between_commas_or_semicolons(text, read):
    assert read_tags(text) == read


@pytest.mark.parametrize("text", ["x" * 51, ",".join(map(str, range(51)))])
def test_tags_without_end_are_refused(text):
    with pytest.raises(ValueError, match="more than 50 tags"):
        read_tags(text)


def test_tags_come_with_an_import_and_the_next_one_replaces_them(db):
    bring(db, "email,tags", 'ada@example.com,"runner, bought:hips"', "bo@example.com,")
    assert tags(db) == [{"runner", "bought:hips"}, set()]
    counts = bring(db, "email,tags", "ada@example.com,swimmer", "bo@example.com,").counts
    assert (counts["updated"], counts["unchanged"]) == (1, 1)
    assert tags(db) == [{"swimmer"}, set()]


def test_a_list_without_tags_leaves_them_as_they_are(db):
    bring(db, "email,tags", "ada@example.com,runner")
    assert bring(db, "email,name", "ada@example.com,").counts["unchanged"] == 1
    bring(db, "email,name", "ada@example.com,Ada")
    assert tags(db) == [{"runner"}]


def test_a_row_with_too_many_tags_is_refused_with_its_line(db):
    (refusal,) = bring(db, "email,tags", f"ada@example.com,{'x' * 51}").refused
    assert (refusal.line, refusal.reason) == (
        2,
        "more than 50 tags, or one of more than 50 characters",
    )
    assert tags(db) == []

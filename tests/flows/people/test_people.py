"""One person by the commands: shown, changed, explained, forgotten."""

import json

import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.resources import open_resources
from subscribers.leaving.store import withdraw
from subscribers.store import find_by_key
from tests.flows.homes import bring_in, change, digest

YUKI, GONE = "yuki.t@mail.example.com", "pbarrow@example.net"


def run(*words: str, typed: str | None = None):
    return CliRunner().invoke(app, list(words), input=typed)


def said(*words: str) -> str:
    result = run(*words)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def home(newsletter):
    bring_in(newsletter)
    return newsletter


def test_why_tells_where_somebody_stands_what_led_there_and_each_edition(home):
    digest()
    told = said("why", "person", "YUKI.T@mail.example.com")
    assert told.startswith("may send\n")
    assert "imported: import readers.csv line 4" in told
    assert "digest-2026-11  the provider took it" in told


@pytest.mark.parametrize(
    ("address", "why"),
    [
        (GONE, "none: suppressed"),
        ("nobody@example.com", "none: not on the list now"),
    ],
)
def test_why_tells_the_reason_of_every_absence(home, address, why):
    digest()
    assert f"digest-2026-11  {why}" in said("why", "person", address, "digest-2026-11")


def test_nobody_is_told_to_wait_for_what_was_given_up(home):
    change(home, 'approval = "none"', 'approval = "required"')
    digest()
    assert "none yet: the edition is draft" in said("why", "person", YUKI)
    said("cancel", "digest-2026-11", "--yes")
    assert "none: the edition is cancelled" in said("why", "person", YUKI)


def test_why_tells_who_joined_too_late(home):
    digest()
    said("subscribers", "add", "late@example.com", "--agreed", "on paper")
    assert "none: they joined after its readers were fixed" in said(
        "why", "person", "late@example.com"
    )


def test_why_of_an_edition_that_is_not_there_is_told(home):
    result = run("why", "person", YUKI, "digest-2020-01")
    assert result.exit_code == 1
    assert "no edition digest-2020-01" in result.stderr


def test_what_is_no_address_is_told_without_repeating_it(home):
    result = run("why", "person", "not-an-address")
    assert (result.exit_code, "not-an-address" in result.stderr) == (1, False)


def test_an_address_may_come_from_standard_input(home):
    result = run("subscribers", "show", "-", "--json", typed=f"{YUKI}\n")
    assert json.loads(result.output)["address"] == YUKI


def test_who_is_added_by_hand_gets_a_letter_to_confirm(home):
    assert "asks them to confirm" in said("subscribers", "add", "new@example.com", "--name", "New")
    assert said("why", "person", "new@example.com").startswith("unconfirmed")
    with open_resources() as resources:
        owed = list(resources.db["notes"].rows)
    assert [(note["kind"], note["state"]) for note in owed] == [("confirm", "pending")]


def test_who_agreed_elsewhere_is_added_with_the_evidence(home):
    said("subscribers", "add", "new@example.com", "--agreed", "on paper, 2026-11-01")
    told = said("why", "person", "new@example.com")
    assert told.startswith("may send")
    assert "on paper, 2026-11-01" in told


def test_who_is_there_or_left_or_was_erased_is_not_added(home):
    for address in (YUKI, GONE):
        assert "on the list already" in run("subscribers", "add", address).stderr
    said("subscribers", "erase", YUKI, "--yes")
    assert "only they themselves" in run("subscribers", "add", YUKI, "--agreed", "x").stderr


def test_tags_are_put_on_and_taken_off_and_the_change_is_known(home):
    assert said("subscribers", "tag", YUKI, "+Runner", "+back pain") == "back pain, runner\n"
    assert said("subscribers", "tag", YUKI, "-runner") == "back pain\n"
    assert said("subscribers", "count", "back pain & !runner") == "1\n"
    with open_resources() as resources:
        changes = [row["became"] for row in resources.db["changes"].rows]
    assert changes == ['["back pain","runner"]', '["back pain"]']


def test_a_tag_that_nobody_has_is_told_when_counted(home):
    result = run("subscribers", "count", "runer | bought:hip-rehab")
    assert (result.stdout, "nobody who may be written to is tagged runer" in result.stderr) == (
        "4\n",
        True,
    )


def test_who_asks_the_author_is_taken_off(home):
    said("subscribers", "unsubscribe", YUKI)
    told = said("why", "person", YUKI)
    assert told.startswith("suppressed")
    assert "withdrawn: lettermill subscribers" in told


def test_a_blocked_address_is_barred_whether_it_is_on_the_list_or_not(home):
    for address in (YUKI, "stranger@example.com"):
        said("subscribers", "block", address, "--because", "asked by phone")
        assert "blocked: asked by phone" in said("why", "person", address)
    assert "barred: blocked" in run("subscribers", "add", "stranger@example.com").stderr


def test_erasing_asks_first_and_frees_the_ledger(home):
    digest()
    assert run("subscribers", "erase", YUKI).exit_code == 2
    done = json.loads(said("subscribers", "erase", YUKI, "--yes", "--json"))
    assert done["letters"] == 1
    assert said("why", "person", YUKI).startswith("erased")
    with open_resources() as resources:
        rows = [row["address"] for row in resources.db["deliveries"].rows]
    assert YUKI not in rows
    assert "none: erased now" in said("why", "person", YUKI)


def test_all_that_is_known_is_one_file_for_its_owner_alone(home, tmp_path):
    digest()
    file = tmp_path / "yuki.json"
    said("subscribers", "data", YUKI, str(file))
    known = json.loads(file.read_text())
    assert known["person"]["address"] == YUKI
    assert [letter["key"] for letter in known["letters"]] == ["digest-2026-11"]
    assert file.stat().st_mode & 0o077 == 0


def test_a_list_can_be_narrowed_to_a_segment(home):
    rows = json.loads(said("subscribers", "list", "--segment", "bought:hip-rehab", "--json"))
    assert len(rows) == 4
    assert all("bought:hip-rehab" in row["tags"] for row in rows)
    assert run("subscribers", "list", "--segment", "a &").exit_code == 1


def test_somebody_who_is_on_a_break_gets_none_until_it_ends(home):
    with open_resources() as resources:
        yuki = find_by_key(resources.db, YUKI)
        with resources.db.atomic():
            resources.db.execute(
                "UPDATE subscribers SET paused_until = '2026-12-02' WHERE id = ?", [yuki.id]
            )
    digest()
    assert "none: paused" in said("why", "person", YUKI)


def test_a_quarterly_reader_gets_one_digest_of_three(home):
    with open_resources() as resources:
        yuki = find_by_key(resources.db, YUKI)
        with resources.db.atomic():
            resources.db.execute(
                "UPDATE subscribers SET frequency = 'quarterly' WHERE id = ?", [yuki.id]
            )
            resources.db.execute(
                """INSERT INTO mailings
                   (key, state, reason, provider, content_hash, audience_hash, frozen)
                   VALUES ('digest-2026-09', 'closed', '', 'outbox', 'h', 'a', '2026-10-01')"""
            )
            resources.db.execute(
                """INSERT INTO deliveries (mailing_key, subscriber_id, address, name)
                   VALUES ('digest-2026-09', ?, 'a', '')""",
                [yuki.id],
            )
    digest()
    assert "none: wants a digest every three months" in said("why", "person", YUKI)


def test_the_form_for_other_pages_has_our_fields_and_its_words_are_kept(home):
    form = said("subscribers", "form")
    with open_resources() as resources:
        (kept,) = [row for row in resources.db["wordings"].rows if row["hash"] in form]
    assert kept["text"] in form
    assert 'name="website"' in form
    assert "<script" not in form


def test_somebody_who_left_by_their_link_is_explained(home):
    with open_resources() as resources:
        yuki = find_by_key(resources.db, YUKI)
        withdraw(resources.db, yuki.id, source="one-click", now=resources.clock.now())
    assert "withdrawn: one-click" in said("why", "person", YUKI)

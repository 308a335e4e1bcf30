"""`check` finds what would stop a send before it does; `init --templates` copies what to edit."""

import json
from datetime import date
from pathlib import Path

import pytest

from flows.check import check_programs
from flows.resources import OUR_TEMPLATES
from tests.content.builders import program
from tests.content.paper import own_templates
from tests.flows.homes import bring_in, change, digest
from tests.flows.terminal import COULD_NOT, Ran

TODAY = date(2026, 12, 1)


def found() -> list[tuple[str, str]]:
    rows = json.loads(Ran("check", "--json").out)
    return [(row["level"], row["rule"]) for row in rows]


def test_the_sample_can_be_sent_and_is_known_to_be_on_trial(newsletter):
    assert found() == [("note", "secrets")]
    assert Ran("check").code == 0
    assert "Nothing was found that would stop a send." in Ran("check").out


def test_a_mistake_in_a_template_is_found_before_the_first_of_the_month(newsletter):
    own_templates(newsletter / "templates", partials_footer_mjml="<mj-sectoin />")
    ran = Ran("check")
    assert ran.code == COULD_NOT
    assert (
        "emails/partials/footer.mjml, line 1, column 1: "
        "MJML has no tag <mj-sectoin>; did you mean <mj-section>?"
    ) in ran.out


def test_a_mistake_in_a_part_of_every_letter_is_told_once(newsletter):
    own_templates(newsletter / "templates", partials_frame_txt="{{ nobody }}")
    assert [level for level, _ in found()] == ["error", "note"]


@pytest.mark.parametrize("kind", ["confirm", "welcome", "links", "notice", "campaign"])
def test_every_kind_of_letter_is_tried(newsletter, kind):
    own_templates(newsletter / "templates", **{f"{kind}_mjml": "{{ newsleter.name }}"})
    ran = Ran("check")
    assert f"emails/{kind}.mjml, line 1, column 4: newsleter is not defined" in ran.out


@pytest.mark.parametrize("part", ["post.mjml", "post.txt", "call_to_action.mjml"])
def test_every_part_of_a_letter_is_tried_and_its_mistake_is_told_once(newsletter, part):
    file = newsletter / "templates" / "emails" / "partials" / part
    file.parent.mkdir(parents=True)
    file.write_text("{{ newsleter.name }}")
    assert Ran("check").out.count(f"emails/partials/{part}, line 1, column 4") == 1


def test_a_missing_key_is_found(newsletter):
    change(newsletter, "virtual_now", "# virtual_now")
    change(newsletter, 'name = "outbox"', 'name = "postmark"')
    change(newsletter, "http://127.0.0.1:8000", "https://news.example")
    assert ("error", "secrets") in found()


def test_a_draft_that_would_be_stopped_is_named(newsletter):
    bring_in(newsletter)
    change(newsletter, "[sender]", '[theme]\nquiet = "#b9c4c0"\n\n[sender]')
    digest()
    assert "digest-2026-11: hard to read" in Ran("check").out


def test_a_draft_made_before_a_setting_changed_is_not_blamed_on_the_template(newsletter):
    bring_in(newsletter)
    change(newsletter, 'approval = "none"', 'approval = "required"')
    digest()
    change(newsletter, "http://127.0.0.1:8000", "http://127.0.0.1:8001")
    said = "digest-2026-11: public_url in lettermill.toml has changed since this draft was made"
    assert f"{said}; `lettermill digest 2026-11` makes it anew" in Ran("check").out
    assert "unsubscribe link" not in Ran("check").out
    digest()
    assert "since this draft was made" not in Ran("check").out


def test_programs_that_are_over_or_will_be_soon_are_told():
    over, soon = program("Over", ends=date(2026, 11, 30)), program("Soon", ends=TODAY)
    later = program("Later", ends=date(2027, 6, 1))
    told = [(f.level.value, f.where) for f in check_programs([over, soon, later], TODAY)]
    assert told == [("warning", "Over"), ("note", "Soon")]


def test_when_no_offer_stands_it_is_told():
    over = program("Over", ends=date(2026, 11, 30))
    assert [f.text for f in check_programs([over], TODAY)][-1].startswith("no offer of any program")
    assert list(check_programs([], TODAY)) == []


def test_templates_are_copied_to_be_edited_and_one_that_is_there_stays(newsletter: Path):
    own = own_templates(newsletter / "templates", digest_txt="Mine\n")
    Ran("init", str(newsletter), "--templates")
    ours = {path.relative_to(OUR_TEMPLATES) for path in OUR_TEMPLATES.glob("*/**/*.*")}
    assert {path.relative_to(own) for path in own.glob("*/**/*.*")} == ours
    assert (own / "emails" / "digest.txt").read_text() == "Mine\n"


def test_a_copied_template_changes_the_letter_file_by_file(newsletter: Path):
    Ran("init", str(newsletter), "--templates")
    footer = newsletter / "templates" / "emails" / "partials" / "footer.mjml"
    footer.write_text(footer.read_text().replace("You get this because", "Here you are, because"))
    bring_in(newsletter)
    digest()
    files = json.loads(Ran("preview", "digest-2026-11", "--json").out)
    assert "Here you are, because" in Path(files["html"]).read_text()


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{{ edtion.key }}", "line 2, column 4: edtion is not defined; did you mean edition?"),
        ("{{ 1 / 0 }}", "line 2: division by zero"),
        ("{% iff %}", "line 2: Encountered unknown tag 'iff'."),
    ],
)
def test_a_mistake_in_a_page_of_ones_own_is_told_with_its_place(newsletter, written, told):
    page = newsletter / "templates" / "pages" / "preview.html"
    page.parent.mkdir(parents=True)
    page.write_text(f"<!doctype html>\n{written}\n")
    ran = Ran("preview", "confirm")
    assert ran.code == COULD_NOT
    assert ran.err.strip() == f"lettermill: pages/preview.html, {told}"


def test_a_key_that_erased_people_are_known_by_is_missed(newsletter, monkeypatch):
    bring_in(newsletter)
    monkeypatch.setenv("LETTERMILL_SECRET_KEYS", "the key of the first years")
    assert Ran("subscribers", "erase", "yuki.t@mail.example.com", "--yes").code == 0
    monkeypatch.setenv("LETTERMILL_SECRET_KEYS", "the key of the first years,a newer key of ours")
    assert ("error", "secrets") not in found()
    monkeypatch.setenv("LETTERMILL_SECRET_KEYS", "only a newer key of ours")
    assert ("error", "secrets") in found()

"""An ad-hoc campaign: sent once, to those it is for, and only after a person's yes."""

from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path

import pytest

from content import archive_store, store
from content.errors import CampaignWrong
from flows import jobs
from flows.outcome import Outcome
from flows.resources import open_resources
from subscribers.lists.importing import import_list
from tests.flows.homes import bring_in, change, digest, outbox

TOP = "subject: The new room opens\npreheader: Come and look"
BODY = "On Saturday we open [the new room](/rooms). The kettle is on from ten."


@pytest.fixture
def home(newsletter: Path) -> Path:
    bring_in(newsletter)
    return newsletter


def write(home: Path, top: str = TOP, body: str = BODY, name: str = "room.md") -> str:
    path = home / name
    path.write_text(f"---\n{top}\n---\n\n{body}\n", encoding="utf-8")
    return str(path)


def campaign(path: str, *, agreed: bool = False) -> Outcome:
    return jobs.campaign(jobs.plainly, path, agreed=agreed)


def letters(home: Path) -> list:
    paths = sorted(home.glob("outbox/campaign-*/batch-*/*.eml"))
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]


def test_a_campaign_waits_for_a_yes_even_where_digests_send_themselves(home):
    drafted = campaign(write(home))
    assert (drafted.key, drafted.state, drafted.warnings) == ("campaign-room", "draft", ())
    assert not outbox(home)


def test_with_a_yes_it_goes_to_everybody_once(home):
    path = write(home)
    assert campaign(path, agreed=True).letters == {"submitted": 46, "skipped": 14}
    again = campaign(path, agreed=True)
    assert again.note.startswith("was sent on 2026-12-01, and is not sent again")
    assert set(outbox(home).values()) == {1}


def test_its_letter_says_what_the_file_says_in_both_parts(home):
    campaign(write(home, f"{TOP}\nfrom: Dr. Ada Lovelace"), agreed=True)
    letter = letters(home)[0]
    html = letter.get_body(("html",)).get_content()
    text = letter.get_body(("plain",)).get_content()
    assert letter["Subject"] == "The new room opens"
    assert letter["From"] == '"Dr. Ada Lovelace" <hello@reconnectperformance.example>'
    rooms = "https://www.reconnectperformance.example/rooms"
    assert f'<a href="{rooms}">the new room</a>' in html
    assert f"the new room\r\n<{rooms}>" in text
    assert "Come and look" in html
    assert letter["List-Unsubscribe"].strip("<>") in html


def test_it_offers_the_program_it_names_and_no_other(home):
    campaign(write(home, f"{TOP}\nprogram: Strong Back Basics"), agreed=True)
    html = letters(home)[0].get_body(("html",)).get_content()
    assert "Strong Back Basics" in html
    assert "Hip Rehab Online" not in html


def test_a_program_that_is_not_offered_today_is_refused_before_anything_is_written(home):
    change(home, 'topics = ["back", "spine", "lifting"]', "until = 2026-11-30")
    with pytest.raises(CampaignWrong, match="Strong Back Basics is not offered today"):
        campaign(write(home, f"{TOP}\nprogram: Strong Back Basics"))


def test_a_segment_gets_it_and_everybody_else_has_the_reason(home):
    with open_resources() as resources:
        rows = ["email,name,tags", "ada@example.com,Ada,Climber", "bo@example.com,Bo,swimmer"]
        import_list(
            resources.db, BytesIO("\n".join(rows).encode()), "more.csv", now=resources.clock.now()
        )
    done = campaign(write(home, f"{TOP}\nsegment: climber"), agreed=True)
    assert done.letters == {"submitted": 1, "skipped": 61}
    (letter,) = letters(home)
    assert letter["To"] == "Ada <ada@example.com>"
    with open_resources() as resources:
        rows = resources.db.query("SELECT DISTINCT reason FROM deliveries WHERE reason <> ''")
        assert {row["reason"] for row in rows} == {
            "not in the segment climber",
            "suppressed",
            "unconfirmed",
        }


def test_how_many_a_segment_has_is_told_before_the_yes_and_so_is_a_tag_of_nobody(home):
    ours = f"{TOP}\nsegment: bought:hip-rehab & !runer"
    waits = campaign(write(home, ours))
    assert (waits.state, waits.readers) == ("draft", 4)
    (warning,) = waits.warnings
    assert "nobody who may be written to has this tag" in warning
    assert campaign(write(home, ours), agreed=True).letters == {"submitted": 4, "skipped": 56}


def test_a_segment_that_is_no_expression_is_told_with_its_place(home):
    with pytest.raises(CampaignWrong, match="at its end: expected a tag"):
        campaign(write(home, f"{TOP}\nsegment: runner &"))


def test_a_segment_that_nobody_is_in_is_held_and_can_be_mended(home):
    for agreed in (False, True):
        held = campaign(write(home, f"{TOP}\nsegment: runer"), agreed=agreed)
        assert held.state == "draft"
        assert held.errors[0].startswith("nobody in this segment may be written to")
    assert campaign(write(home)).state == "draft"
    assert campaign(write(home), agreed=True).letters == {"submitted": 46, "skipped": 14}


def test_what_goes_to_a_segment_is_not_for_everybody_to_read(home):
    with open_resources() as resources:
        rows = ["email,name,tags", "ada@example.com,Ada,climber"]
        import_list(
            resources.db, BytesIO("\n".join(rows).encode()), "more.csv", now=resources.clock.now()
        )
    campaign(write(home, f"{TOP}\nsegment: climber"), agreed=True)
    assert "/archive/" not in letters(home)[0].as_string()
    with open_resources() as resources:
        assert archive_store.find_page(resources.db, "campaign-room") is None
        assert archive_store.list_published(resources.db) == []


def test_a_file_that_changed_after_it_was_looked_at_waits_for_another_yes(home):
    campaign(write(home))
    held = campaign(write(home, body="Buy cheap watches"), agreed=True)
    assert (held.state, held.note) == ("draft", "it has changed since it was prepared")
    assert not outbox(home)
    assert campaign(write(home, body="Buy cheap watches"), agreed=True).state == "closed"


def test_what_letters_cannot_show_is_told_and_needs_a_yes(home):
    path = write(home, body=f"{BODY}\n\n<script>steal()</script>")
    held = campaign(path)
    assert held.warnings == ["room.md, line 8: <script> is left out: letters cannot show it"]
    campaign(path, agreed=True)
    assert "steal" not in letters(home)[0].as_string()


def test_a_letter_that_gmail_would_cut_off_is_blocked_whatever_a_person_says(home):
    held = campaign(write(home, body="Long words.\n\n" * 6_000), agreed=True)
    assert held.state == "draft"
    assert "Gmail" in held.errors[0]
    assert not outbox(home)


@pytest.mark.parametrize(
    ("top", "said"),
    [
        ("preheader: Come", "room.md, line 1: `subject`: it is missing"),
        ("subject: A\x0bBcc: all@x.example", "room.md, line 2: `subject`: there is a control"),
        ("subject: A\nprogram: Hip Rehab Onlin", "line 3: `program`: there is no program"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_nothing_is_written(home, top, said):
    with pytest.raises(CampaignWrong) as caught:
        campaign(write(home, top), agreed=True)
    assert said in str(caught.value)
    with open_resources() as resources:
        assert resources.db["editions"].count == 0


def test_a_file_that_is_not_there_or_not_text_is_told(home):
    with pytest.raises(CampaignWrong, match="cannot be read"):
        campaign(str(home / "nothing.md"))
    (home / "binary.md").write_bytes(b"---\nsubject: \xff\n---\nWords")
    with pytest.raises(CampaignWrong, match=r"binary.md: it is not UTF-8, at byte 13"):
        campaign(str(home / "binary.md"))


def test_two_campaigns_and_a_digest_are_three_letters_to_each_reader(home):
    campaign(write(home), agreed=True)
    campaign(write(home, name="other.md"), agreed=True)
    digest()
    assert set(outbox(home).values()) == {3}


def test_one_without_a_program_does_not_make_the_last_program_a_new_one(home):
    digest()
    campaign(write(home), agreed=True)
    with open_resources() as resources:
        assert store.last_program(resources.db, before="digest-2026-12") == "Hip Rehab Online"

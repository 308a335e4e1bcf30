"""The outbox: real files that a mail program opens, a batch as a whole or not at all."""

from email import message_from_bytes
from email.policy import default

import pytest

from delivery.errors import OutcomeUnknown, ProviderRefused
from delivery.providers.outbox import Outbox
from tests.delivery.providers.contract import KEY, MESSAGES, ProviderContract, batch
from tests.fakes import LETTER, NOON


def render(name, values):
    return f"{name} {values}"


@pytest.fixture
def provider(tmp_path):
    return Outbox(tmp_path / "outbox", render)


@pytest.fixture
def taken(tmp_path):
    def read():
        files = sorted((tmp_path / "outbox").glob("*/batch-*/*.eml"))
        return [as_letter(path.read_bytes()) for path in files]

    return read


def as_letter(content: bytes):
    parsed = message_from_bytes(content, policy=default)
    assert not [part.defects for part in parsed.walk() if part.defects]
    return {
        "to": parsed["To"].addresses[0],
        "subject": str(parsed["Subject"]),
        "headers": parsed,
        "html": parsed.get_body(("html",)).get_content(),
        "text": parsed.get_body(("plain",)).get_content().replace("\r\n", "\n"),
    }


def hand_over(provider, letter=LETTER):
    provider.submit(provider.encode("b1", letter, MESSAGES, now=NOON))


class TestOutbox(ProviderContract):
    """The contract, on files."""


def test_no_line_is_longer_than_mail_allows(provider, tmp_path):
    long = LETTER.html[0] + "é" * 40_000
    letter = type(LETTER)(**{f: getattr(LETTER, f) for f in LETTER.__slots__} | {"html": (long,)})
    hand_over(provider, letter)
    content = next((tmp_path / "outbox").glob("*/batch-*/*.eml")).read_bytes()
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    assert as_letter(content)["html"] == long


def test_a_subject_in_any_script_arrives_as_it_was(provider, taken):
    subject = "Rücken: 腰痛 und " + "sehr lange Worte " * 8
    letter = type(LETTER)(
        **{f: getattr(LETTER, f) for f in LETTER.__slots__} | {"subject": subject.strip()}
    )
    hand_over(provider, letter)
    assert {x["subject"] for x in taken()} == {subject.strip()}


def test_the_same_batch_written_again_is_still_one_letter_each(provider, taken, tmp_path):
    (tmp_path / "outbox" / KEY / ".b1").mkdir(parents=True)
    (tmp_path / "outbox" / KEY / ".b1" / "half.eml").write_bytes(b"To: somebo")
    hand_over(provider)
    assert len(taken()) == len(MESSAGES)


def test_a_batch_that_was_interrupted_was_not_taken_and_is_cleared_away(provider, tmp_path):
    (tmp_path / "outbox" / KEY / ".b1").mkdir(parents=True)
    assert provider.reconcile(batch(), now=NOON) == {}
    assert list((tmp_path / "outbox" / KEY).iterdir()) == []


def test_a_disk_that_cannot_be_written_is_refused_in_one_line(tmp_path):
    (tmp_path / "outbox").write_text("a file stands in the way")
    with pytest.raises(ProviderRefused, match="cannot be written: File exists"):
        hand_over(Outbox(tmp_path / "outbox", render))


def test_the_index_lists_every_mailing_and_its_letters(provider, tmp_path):
    hand_over(provider)
    provider.close()
    assert f"('{KEY}', 4)" in (tmp_path / "outbox" / "index.html").read_text()
    page = (tmp_path / "outbox" / KEY / "index.html").read_text()
    assert "Zoë Šimková <zoe@example.org>" in page
    assert "batch-b1/ada1.eml" in page


def test_a_disk_that_fails_after_the_letters_appeared_is_unknown_and_then_settled(
    provider, monkeypatch
):
    def fail(folder):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("delivery.providers.outbox._flush", fail)
    with pytest.raises(OutcomeUnknown):
        hand_over(provider)
    assert len(provider.reconcile(batch(), now=NOON)) == len(MESSAGES)

"""The score of a spam filter: told where one is installed, and only there."""

import shutil
import sys
from email.message import EmailMessage
from pathlib import Path

import pytest

from content.preflight.finding import Finding, Level
from content.preflight.spam import judge_status, score_spam
from tests.content.preflight.letters import GOOD

REAL = shutil.which("spamassassin")


def letter(subject: str, text: str, html: str) -> bytes:
    message = EmailMessage()
    message["From"] = "Tide <hello@tide.example>"
    message["To"] = "ada@reader.example"
    message["Subject"] = subject
    message["Date"] = "Tue, 01 Dec 2026 09:00:00 +0000"
    message["Message-ID"] = "<one.two@tide.example>"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message.as_bytes()


def engine(folder: Path, program: str) -> Path:
    """A filter that does this, in Python."""
    path = folder / "filter"
    path.write_text(f"#!{sys.executable}\nimport sys, time\nletter = sys.stdin.read()\n{program}\n")
    path.chmod(0o755)
    return path


def test_without_a_filter_it_is_told_that_there_is_no_score():
    assert score_spam(b"", engine=None) == [
        Finding(Level.NOTE, "spam", "not scored: SpamAssassin is not installed on this machine")
    ]


@pytest.mark.parametrize(
    ("score", "level"),
    [("-0.1", "note"), ("1.9", "note"), ("2.0", "warning"), ("4.9", "warning"), ("5.0", "error")],
)
def test_five_is_spam_and_two_is_doubtful(score, level):
    found = judge_status(f"No, score={score} required=5.0 tests=BIG_FONT,\n\tMONEY autolearn=no")
    assert found.level == level
    assert f"scores it {score} of 5 (rules: BIG_FONT, MONEY)" in found.text


@pytest.mark.parametrize("status", ["", "No", "score=high tests=A"])
def test_no_score_is_told_as_none(status):
    assert judge_status(status).text == "not scored: the spam filter gave no score"


def test_a_letter_without_rules_that_hit_says_so():
    assert "(rules: none)" in judge_status("No, score=0.0 required=5.0 tests=none version=4").text


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("sys.exit(1)", "CalledProcessError"),
        ("time.sleep(60)", "TimeoutExpired"),
        ("print('no mail')", "gave no score"),
    ],
)
def test_a_filter_that_fails_says_nothing_against_the_letter(tmp_path, program, why):
    (found,) = score_spam(b"Subject: x\n\nx", engine=engine(tmp_path, program), seconds=1)
    assert found.level is Level.NOTE
    assert why in found.text


def test_a_filter_that_is_gone_says_nothing_either(tmp_path):
    (found,) = score_spam(b"x", engine=tmp_path / "gone")
    assert found.text == "not scored: gone failed (FileNotFoundError)"


def test_the_filter_gets_the_letter_as_it_is(tmp_path):
    echo = "print('X-Spam-Status: No, score=3.5 tests=' + letter.strip().upper() + '\\n')"
    (found,) = score_spam(b"THE_LETTER", engine=engine(tmp_path, echo))
    assert "(rules: THE_LETTER)" in found.text


@pytest.mark.skipif(REAL is None, reason="SpamAssassin is not installed")
def test_the_real_one_knows_a_good_letter_from_its_own_test_of_spam():
    # The string that SpamAssassin's makers have given it to try filters with (GTUBE).
    gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
    (good,) = score_spam(letter(GOOD.subject, GOOD.text, GOOD.html), engine=Path(REAL or ""))
    (spam,) = score_spam(letter("Hello", gtube, f"<p>{gtube}</p>"), engine=Path(REAL or ""))
    assert good.level is Level.NOTE, good.text
    assert spam.level is Level.ERROR
    assert "GTUBE" in spam.text

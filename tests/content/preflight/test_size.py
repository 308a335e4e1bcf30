"""The size of a letter, as Gmail counts it and as it travels."""

from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from content.preflight.check import check_letter
from content.preflight.size import quoted_size
from tests.content.preflight.letters import GOOD, error, faults, findings, grave, html, warning

EMPTY = len(html("").encode())


def of_size(size: int) -> str:
    """A body that makes the letter's HTML that many bytes long."""
    return ("stairs and knees " * 10_000)[: size - EMPTY]


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (80 * 1024, []),
        (80 * 1024 + 1, warning("size")),
        (95 * 1024, warning("size")),
        (95 * 1024 + 1, error("size")),
    ],
)
def test_gmail_would_cut_off_what_is_longer(size, said):
    letter = replace(GOOD, html=html(of_size(size)))
    assert len(letter.html.encode()) == size
    assert grave(check_letter(letter)) == said


def test_the_size_is_told_even_where_it_is_right():
    (note,) = [one for one in findings() if one.rule == "size"]
    assert note.text == "the HTML has 1 KiB (1 KiB as it travels); up to 80 KiB is safe"


def test_characters_count_by_their_bytes():
    assert faults("痛" * 26_000) == warning("size")
    assert faults("a" * 26_000) == []


def test_what_travels_too_large_is_doubted_but_not_refused():
    # 36 KB, and three times that with its `=E7=97=9B`
    assert faults("痛" * 12_000) == warning("size")


@pytest.mark.parametrize("words", ["plain = words\n" * 50, "Träume, 痛み\n" * 20, "x" * 5_000, ""])
def test_the_size_on_the_way_is_that_of_a_real_message(words):
    message = EmailMessage(policy=SMTP)
    message.set_content(words, cte="quoted-printable")
    sent = message.as_bytes().partition(b"\r\n\r\n")[2]
    assert abs(quoted_size(words) - len(sent)) <= 4  # line ends at the end


@pytest.mark.parametrize(("rules", "said"), [(1_000, []), (1_100, warning("style-size"))])
def test_gmail_leaves_out_styles_that_are_too_many(rules, said):
    assert faults(css=".a{color:#000}\n" * rules) == said

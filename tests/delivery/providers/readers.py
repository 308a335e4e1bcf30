"""Letters and readers as they are in life, and what is hard to write in a merged letter."""

import html
from dataclasses import replace

from delivery.message import Message
from tests.fakes import LETTER, NOON

TOKEN = "AbCdEf-_0123.k1-2_34567.uVwXyZ0123456789abcdefghijklmnopqrstuvwxyzABCDE"[:67]
# Each provider's own words, another's, scripts that are not Latin, and controls that an old feed
# has in place of quotation marks (Windows-1252 read as Latin-1).
WORDS = (
    'Crème «brûlée» عربي 中文 "quoted" \x92C1\x93 <b> & -token- %recipient.exit% %recipient% '
    "%unsubscribe_url% {{exit}} {{{{ {{{exit}}} {{#x}} <%asm_group_unsubscribe_url%>"
)
NAMES = [
    "{{exit}}",
    "{{{v0}}}",
    "%recipient.exit%",
    "%recipient.v0%",
    "-v0-",
    "{% if %}",
    "名前; x",
]

LIFELIKE = replace(
    LETTER,
    html=(
        "<html><body><p>Hello ",
        "first_name",
        '</p><a href="https://clinic.example/unsubscribe/',
        "exit",
        '">Leave</a> <a href="https://clinic.example/preferences/',
        "preferences",
        '">Choose</a>' + "<p>hips</p>" * 2000 + "</body></html>",
    ),
    text=("Hello ", "first_name", "\nhttps://clinic.example/unsubscribe/", "exit", "\n"),
    exit_url=("https://clinic.example/unsubscribe/", "exit", ""),
)


def readers(count: int) -> list[Message]:
    return [
        Message(
            f"digest-2026-11.ada{n:09}",
            f"ada{n:05}@example.com",
            "Ada",
            {
                "first_name": "Ada",
                "exit": TOKEN[:-4] + f"{n:04}",
                "preferences": f"{n:04}" + TOKEN[4:],
            },
        )
        for n in range(count)
    ]


def bytes_a_reader(provider) -> float:
    """What one more reader adds to a call."""
    few, many = (
        len(provider.encode("b1", LIFELIKE, readers(n), now=NOON).body) for n in (100, 200)
    )
    return (many - few) / 100


def wordy(name: str = "Ada"):
    """A letter that has `WORDS` everywhere, to a reader of this name, who has it as a value too."""
    letter = replace(
        LETTER,
        subject=WORDS,
        html=(f"<p>{html.escape(WORDS)}", "first_name", "</p><i>", "exit", "</i>"),
        text=(WORDS, "first_name", " ", "exit", ""),
    )
    values = {"first_name": name, "exit": TOKEN}
    return letter, Message("digest-2026-11.ada1", "ada@example.com", name, values)


def seen(text: str) -> str:
    """A text as it looks: without what is not to be seen."""
    return text.replace("\N{WORD JOINER}", "").replace("\N{ZERO WIDTH NON-JOINER}", "")


def assert_shown_as_written(received, name: str) -> None:
    """The author's words and the reader's name stand there as they were, and nothing else."""
    assert seen(received["subject"]) == WORDS
    assert seen(received["text"]) == f"{WORDS}{name} {TOKEN}"
    page = seen(html.unescape(received["html"]))
    assert page == f"<p>{WORDS}{name}</p><i>{TOKEN}</i>"
    assert f"<i>{TOKEN}</i>" in received["html"]

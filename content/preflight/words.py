"""Subject and preheader: what a reader decides by whether to open the letter. Pure."""

import re
import unicodedata
from collections.abc import Iterator

from content.markup.sentences import columns
from content.preflight.finding import Finding, Level, Proof, shorten

MAX_SUBJECT = 60  # columns that most programs show; phones show 40
LONG_SUBJECT = 100  # nobody sees the end of it
MAX_PREHEADER = 130
# RFC 5322, 2.1.1: no line of a header is longer. Folding is possible, a title so long is not.
_MAX_SUBJECT_BYTES = 998
_LOUD = 3  # exclamation marks
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def check_words(proof: Proof) -> Iterator[Finding]:
    """Look at the subject, and at the line that mail programs show beside it."""
    yield from _check_subject(proof.subject)
    yield from _check_tone(proof.subject)
    yield from _check_preheader(proof.preheader)


def width(words: str) -> int:
    """Columns that words take; Chinese, Japanese and Korean characters take two, accents none."""
    return columns(words) - sum(bool(unicodedata.combining(character)) for character in words)


def _check_subject(subject: str) -> Iterator[Finding]:
    where = shorten(subject)
    if not subject.strip():
        yield Finding(Level.ERROR, "subject", "there is no subject; give the edition a title")
    elif any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in subject):
        said = "the subject holds a line end or another control character; take it out"
        yield Finding(Level.ERROR, "subject", said, where)  # RFC 5322, 2.2: it would end the header
    elif _TURNING.search(subject):
        said = "the subject turns the reading direction of what follows; take that mark out"
        yield Finding(Level.WARNING, "subject", said, where)
    if len(subject.encode(errors="replace")) > _MAX_SUBJECT_BYTES:
        said = f"the subject has {len(subject)} characters; shorten it to {MAX_SUBJECT}"
        yield Finding(Level.ERROR, "subject-length", said, where)
    elif width(subject) > MAX_SUBJECT:
        level = Level.WARNING if width(subject) > LONG_SUBJECT else Level.NOTE
        said = f"the subject is {width(subject)} characters wide; phones show 40, most programs"
        yield Finding(level, "subject-length", f"{said} {MAX_SUBJECT}", where)


def _check_tone(subject: str) -> Iterator[Finding]:
    letters = [c for c in subject if c.isalpha()]
    if len(letters) > 10 and subject.isupper():
        said = "the subject is all in capitals, which readers and spam filters take for shouting"
        yield Finding(Level.WARNING, "subject-shouts", said, shorten(subject))
    elif sum(subject.count(mark) for mark in "!\uff01") >= _LOUD:
        said = f"the subject has {_LOUD} exclamation marks or more; one is plenty"
        yield Finding(Level.WARNING, "subject-shouts", said, shorten(subject))


def _check_preheader(preheader: str) -> Iterator[Finding]:
    if not preheader.strip():
        said = "there is no preheader, so mail programs show the letter's first words; write one"
        yield Finding(Level.WARNING, "preheader", said)
    elif width(preheader) > MAX_PREHEADER:
        said = (
            f"the preheader is {width(preheader)} characters wide; some {MAX_PREHEADER} are shown"
        )
        yield Finding(Level.NOTE, "preheader", said, shorten(preheader))

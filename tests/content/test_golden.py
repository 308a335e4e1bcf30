"""Each kind of letter as it was when somebody last looked: `make golden` writes them anew."""

import os

import pytest

from tests.conftest import ROOT
from tests.samples import KINDS, html_of, text_of

GOLDEN = ROOT / "tests" / "golden"


def golden(name: str, made: str) -> str:
    """What the golden file says; with GOLDEN=write it says from now on what was made."""
    path = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        path.write_text(made, encoding="utf-8", newline="")
    return path.read_bytes().decode()


@pytest.mark.parametrize("kind", KINDS)
def test_the_html_is_the_golden_one(kind):
    # mrml writes one line; where one tag follows another, the file has a new one, to be read.
    made = html_of(KINDS[kind]()).replace("><", ">\n<")
    assert made == golden(f"{kind}.html", made)


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_is_the_golden_one(kind):
    made = text_of(KINDS[kind]())
    assert made == golden(f"{kind}.txt", made)

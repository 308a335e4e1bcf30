"""Each kind of letter as it was when somebody last looked: `make golden` writes them anew."""

import os

import pytest

from content.letter import fill
from tests.conftest import ROOT
from tests.content.paper import READER
from tests.samples import KINDS

GOLDEN = ROOT / "tests" / "golden"
VALUES = READER | {"confirm": "the-token"}


def golden(name: str, made: str) -> str:
    """What the golden file says; with GOLDEN=write it says from now on what was made."""
    path = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        path.write_text(made, encoding="utf-8", newline="")
    return path.read_bytes().decode()


@pytest.mark.parametrize("kind", KINDS)
def test_the_html_is_the_golden_one(kind):
    # mrml writes one line; where one tag follows another, the file has a new one, to be read.
    made = fill(KINDS[kind]().html, VALUES).replace("><", ">\n<")
    assert made == golden(f"{kind}.html", made)


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_is_the_golden_one(kind):
    made = fill(KINDS[kind]().text, VALUES)
    assert made == golden(f"{kind}.txt", made)

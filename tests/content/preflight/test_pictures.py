"""Pictures: words for those who do not see them, a width for Outlook, an address."""

import pytest

from tests.content.preflight.letters import error, faults, findings, warning

SRC = 'src="https://x.example/stairs.jpg"'


@pytest.mark.parametrize(
    "picture",
    [
        f'<img {SRC} alt="Stairs" width="536">',
        f'<img {SRC} alt="" width="536">',
        f'<img {SRC} alt="" style="width:100%">',
        f'<a href="https://x.example/"><img {SRC} alt="" width="80"> To the stairs</a>',
        f'<a href="https://x.example/" aria-label="Stairs"><img {SRC} alt="" width="80"></a>',
        '<img src="cid:logo" alt="Tide" width="80">',
        '<img src="https://x.example/dot.gif" width="1" height="1">',
    ],
)
def test_these_pictures_are_fine(picture):
    assert faults(picture) == []


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (f'<img {SRC} width="536">', "picture-alt"),
        (f'<a href="https://x.example/"><img {SRC} alt=" " width="80"></a>', "picture-alt"),
        (f'<img {SRC} alt="Stairs">', "picture-width"),
        (f'<img {SRC} alt="Stairs" style="width:auto;max-width:100%">', "picture-width"),
    ],
)
def test_these_are_doubted(picture, said):
    assert faults(picture) == warning(said)


@pytest.mark.parametrize(
    "source", ["stairs.jpg", "/stairs.jpg", "//x.example/a.jpg", "", "file:///a"]
)
def test_a_picture_without_a_whole_address_is_never_found(source):
    assert faults(f'<img src="{source}" alt="Stairs" width="80">') == error("picture-source")


def test_a_picture_inside_the_letter_is_not_shown_by_gmail():
    inside = '<img src="data:image/png;base64,' + "A" * 2_000 + '" alt="Stairs" width="80">'
    assert ("warning", "picture-source") in faults(inside)
    assert all(len(one.where) <= 100 for one in findings(inside))


def test_the_same_fault_of_many_pictures_is_told_once():
    (said,) = [one for one in findings(f'<img {SRC} alt="Stairs">' * 9) if one.where]
    assert said.text.endswith("as large as it is (9 pictures; this is the first)")
    assert said.where == "https://x.example/stairs.jpg"

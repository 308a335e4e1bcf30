"""Every letter in a real browser, light and dark: it fits, can be hit and can be read."""

import pytest

from tests.browser.screen import WIDTHS
from tests.samples import HARD, KINDS, html_of

pytestmark = pytest.mark.browser

LETTERS = KINDS | HARD
GROUND = "() => getComputedStyle(document.querySelector('.paper')).backgroundColor"


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_fits_any_width_and_everybody_can_use_it(screen, name):
    screen.show(html_of(LETTERS[name]()))
    for width in WIDTHS:
        screen.resize(width)
        assert not screen.sideways(), width
        assert not screen.small_targets(), width
    assert not screen.complaints()


@pytest.mark.parametrize("name", KINDS)
def test_a_letter_is_as_light_or_dark_as_the_screen(screen, name):
    screen.show(html_of(LETTERS[name]()))
    dark = screen.run("() => matchMedia('(prefers-color-scheme: dark)').matches")
    assert screen.run(GROUND) == ("rgb(24, 33, 31)" if dark else "rgb(255, 255, 255)")


@pytest.mark.parametrize("name", ["digest", "campaign", "digest with a logo"])
def test_a_letter_that_outlook_has_darkened_can_be_read(screen, name):
    screen.show(html_of(LETTERS[name]()))
    screen.run("() => document.documentElement.toggleAttribute('data-ogsc', true)")
    screen.run("() => document.documentElement.toggleAttribute('data-ogsb', true)")
    assert screen.run(GROUND) == "rgb(24, 33, 31)"
    assert not screen.complaints()


def test_a_picture_without_a_width_is_shown_no_wider_than_the_letter(screen):
    screen.show(html_of(LETTERS["campaign"]()), width=1200)
    assert screen.run("() => document.querySelector('.whole img').width") == 536
    screen.resize(320)
    assert screen.run("() => document.querySelector('.whole img').width") == 280


def test_the_browser_sees_what_is_wrong(screen):
    """The checks above are worth what they find."""
    screen.show(
        "<html><body style='color:#999;background:#fff'><img src='a.png'>"
        "<p><a href='x'>Alone</a></p><div style='width:900px'>Words</div></body></html>"
    )
    complaints = " ".join(screen.complaints())
    assert all(rule in complaints for rule in ("color-contrast", "html-has-lang", "image-alt"))
    assert len(screen.small_targets()) == 1
    assert screen.sideways()

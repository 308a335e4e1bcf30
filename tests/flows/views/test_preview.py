"""The preview: what readers will see, what was found, and why it is like this, on one page."""

import json
import struct
from pathlib import Path

import lxml.html
import pytest

from flows.machine import find_browser
from flows.resources import open_resources
from tests.flows.homes import bring_in, change, digest
from tests.flows.terminal import Ran


@pytest.fixture
def page(newsletter: Path) -> lxml.html.HtmlElement:
    bring_in(newsletter)
    change(newsletter, "max_posts = 6", "max_posts = 3")
    digest()
    files = json.loads(Ran("preview", "digest-2026-11", "--json").out)
    return lxml.html.parse(files["page"]).getroot()


def words(page: lxml.html.HtmlElement) -> str:
    return " ".join(page.text_content().split())


def test_it_says_what_is_in_the_letter_what_is_not_and_why(page):
    said = words(page)
    assert "A Six-Minute Warm-Up for a Cold Garage is in it." in said
    assert "That Pinch at the Front of the Hip is not in it: " in said
    assert "is offered: its topics fit the posts" in said


def test_it_says_what_preflight_found(page):
    assert "What preflight found Nothing was found that would stop it." in words(page)
    assert "up to 80 KiB is safe" in words(page)


def test_each_variant_is_shown_light_and_dark_on_desktop_and_phone_and_as_text(page, newsletter):
    summaries = [s.text_content() for s in page.iter("summary")]
    assert summaries[1:] == [
        "For readers who are offered Hip Rehab Online",
        "For readers who are offered Strong Back Basics",
        "With no program",
    ]
    frames = [frame.get("src") for frame in page.iter("iframe")]
    assert len(frames) == 12
    assert all(frame.get("sandbox") == "" for frame in page.iter("iframe"))
    folder = newsletter / "preview" / "digest-2026-11"
    assert all((folder / name).is_file() for name in frames)
    assert [pre.text_content()[:9] for pre in page.iter("pre")] == ["Reconnect"] * 3


def test_the_scheme_is_the_files_and_not_the_machines(page, newsletter):
    folder = newsletter / "preview" / "digest-2026-11"
    light, dark = ((folder / f"letter{n}.html").read_text() for n in ("", "-dark"))
    assert "prefers-color-scheme" not in light + dark
    assert "@media not all" in light
    assert "@media all" in dark


def test_a_second_preview_leaves_nothing_of_the_first(page, newsletter):
    left = newsletter / "preview" / "digest-2026-11" / "letter-9.html"
    left.write_text("old")
    Ran("preview", "digest-2026-11")
    assert not left.exists()


@pytest.mark.parametrize("kind", ["confirm", "welcome", "links", "notice"])
def test_letters_of_no_edition_can_be_looked_at_too(newsletter, kind):
    files = json.loads(Ran("preview", kind, "--json").out)
    page = lxml.html.parse(files["page"]).getroot()
    assert "What preflight found" not in words(page)
    assert "Reconnect Performance" in Path(files["html"]).read_text()


def test_a_preview_writes_no_row_and_holds_no_readers_token(page, newsletter):
    with open_resources() as resources:
        ids = {row["id"] for row in resources.db.query("SELECT id FROM subscribers")}
    folder = newsletter / "preview" / "digest-2026-11"
    shown = "".join(path.read_text() for path in folder.iterdir())
    assert not [reader for reader in ids if reader in shown]


@pytest.mark.browser
def test_pictures_are_whole_at_each_width(newsletter):
    if not find_browser():
        pytest.skip("no Chromium on this machine")
    files = json.loads(Ran("preview", "notice", "--png", "--json").out)
    sizes = {Path(name).name: size_of(Path(name)) for name in files["pictures"]}
    assert {name: width for name, (width, _) in sizes.items()} == {
        f"letter{scheme}-{width}.png": width
        for scheme in ("", "-dark")
        for width in (320, 600, 1200)
    }
    assert sizes["letter-320.png"][1] > sizes["letter-600.png"][1] > 200


def size_of(png: Path) -> tuple[int, int]:
    width, height = struct.unpack(">II", png.read_bytes()[16:24])
    return width, height


def test_without_a_browser_pictures_are_refused_in_one_line(newsletter, monkeypatch):
    monkeypatch.setenv("PATH", "")
    ran = Ran("preview", "notice", "--png")
    assert ran.code == 2
    assert ran.complaint == (
        "lettermill: --png needs Chromium; on Debian and Ubuntu: apt-get install chromium"
    )

"""`make pictures`: letters of the sample newsletter for docs/pictures, from a real browser.

Needs Chromium and pngquant (Debian packages of these names).
"""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from content.letter import fill, render_letter
from content.period import Period
from flows.editions.collecting import collect_posts
from flows.editions.preparing import draft_digest
from flows.resources import Resources, open_resources
from tests.browser.screen import Screen
from tests.conftest import ROOT
from tests.samples import OPEN_DAY, VALUES, cleaned

FOLDER = ROOT / "docs" / "pictures"
PICTURES = [
    ("digest", 600, "light"),
    ("digest", 600, "dark"),
    ("digest", 320, "light"),
    ("campaign", 600, "light"),
    ("campaign", 600, "dark"),
]
WORDS = """<p>On Saturday, December 5, we open the strength room on the second floor. Coffee is on
from ten; bring shoes you can squat in.</p>
<h2>What to try</h2>
<ul><li>A ten-minute hip check with one of us</li><li>Your first deadlift, with somebody watching
it who likes backs</li></ul>
<p>No need to sign up, and <a href="https://www.reconnectperformance.example/visit">here is how
to find us</a>.</p>"""


def sample_letters(resources: Resources) -> dict[str, str]:
    """The digest of the sample's month, and a campaign in its colours."""
    collect_posts(resources)
    drafted = draft_digest(resources, Period(2026, 11))
    assert drafted.letters is not None
    usual = next(iter(drafted.letters.by_variant.values()))
    words = {"title": "The strength room opens on Saturday", "preheader": "Coffee is on from ten"}
    day = replace(OPEN_DAY, body=cleaned(WORDS), call_to_action=None, **words)
    about = {**resources.about(), "browser_url": resources.settings.page("archive/open-day")}
    campaign = render_letter(day, resources.templates, about=about)
    return {"digest": fill(usual.html, VALUES), "campaign": fill(campaign.html, VALUES)}


def take_pictures(letters: dict[str, str]) -> None:
    program = shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for name, width, scheme in PICTURES:
            end = "-dark" if scheme == "dark" else ""
            with Screen.open(browser, scheme) as screen:
                screen.show(letters[name], width)
                screen.picture(FOLDER / f"{name}-{width}{end}.png")
        browser.close()
    # A third of the bytes, and nobody sees which.
    files = sorted(FOLDER.glob("*.png"))
    subprocess.run(["pngquant", "--force", "--ext", ".png", "--strip", *files], check=True)


def main() -> None:
    with TemporaryDirectory() as made:
        home = Path(made)
        shutil.copy(ROOT / "lettermill.toml", home)
        shutil.copytree(ROOT / "sample", home / "sample")
        with open_resources(home) as resources:
            letters = sample_letters(resources)
    take_pictures(letters)


if __name__ == "__main__":
    main()

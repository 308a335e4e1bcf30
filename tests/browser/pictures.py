"""`make pictures`: letters of the sample newsletter for docs/pictures, from a real browser.

Needs Chromium and pngquant (Debian packages of these names).
"""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from content.letter import SLOTS, fill, render_parts
from content.period import Period
from flows.collecting import collect_posts
from flows.preparing import draft_digest
from flows.resources import Resources, open_resources
from tests.browser.screen import Screen
from tests.conftest import ROOT
from tests.samples import OPEN_DAY, VALUES, cleaned

FOLDER = ROOT / "docs" / "pictures"
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
    assert drafted.letter is not None
    words = {"title": "The strength room opens on Saturday", "preheader": "Coffee is on from ten"}
    day = replace(OPEN_DAY, body=cleaned(WORDS), call_to_action=None, **words)
    values = {**resources.about(), "edition": day}
    campaign = render_parts("campaign", values, resources.templates, subject=day.title, slots=SLOTS)
    return {"digest": fill(drafted.letter.html, VALUES), "campaign": fill(campaign.html, VALUES)}


def take_pictures(letters: dict[str, str]) -> None:
    program = shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for scheme, end in (("light", ""), ("dark", "-dark")):
            with Screen.open(browser, scheme) as screen:
                for name, letter in letters.items():
                    screen.show(letter, 600)
                    screen.picture(FOLDER / f"{name}-600{end}.png")
                screen.show(letters["digest"], 320)
                screen.picture(FOLDER / f"digest-320{end}.png")
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

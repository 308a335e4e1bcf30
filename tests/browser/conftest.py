"""One real Chromium for all of it, which reaches nothing: letters and pictures come from memory."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.screen import Screen


# For this package only: while it runs, no other test could have an event loop.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; without one there is nothing to see, but CI has to see it."""
    program = shutil.which("chromium")
    if program is None and not os.environ.get("CI"):
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    assert program, "CI must look at the letters: Chromium is not installed (.ci/packages)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="package", params=["light", "dark"])
def screen(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Screen]:
    """A window of that browser, once light and once dark."""
    with Screen.open(chromium, request.param) as screen:
        yield screen

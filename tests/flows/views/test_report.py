"""The report of a mailing: one page, counts and plots, and nobody's address."""

import re

import lxml.html

from flows.views.plots import bars, lines
from tests.flows.homes import bring_in
from tests.flows.terminal import Ran

KEY = "digest-2026-11"


def test_a_page_has_the_numbers_and_the_plots_and_names_nobody(newsletter):
    bring_in(newsletter)
    Ran("digest", "2026-11", "--yes")
    path = Ran("report", KEY).out.strip()
    html = (newsletter / "report" / f"{KEY}.html").read_text()
    assert path.endswith(f"report/{KEY}.html")
    page = lxml.html.fromstring(html)
    figures = [" ".join(item.itertext()).split() for item in page.findall(".//ul/li")]
    assert figures == [["46", "submitted"], ["14", "skipped"]]
    rows = {row.findtext("th"): row.findtext("td") for row in page.findall(".//tr")}
    assert rows["skipped: unconfirmed"] == "7"
    assert "The list by month" in [heading.text for heading in page.findall(".//h2")]
    assert "@" not in re.sub(r"@media", "", html)
    assert len(page.findall(".//svg")) == 3


def test_a_page_asks_for_nothing_and_runs_nothing(newsletter):
    bring_in(newsletter, 3)
    Ran("digest", "2026-11", "--yes")
    Ran("report", KEY)
    html = (newsletter / "report" / f"{KEY}.html").read_text()
    assert "<script" not in html
    assert not re.findall(r"(?:src|href)=\"?https?:", html)


def test_what_has_not_begun_has_no_report(newsletter):
    assert "no edition digest-2026-11" in Ran("report", KEY).complaint
    bring_in(newsletter, 3)
    Ran("digest", "2026-11")


def test_the_same_numbers_are_the_same_picture():
    drawn = [lines("a", "so many", ["x", "y"], {"taken": [0, 9]}) for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert 'aria-label="so many"' in drawn[0]


def test_a_plot_says_its_numbers_to_who_cannot_see_it():
    picture = bars("kinds", "9 submitted, 2 refused", ["submitted", "refused"], {"letters": [9, 2]})
    assert 'role="img"' in picture
    assert "9 submitted, 2 refused" in picture

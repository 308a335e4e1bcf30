"""kill -9 at any line of ours, from the feed to the closed edition; then it is simply run again."""

import multiprocessing
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.resources import HOME_VARIABLE, open_resources
from tests.flows import mortal
from tests.flows.homes import bring_in, change, outbox

# By hand: LETTERMILL_DEATHS=200 tries as many lines of each job, in five minutes.
DEATHS = int(os.environ.get("LETTERMILL_DEATHS", "4"))
CAMPAIGN = "---\nsubject: The new room opens\n---\n\nOn Saturday we open it.\n"
# Started once, with everything imported: a job then begins in milliseconds.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.flows.mortal"])


def live(home: Path, job: Callable[[], None], lines: int) -> str:
    """Do a job that dies at a line; tell where that was, or how many lines there were."""
    diary = home.parent / f"{home.name}.diary"
    process = _processes.Process(target=mortal.live, args=(home, job, lines, diary))
    process.start()
    process.join(120)
    assert process.exitcode == (-9 if lines else 0)
    process.close()
    return diary.read_text()


@pytest.mark.parametrize(
    ("job", "approval"),
    [
        (mortal.digest, "none"),
        (mortal.approve, "required"),
        (mortal.campaign, "required"),
    ],
)
def test_killed_at_any_line_and_run_again_each_reader_has_one_letter(
    newsletter, monkeypatch, tmp_path, job, approval
):
    change(newsletter, 'approval = "none"', f'approval = "{approval}"')
    (newsletter / "room.md").write_text(CAMPAIGN)
    bring_in(newsletter)
    total = int(live(shutil.copytree(newsletter, tmp_path / "whole"), job, 0))
    chance = random.Random(f"{job.__name__} {DEATHS}")
    for line in chance.sample(range(1, total), DEATHS):
        home = shutil.copytree(newsletter, tmp_path / str(line))
        place = live(home, job, line)
        monkeypatch.setenv(HOME_VARIABLE, str(home))
        job()
        assert_all_have_one(home, place)
        shutil.rmtree(home)


def assert_all_have_one(home: Path, place: str) -> None:
    """Everybody who may has one letter, in the outbox and in the ledger; nothing is left open."""
    assert (len(outbox(home)), set(outbox(home).values())) == (46, {1}), place
    with open_resources(home) as resources:
        [edition] = resources.db.query("SELECT key, state FROM editions")
        letters = resources.db.query("SELECT state, count(*) AS n FROM deliveries GROUP BY state")
        numbers = {row["state"]: row["n"] for row in letters}
        mailed = {row["edition_key"] for row in resources.db.query("SELECT * FROM posts")}
    assert edition["state"] == "closed", place
    assert numbers == {"skipped": 14, "submitted": 46}, place
    assert mailed <= {"", None, edition["key"]}, place

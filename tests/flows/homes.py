"""A newsletter in its folder, and what is done to it."""

from collections import Counter
from pathlib import Path

from flows import jobs
from flows.editions import collecting, preparing
from flows.outcome import Outcome
from flows.resources import open_resources
from subscribers.lists.importing import import_list


def bring_in(home: Path, count: int | None = None) -> None:
    """Import the sample's readers, or `count` made-up ones."""
    if count is not None:
        rows = [f"reader{n:05}@example.com,Reader {n}" for n in range(count)]
        (home / "sample" / "readers.csv").write_text("\n".join(["email,name", *rows]))
    with open_resources(home) as resources:
        file = home / "sample" / "readers.csv"
        with file.open("rb") as text:
            assert import_list(resources.db, text, file.name, now=resources.clock.now()).written


def digest(period: str | None = "2026-11", *, agreed: bool = False) -> Outcome:
    return jobs.monthly_digest(jobs.plainly, period, agreed=agreed)


def change(home: Path, old: str, new: str) -> None:
    path = home / "lettermill.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def outbox(home: Path) -> Counter[str]:
    return Counter(path.stem for path in home.glob("outbox/*/batch-*/*.eml"))


def approve(key: str = "digest-2026-11") -> Outcome:
    """Everything up to a person's yes, and nothing after it."""
    with open_resources() as resources:
        collecting.collect_posts(resources)
        draft = preparing.prepare_digest(resources, key)
        return preparing.approve_edition(resources, key, draft.content_hash)

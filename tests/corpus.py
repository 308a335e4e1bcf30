"""Collections of feeds that are not part of the project: `shared/feeds` beside the checkout."""

import os
from pathlib import Path

import pytest

from tests.conftest import ROOT

FEEDS = Path(os.environ.get("LETTERMILL_FEEDS", ROOT.parent / "shared" / "feeds"))

needs_feeds = pytest.mark.skipif(
    not FEEDS.is_dir(), reason=f"no collections of feeds at {FEEDS}; LETTERMILL_FEEDS names them"
)


def feed_files(*sets: str) -> list[Path]:
    """Every file of these collections but the notes that lie beside the feeds."""
    found = (path for name in sets for path in (FEEDS / name).rglob("*") if path.is_file())
    return sorted(p for p in found if p.name != "SOURCE.txt" and ".serde." not in p.name)

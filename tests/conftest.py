"""What many tests stand on: a real database, a fixed moment, a newsletter in a folder."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from flows.database import open_database
from flows.place import MACHINE_VARIABLE
from flows.resources import HOME_VARIABLE

ROOT = Path(__file__).resolve().parent.parent
# Asking SpamAssassin costs seconds, and there is no site and no DNS here: the tests of each of them
# ask.
PREFLIGHT = "\n[preflight]\nspam = false\nlinks = false\nexits = false\ndns = false\n"
NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOON


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """A database as the product opens it: real SQLite in a file, every table."""
    database = open_database(tmp_path)
    yield database
    database.close()


@pytest.fixture(autouse=True)
def _no_secrets_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tests see neither this machine's keys nor its Prefect server."""
    for name in ("LETTERMILL_SECRET_KEYS", "LETTERMILL_PROVIDER_KEY", HOME_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv(MACHINE_VARIABLE, raising=False)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "no-prefect"))


@pytest.fixture
def newsletter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample newsletter in a folder of its own, which commands and steps find."""
    home = tmp_path / "newsletter"
    home.mkdir()
    settings = (ROOT / "lettermill.toml").read_text()
    (home / "lettermill.toml").write_text(settings + PREFLIGHT)
    shutil.copytree(ROOT / "sample", home / "sample")
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    return home

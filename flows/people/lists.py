"""Lists in and out of the newsletter's folder: files are opened here, and who was erased known."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from delivery.pull_store import pull_as_a_whole
from flows.resources import Resources
from subscribers.errors import BadList
from subscribers.lists.exporting import export_list
from subscribers.lists.importing import ImportReport, import_list
from subscribers.lists.mappings import Understood


def bring_in(
    resources: Resources,
    file: Path,
    *,
    skip_bad: bool,
    dry_run: bool,
    verdicts: Path | None,
    tell: Callable[[Understood], object],
) -> ImportReport:
    """Import a file; with `verdicts`, write there what became of each row, as CSV.

    Raises:
        BadList: a file cannot be opened, or is no list.
    """
    with ExitStack() as files:
        try:
            rows = files.enter_context(file.open("rb"))
        except OSError as error:
            raise BadList(f"{file}: cannot be read ({error.strerror})") from error
        report = import_list(
            resources.db,
            rows,
            file.name,
            now=resources.clock.now(),
            fingerprints=resources.fingerprints,
            skip_bad=skip_bad,
            dry_run=dry_run,
            tell=tell,
            verdicts=files.enter_context(_open_new(verdicts)) if verdicts else None,
        )
    # The provider's suppression list may name people who were strangers until now.
    pull_as_a_whole(resources.db)
    return report


def send_out(resources: Resources, file: Path) -> int:
    """Export everybody into a file, `-` for standard output; give their number.

    Raises:
        BadList: the file cannot be written.
    """
    if str(file) == "-":
        return export_list(resources.db, sys.stdout)
    with _open_new(file) as text:
        return export_list(resources.db, text)


def _open_new(file: Path) -> TextIO:
    """Open a file to write; nobody else may read it, for it may hold people's addresses."""
    try:
        file.touch(mode=0o600)
        return file.open("w", newline="", encoding="utf-8")
    except OSError as error:
        raise BadList(f"{file}: cannot be written ({error.strerror})") from error

"""Where a job runs: as a flow run when a Prefect server is configured, else in this process.

A one-off Prefect server takes 15 to 30 seconds to start, so it is only used where it is there.
"""

import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from content.edition import EditionState
from flows import jobs
from flows.editions.preparing import approve_edition
from flows.errors import Held, SettingsWrong
from flows.mailings.hearing import Heard
from flows.outcome import Outcome, unknown_letters


def digest(period: str | None, *, agreed: bool) -> Outcome:
    """Run the monthly digest."""
    if not prefect_is_configured():
        return jobs.monthly_digest(jobs.plainly, period, agreed=agreed)
    with _server_answers():
        from flows.deployed import monthly_digest

        return monthly_digest(period, agreed)


def campaign(path: Path, *, agreed: bool) -> Outcome:
    """Run an ad-hoc campaign from its file."""
    where = str(path.resolve())
    if not prefect_is_configured():
        return jobs.campaign(jobs.plainly, where, agreed=agreed)
    with _server_answers():
        from flows.deployed import send_campaign

        return send_campaign(where, agreed)


def send_approved(outcome: Outcome) -> Outcome:
    """Approve exactly the draft that a person has just seen, and mail it.

    Raises:
        Held: another run has changed it meanwhile.
    """
    seen = (outcome.key, outcome.content_hash)
    if jobs.plainly(approve_edition, *seen).content_hash != outcome.content_hash:
        raise Held(f"{outcome.key} has changed meanwhile; look at it again")
    return dispatch(outcome.key)[0]


def dispatch(key: str | None = None) -> list[Outcome]:
    """Send what is approved, and go on with what was interrupted: one edition, or every one."""
    if not prefect_is_configured():
        return jobs.dispatch(jobs.plainly, key)
    with _server_answers():
        from flows import deployed

        return deployed.dispatch(key)


def hear() -> Heard:
    """Hear from the provider who left, bounced or complained, and what became of lost letters."""
    if not prefect_is_configured():
        return jobs.hear(jobs.plainly)
    with _server_answers():
        from flows import deployed

        return deployed.handle_unsubscribes()


def housekeeping() -> jobs.Kept:
    """Make a month that was missed, tidy up, tell the author."""
    if not prefect_is_configured():
        return jobs.housekeeping(jobs.plainly)
    with _server_answers():
        from flows import deployed

        return deployed.housekeeping()


@contextmanager
def _server_answers() -> Iterator[None]:
    """Say in one line that Prefect's server is not as it should be; its own words are many."""
    require_server()
    try:
        yield
    except RuntimeError as error:
        if "Failed to reach API" not in str(error):
            raise
        raise SettingsWrong("the Prefect server has gone away while this ran") from error


def require_server() -> str:
    """Where the configured Prefect server is.

    Raises:
        SettingsWrong: it is down, does not let us in, or is of another version.
    """
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    from flows.orchestration.server import require_configured_server

    return require_configured_server()


def waits_for_yes(outcome: Outcome) -> bool:
    """Tell whether an edition is ready but nobody has said yes."""
    return outcome.state is EditionState.DRAFT


def is_held(outcome: Outcome) -> bool:
    """Tell whether a person must decide: to approve, to mend, or about unanswered letters."""
    waits = waits_for_yes(outcome) and outcome.send_after is None
    return waits or bool(outcome.paused) or unknown_letters(outcome) > 0


def prefect_is_configured() -> bool:
    """Tell whether a Prefect server is named, without importing Prefect."""
    if "PREFECT_API_URL" in os.environ:
        return bool(os.environ["PREFECT_API_URL"])
    home = Path(os.environ.get("PREFECT_HOME") or "~/.prefect").expanduser()
    here = _read(Path("prefect.toml"))
    if here.get("api", {}).get("url"):
        return True
    profiles = _read(home / "profiles.toml")
    active = os.environ.get("PREFECT_PROFILE") or str(profiles.get("active", ""))
    return bool(profiles.get("profiles", {}).get(active, {}).get("PREFECT_API_URL"))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError):
        return {}

"""The test before a mailing: the way out is tried, and the sender's DNS read.

Nothing that was found is kept: the next test asks again.
"""

from collections.abc import Iterator

import content.store
from content.blocking_store import keep_waiting
from content.edition import EditionState
from content.letter import Letter
from content.letter_store import load_letters
from content.preflight.finding import Finding, Level, in_order
from delivery.providers.headers import ONE_CLICK
from flows.errors import Held
from flows.exits.answers import Trial, is_unknown_link, judge_trial, judge_unknown_link
from flows.exits.asking import ask
from flows.exits.seed import check_headers, exit_of, seed_letter
from flows.resources import Resources
from subscribers.leaving.probe_store import has_left, make_probe

_SAMPLE = Letter("Sample", ("",), ("",))


def require_exits(resources: Resources, key: str) -> None:
    """Look outside before an approved edition is frozen; of one that is, nothing is asked.

    Raises:
        Held: readers could not leave, or their servers would refuse the letter; a line for each
            reason. The edition stays approved, and its author is told.
        SettingsWrong: a key is missing.
    """
    edition = content.store.get_edition(resources.db, key)
    if edition.state is not EditionState.APPROVED:
        return
    letter = next(iter(load_letters(resources.db, key).values()))
    found = _look_outside(resources, letter, key=key, sender_name=edition.sender_name)
    errors = [_line(finding) for finding in found if finding.level is Level.ERROR]
    keep_waiting(resources.db, key, "; ".join(errors))
    if errors:
        raise Held("\n".join(f"{key}: blocked, and nothing was sent: {error}" for error in errors))


def find_outside(resources: Resources) -> list[Finding]:
    """The same for no edition, errors first; warnings and notes with them.

    Raises:
        SettingsWrong: a key is missing.
    """
    return _look_outside(resources, _SAMPLE, key="digest-sample", sender_name="")


def _look_outside(
    resources: Resources, letter: Letter, *, key: str, sender_name: str
) -> list[Finding]:
    """What leaves into the outbox stays on this machine, so nobody is asked."""
    asked = resources.settings.preflight
    if resources.settings.provider.name == "outbox":
        return []
    resources.require_secrets()
    found: list[Finding] = []
    if asked.exits:
        found += _try_exit(resources, letter, key=key, sender_name=sender_name)
    if asked.dns:
        from flows.exits.sender import check_sender  # its libraries take what `plan` has not

        found += check_sender(resources)
    return in_order(found)


def _try_exit(
    resources: Resources, letter: Letter, *, key: str, sender_name: str
) -> Iterator[Finding]:
    """Read a seed letter's headers, and take the way out that they show."""
    settings = resources.settings
    probe = make_probe(resources.db, now=resources.clock.now())
    seed = seed_letter(resources, letter, key=key, sender_name=sender_name, probe=probe)
    exit_url = settings.page("unsubscribe/")
    yield from check_headers(seed, sender=settings.sender.address, exit_url=exit_url)
    if url := exit_of(seed):
        yield from _leave(resources, url, probe)


def _leave(resources: Resources, url: str, probe: str) -> Iterator[Finding]:
    """Look as scanners do, then leave by one click; the first thing that is wrong ends it."""
    where, page = resources.settings.public_url, ""
    for method, body in (("HEAD", b""), ("GET", b""), ("POST", ONE_CLICK.encode())):
        answer = ask(method, url, body)
        if is_unknown_link(method, answer):
            yield judge_unknown_link(ask("GET", resources.settings.page("healthz")), where)
            return
        trial = Trial(method, answer, has_left(resources.db, probe), page)
        if found := judge_trial(trial, where):
            yield found
            return
        page = getattr(answer, "body", "")


def _line(finding: Finding) -> str:
    return f"{finding.text} ({finding.where})" if finding.where else finding.text

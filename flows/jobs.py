"""Each job as a list of steps, written once.

On the command line the steps are called plainly; in a flow each becomes a Prefect task. `call`
is what differs: it opens the resources and calls one step.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from content.edition import EditionState
from flows import collecting, mailing, preparing
from flows.collecting import Reading
from flows.outcome import Outcome
from flows.resources import open_resources

Call = Callable[..., Any]
# What is not approved yet is made anew by each run; the rest is fixed.
REMADE = (EditionState.DRAFT, EditionState.SKIPPED)


def plainly(step: Callable[..., Any], *arguments: Any) -> Any:
    """Call a step in this process."""
    with open_resources() as resources:
        return step(resources, *arguments)


def collect(call: Call) -> Reading:
    """Read the feeds."""
    reading: Reading = call(collecting.collect_posts)
    return reading


def monthly_digest(
    call: Call, period: str | None, *, agreed: bool, at: datetime | None = None
) -> Outcome:
    """Make the edition of a month from what the feeds say now, and mail it if it is approved."""
    outcome: Outcome = call(preparing.open_month, period, at)
    if outcome.state in REMADE:
        call(collecting.collect_posts)
        outcome = call(preparing.prepare_digest, outcome.key)
    if outcome.state is EditionState.DRAFT:
        outcome = call(preparing.approve_edition, outcome.key, outcome.content_hash, agreed)
    if outcome.state in (EditionState.APPROVED, EditionState.MAILING):
        outcome = mail_edition(call, outcome.key)
    return outcome


def mail_edition(call: Call, key: str) -> Outcome:
    """Freeze an approved edition and hand its letters over; what is done already stays done."""
    call(mailing.freeze_mailing, key)
    sent: Outcome = call(mailing.send_mailing, key)
    if sent.note:
        return sent
    closed: Outcome = call(mailing.close_edition, key)
    return closed


def dispatch(call: Call) -> list[Outcome]:
    """Send what is approved, and go on with what was interrupted."""
    return [mail_edition(call, key) for key in call(mailing.unfinished_editions)]

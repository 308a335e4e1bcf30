"""Steps by which a person steers a mailing that has begun: pause, go on, cancel, decide."""

import content.store
import delivery.store
from delivery import steering_store
from delivery.errors import NoSuchMailing
from delivery.lease import lease
from delivery.mailing import Mailing, MailingState
from flows.errors import Held
from flows.mailings.mailing import close_edition
from flows.outcome import Outcome, edition_outcome
from flows.resources import Resources

_OVER = (MailingState.CLOSED, MailingState.CANCELLED)


def pause_mailing(resources: Resources, key: str) -> Outcome:
    """Stop handing letters over, at the latest after the calls that are under way.

    Raises:
        NoSuchMailing: it has not begun.
        Held: it is over.
    """
    _require_open(resources, key)
    steering_store.pause(resources.db, key, "you paused it")
    return edition_outcome(resources, key)


def resume_mailing(resources: Resources, key: str) -> Outcome:
    """Let a paused mailing be sent again; `dispatch` does it.

    Raises:
        NoSuchMailing: it has not begun.
        Held: it is over.
    """
    _require_open(resources, key)
    steering_store.take_up(resources.db, key, now=resources.clock.now())
    return edition_outcome(resources, key)


def cancel_mailing(resources: Resources, key: str) -> Outcome:
    """Send no more of a mailing, for good; who has their letter has it. A draft is given up.

    Raises:
        NoSuchMailing: it has not begun.
        Held: it is over.
    """
    now = resources.clock.now()
    if content.store.cancel_draft(resources.db, key, now=now):
        return edition_outcome(resources, key)
    _require_open(resources, key)
    steering_store.cancel(resources.db, key, now=now)
    content.store.cancel_edition(resources.db, key, now=now)
    return edition_outcome(resources, key)


def decide_unknown(resources: Resources, key: str, as_sent: bool) -> Outcome:
    """Say of all letters without an answer that they were sent, or that they shall be sent again.

    Raises:
        NoSuchMailing: it has not begun.
        AlreadySending: it is being sent; what is unknown may still be settled.
    """
    mailing = require_mailing(resources, key)
    if mailing.state is MailingState.CANCELLED and not as_sent:
        raise Held(f"{key} was cancelled, so nothing of it is sent again; --sent closes them")
    with lease(resources.db, resources.locks, key, now=resources.clock.now()):
        steering_store.decide_unknown(resources.db, key, as_sent=as_sent)
    return close_edition(resources, key)


def _require_open(resources: Resources, key: str) -> None:
    mailing = require_mailing(resources, key)
    if mailing.state in _OVER:
        raise Held(f"{key} is {mailing.state.value} already, and nothing of it is sent any more")


def require_mailing(resources: Resources, key: str) -> Mailing:
    """The mailing with this key.

    Raises:
        NoSuchMailing: it has not begun.
    """
    try:
        return delivery.store.load_mailing(resources.db, key)
    except NoSuchMailing as error:
        raise NoSuchMailing(
            f"no letter of {key} has been handed over; `lettermill status` lists what there is"
        ) from error

"""Say in one sentence where a post is, and why, from what is written down. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from content.edition import EditionState
from content.intake import LedgerPost, PostState


def explain_post(
    held: LedgerPost,
    *,
    zone: ZoneInfo,
    edition_state: EditionState | None = None,
    mailed: datetime | None = None,
    goes: datetime | None = None,
    passed_over: tuple[str, str] | None = None,
) -> str:
    """Why a post is in the edition it is in, or in none.

    `edition_state` and `mailed` are of its edition, and when it `goes` out by itself;
    `passed_over` names the last edition that left it out, and the reason.
    """
    state, reason = held.state, held.reason.rstrip(". ")
    if state is PostState.ASSIGNED:
        if edition_state is EditionState.DRAFT and goes:
            when = f"which goes out by itself after {_moment(goes, zone)}, unless you hold it"
            return f"It is in {held.edition_key}, {when}."
        return f"It {_in_edition(held, edition_state, mailed, zone)}."
    if state is PostState.EXCLUDED:
        return f"It is not mailed: {reason}."
    if state is PostState.HELD:
        return f"It is held: {reason}."
    if state is PostState.SETTLING:
        return f"It is settling: {_settling(held, zone)}."
    if passed_over:
        key, because = passed_over
        return f"It is ready; {key} left it out: {because.rstrip('. ')}."
    return "It is ready, and waits for the next edition."


def _in_edition(
    held: LedgerPost, state: EditionState | None, mailed: datetime | None, zone: ZoneInfo
) -> str:
    key = held.edition_key
    if state is EditionState.DRAFT:
        return f"is in {key}, which waits for your yes"
    if state is EditionState.CANCELLED:
        return f"was in {key}, which was cancelled"
    since = f", and was edited on the blog since ({_day(held.edited, zone)})" if held.edited else ""
    if mailed:
        return f"went out with {key} on {_day(mailed, zone)}{since}"
    goes = "is going out" if state is EditionState.MAILING else "goes out"
    return f"{goes} with {key}{since}"


def _settling(held: LedgerPost, zone: ZoneInfo) -> str:
    published = held.post.published
    if published is not None and published > held.changed:
        return f"dated {_moment(published, zone)}, and it waits for that"
    seen, changed = _moment(held.first_seen, zone), _moment(held.changed, zone)
    mended = f", and changed {changed}" if changed != seen else ""
    return f"first seen {seen}{mended}; it goes on by itself when it has rested"


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return str(moment.astimezone(zone).date())


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"

"""Steps that make the edition of a campaign from its file."""

import hashlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import content.approval_store
import content.store
from content.campaign import MAX_BYTES, Campaign, compose_campaign, read_campaign
from content.edition import Edition, EditionState
from content.errors import CampaignWrong, EditionFixed
from content.utm import Utm
from flows.editions.parts import FILE, find_parts
from flows.editions.preparing import hash_of, render
from flows.keeping.fence import campaign_doubts, settle_in
from flows.outcome import Outcome, edition_outcome, find_outcome
from flows.programs import programs_of
from flows.resources import Resources
from subscribers.errors import BadSegment
from subscribers.segment import read_segment


def open_campaign(resources: Resources, path: str) -> Outcome:
    """Say how far the edition of a campaign has come; one that is not there yet is a draft to be.

    Raises:
        CampaignWrong: the file cannot be read, or something in it is not right.
    """
    campaign = _read(resources, Path(path))
    outcome = find_outcome(resources, campaign.key)
    if outcome.state is EditionState.APPROVED and not _is_as_approved(resources, campaign):
        why = f"{Path(path).name} has changed since it was approved"
        content.approval_store.reopen(resources.db, campaign.key, why)
        return edition_outcome(resources, campaign.key)
    if outcome.state in (EditionState.CLOSED, EditionState.CANCELLED):
        return replace(outcome, note=f"{outcome.note}; another `slug` makes another campaign")
    return outcome


def prepare_campaign(resources: Resources, path: str) -> Outcome:
    """Make or renew the draft of a campaign; one that is approved meanwhile is left as it is.

    What letters cannot show of it is told as warnings.

    Raises:
        CampaignWrong: the file cannot be read, or something in it is not right.
    """
    settle_in(resources)
    campaign = _read(resources, Path(path))
    with suppress(EditionFixed):  # another run was quicker; its edition is the one that counts
        _save(resources, campaign)
    warnings = [*campaign_doubts(resources), *campaign.dropped]
    return replace(edition_outcome(resources, campaign.key), warnings=warnings)


def _read(resources: Resources, path: Path) -> Campaign:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1).decode("utf-8")
    except OSError as error:
        raise CampaignWrong(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise CampaignWrong(f"{path.name}: it is not UTF-8, at byte {error.start}") from error
    programs = [program.name for program in resources.settings.program]
    site = resources.settings.site
    campaign = read_campaign(text, file=path.name, base=site, programs=programs)
    try:
        read_segment(campaign.segment)
    except BadSegment as error:
        raise CampaignWrong(f"{path.name}: {error}") from error
    return campaign


def _compose(resources: Resources, campaign: Campaign) -> Edition:
    settings = resources.settings
    return compose_campaign(
        campaign,
        language=settings.language,
        programs=programs_of(settings),
        last_program=content.store.last_program(resources.db, before=campaign.key),
        today=resources.today,
        utm=Utm(**settings.utm.model_dump()),
    )


def _is_as_approved(resources: Resources, campaign: Campaign) -> bool:
    parts = content.store.get_edition(resources.db, campaign.key).parts
    return parts.get(FILE, _hash_of(campaign)) == _hash_of(campaign)


def _hash_of(campaign: Campaign) -> str:
    return hashlib.sha256(repr(campaign).encode()).hexdigest()[:16]


def _save(resources: Resources, campaign: Campaign) -> None:
    edition = _compose(resources, campaign)
    letters = render(resources, edition, kicker="")
    parts = find_parts(resources, edition.kind, (), [call.program.name for call in edition.calls])
    content.store.save_draft(
        resources.db,
        edition,
        letters,
        None,
        content_hash=hash_of(resources, edition, letters),
        parts=parts | {FILE: _hash_of(campaign)},
        now=resources.clock.now(),
    )

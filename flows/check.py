"""Everything that would stop a send, looked for before it is needed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import content.store
from content.edition import Edition, EditionState
from content.errors import TemplateBroken
from content.markup.pictures import Picture
from content.note import KINDS
from content.preflight.finding import Finding, Level, in_order
from content.program import CallToAction, Program
from content.store import EditionRecord
from content.teaser import Teaser
from delivery.errors import ProviderError
from delivery.events.store import count_waiting, last_received
from flows.author.drift import find_changed_parts
from flows.author.notices import find_notices
from flows.editions.preflight import look_over
from flows.editions.preparing import render
from flows.errors import SettingsWrong
from flows.exits.self_test import find_outside
from flows.mailings.event_readers import open_reader
from flows.mailings.notes import render_sample
from flows.outcome import make_command
from flows.programs import programs_of
from flows.resources import Resources
from subscribers.leaving.erasure_store import lost_keys

_SOON_DAYS = 31


def check_newsletter(resources: Resources) -> list[Finding]:
    """What would stop the next send, or surprise its author; errors first.

    The settings themselves have been read by now.
    """
    found = [
        *_check_secrets(resources),
        *_check_provider(resources),
        *_check_erasures(resources),
        *_check_outside(resources),
        *_check_templates(resources),
        *check_programs(programs_of(resources.settings), resources.today),
        *_check_feeds(resources),
        *_check_drafts(resources),
    ]
    return in_order(list(dict.fromkeys(found)))  # letters share partials, and so their mistakes


def _check_secrets(resources: Resources) -> Iterator[Finding]:
    try:
        resources.require_secrets()
    except SettingsWrong as error:
        yield Finding(Level.ERROR, "secrets", str(error))
    if resources.on_trial:
        said = "links are signed with the key everybody knows: fine for a trial in the outbox only"
        yield Finding(Level.NOTE, "secrets", said, "LETTERMILL_SECRET_KEYS")


def _check_provider(resources: Resources) -> Iterator[Finding]:
    """What can be seen of it without asking it: a library that is not there."""
    try:
        resources.require_secrets()
    except SettingsWrong:  # told already
        return
    try:
        resources.provider().close()
        reader = open_reader(resources)
    except (ProviderError, SettingsWrong) as error:
        yield Finding(Level.ERROR, "provider", str(error), "provider")
        return
    if reader:
        yield Finding(Level.NOTE, "events", _heard_of(resources, reader.name), "/webhooks/")


def _heard_of(resources: Resources, provider: str) -> str:
    """Whether the webhook works: a wrong address at the provider is otherwise only a silence."""
    last = last_received(resources.db, provider)
    if last is None:
        return f"{provider} has told nothing yet; is our webhook's address set up there?"
    waiting = count_waiting(resources.db)
    more = f", and {waiting} events wait to be applied" if waiting else ""
    return (
        f"{provider} last told something on {last.astimezone(resources.zone):%Y-%m-%d %H:%M}{more}"
    )


def _check_erasures(resources: Resources) -> Iterator[Finding]:
    """An erased person is known again by a key; without it an old list brings them back."""
    try:
        lost = lost_keys(resources.db, resources.fingerprints)
    except SettingsWrong:  # no keys at all, which is told already
        return
    if lost:
        said = "a key is gone by which erased people are known again; put it back, first in the row"
        yield Finding(Level.ERROR, "secrets", said, "LETTERMILL_SECRET_KEYS")


def _check_outside(resources: Resources) -> list[Finding]:
    """What every mailing looks at before it begins: the way out, and the sender's DNS."""
    try:
        return find_outside(resources)
    except SettingsWrong:  # told already
        return []


def _check_templates(resources: Resources) -> Iterator[Finding]:
    """Render a letter of each kind that may be sent, with every part that it can have."""
    for kind in ("digest", "campaign"):
        try:
            render(resources, _sample_edition(kind, resources.settings.site), kicker="Sample")
        except TemplateBroken as error:
            yield Finding(Level.ERROR, "template", str(error))
    for note in KINDS:
        try:
            render_sample(resources, note)
        except TemplateBroken as error:
            yield Finding(Level.ERROR, "template", str(error))


def _sample_edition(kind: str, url: str) -> Edition:
    bare = Teaser(title="A post", link=url, excerpt="", day="May 1")
    short = replace(bare, excerpt="Words.", picture=Picture(url))
    whole = replace(bare, body="<p>Words.</p>", text="Words.")
    program = Program(name="It", url=url, headline="It", pitch="Join.", button="Join", image=url)
    return Edition(
        key=f"{kind}-sample",
        title="Sample",
        preheader="Sample",
        teasers=(short, short, whole, bare),
        body=whole.body,
        text=whole.text,
        call_to_action=CallToAction(program, "a sample"),
    )


def check_programs(programs: list[Program], today: date) -> Iterator[Finding]:
    """Programs whose offer is over, or will be soon; with none left, letters invite to nothing."""
    for program in programs:
        if program.ends is not None and program.ends < today:
            said = f"its offer ended on {program.ends}; take it out, or set a later `until`"
            yield Finding(Level.WARNING, "program", said, program.name)
        elif program.ends is not None and (program.ends - today).days <= _SOON_DAYS:
            yield Finding(Level.NOTE, "program", f"its offer ends on {program.ends}", program.name)
    if programs and not any(program.is_open(today) for program in programs):
        said = "no offer of any program stands today, so letters invite to nothing"
        yield Finding(Level.WARNING, "program", said)


def _check_feeds(resources: Resources) -> Iterator[Finding]:
    for notice in find_notices(resources):
        if not notice.edition:
            yield Finding(Level.WARNING, "news", notice.text)


def _check_drafts(resources: Resources) -> Iterator[Finding]:
    for edition in content.store.list_editions(resources.db):
        if edition.state is EditionState.DRAFT:
            for finding in _check_draft(resources, edition):
                if finding.level is not Level.NOTE:
                    yield replace(finding, text=f"{edition.key}: {finding.text}")


def _check_draft(resources: Resources, edition: EditionRecord) -> list[Finding]:
    """One that would be made otherwise now is not looked over: it cannot be sent as it is."""
    if changed := find_changed_parts(resources, edition):
        again = make_command(edition.key)
        said = f"{'; '.join(changed)} since this draft was made; {again} makes it anew"
        return [Finding(Level.ERROR, "draft", said)]
    return look_over(resources, edition.key)

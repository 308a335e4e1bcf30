"""What a yes stands for: the letter, and everything that every reader gets with it."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

import orjson

from content.letter import Letter
from content.program import NO_PROGRAM, OfferRule
from delivery.message import FormLetter
from flows.resources import Resources


def form_letter(resources: Resources, letter: Letter, sender_name: str = "") -> FormLetter:
    """The letter as it is handed over: with its sender and its way out."""
    settings = resources.settings
    return FormLetter(
        subject=letter.subject,
        sender_name=sender_name or settings.sender.name,
        sender_address=settings.sender.address,
        reply_to=settings.sender.reply_to,
        list_name=settings.name.replace('"', "'"),
        list_id=f"newsletter.{settings.sender.address.partition('@')[2]}",
        html=letter.html,
        text=letter.text,
        exit_url=(settings.page("unsubscribe/"), "exit", ""),
    )


def frozen_letter(
    resources: Resources, letter: Letter, *, key: str, sender_name: str
) -> FormLetter:
    """The letter of an edition as it is handed over, with what makes its mailing known to Gmail."""
    form = form_letter(resources, letter, sender_name)
    kind = key.partition("-")[0]
    domain = form.sender_address.partition("@")[2]
    return replace(form, feedback_id=f"{key}:{domain}:{kind}:lettermill")


def _approved(form: FormLetter) -> dict[str, Any]:
    """What of a letter a yes is said to: not what follows from the edition's key."""
    return {name: value for name, value in asdict(form).items() if name != "feedback_id"}


def approval_hash(
    resources: Resources,
    letters: Mapping[str, Letter],
    rules: Iterable[OfferRule],
    *,
    sender_name: str = "",
    segment: str = "",
) -> str:
    """Another hash for any other letter, sender, answer address, way out, or rule of who gets it.

    `letters` are by variant.
    """
    forms = {n: _approved(form_letter(resources, made, sender_name)) for n, made in letters.items()}
    offered = [asdict(rule) | {"not_for": sorted(rule.not_for)} for rule in rules]
    if list(forms) == [NO_PROGRAM] and not offered and not segment:
        content = orjson.dumps(forms[NO_PROGRAM])  # as it was when there was one letter for all
    else:
        content = orjson.dumps([forms, offered, segment], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()[:16]

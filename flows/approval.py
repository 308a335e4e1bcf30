"""What a yes stands for: the letter, and everything that every reader gets with it."""

import hashlib
from dataclasses import asdict

import orjson

from content.letter import Letter
from delivery.message import FormLetter
from flows.resources import Resources


def form_letter(resources: Resources, letter: Letter) -> FormLetter:
    """The letter as it is handed over: with its sender and its way out."""
    settings = resources.settings
    return FormLetter(
        subject=letter.subject,
        sender_name=settings.sender.name,
        sender_address=settings.sender.address,
        reply_to=settings.sender.reply_to,
        list_name=settings.name.replace('"', "'"),
        list_id=f"newsletter.{settings.sender.address.partition('@')[2]}",
        html=letter.html,
        text=letter.text,
        exit_url=(settings.exit_prefix, "exit", ""),
    )


def approval_hash(resources: Resources, letter: Letter) -> str:
    """Another hash for any other letter, sender, answer address or way out."""
    content = orjson.dumps(asdict(form_letter(resources, letter)))
    return hashlib.sha256(content).hexdigest()[:16]

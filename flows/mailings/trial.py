"""One letter of an edition to one address: the same bytes, and no trace in the ledger."""

import secrets
from contextlib import closing
from difflib import get_close_matches

import content.store
from content.letter import Letter
from content.letter_store import load_letters
from content.program import NO_PROGRAM
from delivery.errors import ProviderRefused
from delivery.message import Answer, Message
from flows.author.own_copy import own_values
from flows.editions.approval import frozen_letter
from flows.errors import SettingsWrong
from flows.resources import Resources
from subscribers.address import read_address


def send_trial(resources: Resources, key: str, to: str, program: str | None) -> None:
    """Hand one letter over; without a `program` it is the usual one, `none` is one without.

    Raises:
        BadAddress: it is none.
        NoSuchEdition: nothing was prepared under this key.
        SettingsWrong: the edition has no letter with this program.
        ProviderError: the provider did not take it.
    """
    address, edition = read_address(to), content.store.get_edition(resources.db, key)
    letter = _letter(load_letters(resources.db, key), program, usual=edition.program)
    form = frozen_letter(resources, letter, key=key, sender_name=edition.sender_name)
    batch = f"test-{secrets.token_hex(8)}"
    message = Message(f"{batch}.{key}", address.given, "", own_values(resources))
    with closing(resources.provider()) as provider:
        payload = provider.encode(batch, form, [message], now=resources.clock.now())
        [receipt] = provider.submit(payload).receipts
    if receipt.answer is not Answer.SUBMITTED:
        raise ProviderRefused(f"the provider did not take it: {receipt.reason}")


def _letter(letters: dict[str, Letter], program: str | None, *, usual: str) -> Letter:
    wanted = NO_PROGRAM if program == "none" else program or usual
    if wanted not in letters:
        near = get_close_matches(wanted, letters, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "`none` is the one without"
        raise SettingsWrong(f"no letter of it offers `{wanted}`; {hint}")
    return letters[wanted]

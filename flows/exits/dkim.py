"""The DKIM records of the sender's domain, by which signatures are proved (RFC 6376)."""

import binascii
from base64 import b64decode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from content.preflight.finding import Finding, Level
from flows.exits.lookup import LookUp, tags_of

MIN_BITS = 1024  # RFC 8301, section 3.2: a signature by a smaller key is not looked at
_ED25519_BYTES = 32  # RFC 8463
# Under which names each provider's keys stand, where they are the same for all its customers.
# Postmark's and SES's are an account's own, as in 20261101093000pm.
_SELECTORS = {
    "resend": ("resend",),
    "sendgrid": ("s1", "s2"),
    "mailgun": ("k1", "mx", "email", "pic", "smtp", "mailo", "krs"),
    "brevo": ("brevo1", "brevo2", "mail"),
}


class KeyState(Enum):
    """How a DKIM record stands."""

    GOOD = "good"
    MISSING = "missing"
    REVOKED = "revoked"
    WEAK = "weak"
    BROKEN = "broken"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The names where keys were looked for, and how each stands; `named` if by the author."""

    places: tuple[str, ...] = ()
    states: tuple[KeyState, ...] = ()
    named: bool = False


def key_places(domain: str, provider: str, selector: str) -> tuple[str, ...]:
    """The names under which keys may stand: the author's selector, else what the provider uses.

    A selector may be a whole name, where the provider signs for another domain of the author's.
    """
    if "._domainkey." in selector:
        return (selector,)
    selectors = (selector,) if selector else _SELECTORS.get(provider, ())
    return tuple(f"{each}._domainkey.{domain}" for each in selectors)


def read_keys(places: Sequence[str], look_up: LookUp, *, named: bool) -> SigningKeys:
    """Look the keys up."""
    return SigningKeys(tuple(places), tuple(_look_at(place, look_up) for place in places), named)


def judge_keys(domain: str, keys: SigningKeys, provider: str) -> Iterator[Finding]:
    """What is wrong with a domain's keys; where one is good, others are left from before."""
    if not keys.places:
        said = (
            f"the name of {provider}'s DKIM key is your account's own, so it was not looked at; "
            "put what stands before `._domainkey` into preflight.dkim_selector"
        )
        yield Finding(Level.NOTE, "dkim", said, domain)
    elif KeyState.GOOD not in keys.states and KeyState.SILENT not in keys.states:
        worst = next(state for state in _BY_WEIGHT if state in keys.states)
        yield _fault(domain, keys, worst, provider)


_BY_WEIGHT = (KeyState.REVOKED, KeyState.WEAK, KeyState.BROKEN, KeyState.MISSING)
_SAID = {
    KeyState.REVOKED: "the DKIM key is revoked (its p= is empty)",
    KeyState.WEAK: f"the DKIM key has fewer than {MIN_BITS} bits, and counts for nothing",
    KeyState.BROKEN: "the DKIM key cannot be read; was it cut off when it was pasted?",
}


def _fault(domain: str, keys: SigningKeys, state: KeyState, provider: str) -> Finding:
    if state is not KeyState.MISSING:
        place = keys.places[keys.states.index(state)]
        said = f"{_SAID[state]}; take the one that {provider} shows you now"
        return Finding(Level.ERROR, "dkim", said, place)
    if keys.named:
        said = f"there is no DKIM key, so {provider}'s signatures prove nothing; set it up there"
        return Finding(Level.ERROR, "dkim", said, keys.places[0])
    tried = ", ".join(place.partition(".")[0] for place in keys.places)
    said = (
        f"no DKIM key of {provider} was found (tried {tried}); if yours has another name, "
        "put it into preflight.dkim_selector"
    )
    return Finding(Level.WARNING, "dkim", said, domain)


def _look_at(place: str, look_up: LookUp) -> KeyState:
    found = look_up(place, "TXT")
    if found.silent:
        return KeyState.SILENT
    return _best(_read_key(text) for text in found.values)


def _best(states: Iterable[KeyState]) -> KeyState:
    """Of several texts under one name, the one that can be used (RFC 6376, section 3.6.2.2)."""
    found = set(states)
    return next(
        (state for state in (KeyState.GOOD, *_BY_WEIGHT) if state in found), KeyState.MISSING
    )


def _read_key(text: str) -> KeyState:
    tags = tags_of(text)
    if "p" not in tags or tags.get("v", "DKIM1") != "DKIM1":
        return KeyState.MISSING  # a text of another kind
    if not tags["p"]:
        return KeyState.REVOKED
    try:
        raw = b64decode("".join(tags["p"].split()), validate=True)
        if tags.get("k", "rsa") == "ed25519":
            return KeyState.GOOD if len(raw) == _ED25519_BYTES else KeyState.BROKEN
        key = load_der_public_key(raw)
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return KeyState.BROKEN
    if not isinstance(key, RSAPublicKey):
        return KeyState.BROKEN
    return KeyState.GOOD if key.key_size >= MIN_BITS else KeyState.WEAK

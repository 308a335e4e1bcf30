"""Know an address again that we no longer have: a keyed hash of it. Pure: the keys come in.

Without the key nobody can find out by trying whether somebody was here (GDPR recital 26).
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from subscribers.keys import derive, key_id


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The keyed hash of one address key, and the name of the key that made it."""

    value: str
    key_id: str


class Fingerprints:
    """Makes fingerprints with the newest key, and all that older keys would have made.

    `keys` are oldest first. A key may not be taken away while fingerprints of it are kept.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [(key_id(key), derive(key, "erasure")) for key in keys]

    @property
    def key_ids(self) -> set[str]:
        """The names of the keys there are."""
        return {name for name, _ in self._keys}

    def of(self, address_key: str) -> Fingerprint:
        """The fingerprint to keep."""
        return self.all_of(address_key)[-1]

    def all_of(self, address_key: str) -> list[Fingerprint]:
        """Every fingerprint that may have been kept of this address, oldest key first."""
        return [
            Fingerprint(hmac.digest(key, address_key.encode(), hashlib.sha256).hex(), name)
            for name, key in self._keys
        ]

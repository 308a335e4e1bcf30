"""Sign and read the links that only one reader has. Pure: the keys come in.

A token is `ID.KEY.SIGNATURE`: no address in it, nothing to guess, and it never expires, because
people leave by old mail (CAN-SPAM asks for 30 days, CASL for 60). KEY names the key that signed.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence

from itsdangerous import Signer

from subscribers.errors import BadLink
from subscribers.keys import ID_LENGTH, derive, key_id

_MAX_TOKEN = 200
# Characters of an id, a key's name and a signature, with dots between.
TOKEN_LENGTH = 12 + 1 + ID_LENGTH + 1 + 43
# 43 characters are 256 bits and two to spare, which we leave at zero. The first letters of all
# had no name of the key in their links.
_SHAPE = re.compile(
    rf"([A-Za-z0-9_-]+)(?:\.([A-Za-z0-9_-]{{{ID_LENGTH}}}))?\.[A-Za-z0-9_-]{{42}}[AEIMQUYcgkosw048]"
)


def new_id() -> str:
    """A name for somebody that says nothing of them and cannot be guessed: 72 random bits."""
    return secrets.token_urlsafe(9)


class ReaderLinks:
    """Signs links for one `purpose`; a token for another is not understood.

    `keys` are oldest first: the last one signs, every one is understood.
    """

    def __init__(self, keys: Sequence[str], purpose: str) -> None:
        derived = {key_id(key): derive(key, purpose) for key in keys}
        self._newest = key_id(keys[-1])
        self._by_id = {name: _signer([key]) for name, key in derived.items()}
        self._any = _signer(list(derived.values()))

    def sign(self, subscriber_id: str) -> str:
        """Make the token of one subscriber."""
        return self._by_id[self._newest].sign(f"{subscriber_id}.{self._newest}").decode()

    def read(self, token: str) -> str:
        """Tell whose token this is.

        Raises:
            BadLink: forged, cut short, or signed with a key that has been taken away.
        """
        # itsdangerous decodes leniently: it reads over characters that are not base64.
        shape = _SHAPE.fullmatch(token) if len(token) <= _MAX_TOKEN else None
        if shape is None or not self._signed(token, shape[2]):
            raise BadLink("the link is not one of ours, or was cut short")
        return shape[1]

    def _signed(self, token: str, key: str | None) -> bool:
        signer = self._by_id.get(key) if key else self._any
        return signer is not None and signer.validate(token)


def _signer(keys: Sequence[bytes]) -> Signer:
    # Signer would derive keys too, but for every token anew: half of its time.
    return Signer(keys, key_derivation="none", digest_method=hashlib.sha256)

"""Sign and read the links that only one reader has. Pure: the keys come in.

A token is `ID.SIGNATURE`: no address in it, nothing to guess, and it never expires, because
people leave by old mail (CAN-SPAM asks for 30 days, CASL for 60).
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence

from itsdangerous import BadSignature, Signer

from subscribers.errors import BadLink

_MAX_TOKEN = 200
TOKEN_LENGTH = 12 + 1 + 43  # characters of an id, a dot and a signature
# 43 characters are 256 bits and two to spare, which we leave at zero.
_SHAPE = re.compile(r".+\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")


def new_id() -> str:
    """A name for somebody that says nothing of them and cannot be guessed: 72 random bits."""
    return secrets.token_urlsafe(9)


class ReaderLinks:
    """Signs links for one `purpose`; a token for another is not understood.

    `keys` are oldest first: the last one signs, every one is understood.
    """

    def __init__(self, keys: Sequence[str], purpose: str) -> None:
        salt = f"lettermill {purpose}".encode()
        # Signer would derive them too, but for every token anew: half of its time.
        derived = [hmac.digest(key.encode(), salt, hashlib.sha256) for key in keys]
        self._signer = Signer(derived, key_derivation="none", digest_method=hashlib.sha256)

    def sign(self, subscriber_id: str) -> str:
        """Make the token of one subscriber."""
        return self._signer.sign(subscriber_id).decode()

    def read(self, token: str) -> str:
        """Tell whose token this is.

        Raises:
            BadLink: forged, cut short, or signed with a key that has been taken away.
        """
        # itsdangerous decodes leniently: it reads over characters that are not base64.
        if len(token) > _MAX_TOKEN or not _SHAPE.fullmatch(token):
            raise BadLink("the link is not one of ours, or was cut short")
        try:
            return self._signer.unsign(token).decode()
        except (BadSignature, UnicodeError) as error:
            raise BadLink("the link is not one of ours, or was cut short") from error

"""Messages of Amazon SNS: who signed them, and whether we asked for them.

Sources: docs.aws.amazon.com/sns, "Verifying the signatures of Amazon SNS messages", "HTTP/HTTPS
notification JSON format". A signature only proves that some topic of AWS sent it.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.x509 import load_pem_x509_certificate

from delivery.errors import BadEvent
from delivery.events.passwords import as_bytes, decode_base64
from delivery.events.reading import Fields, moment, text

NOTIFICATION = "Notification"
SUBSCRIPTION = "SubscriptionConfirmation"
_HOST = r"https://sns\.[a-zA-Z0-9-]{3,}\.amazonaws\.com(\.cn)?/"
_ADDRESS = re.compile(_HOST + r"[!-~]*")
_CERTIFICATE = re.compile(_HOST + r"[a-zA-Z0-9/_.-]+\.pem")
_LONGEST_AGE = timedelta(hours=2)  # SNS tries for an hour at most
_MOST_CERTIFICATES = 16
_OF_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_OF_SUBSCRIPTION = (
    "Message",
    "MessageId",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
)
_SIGNED = {
    NOTIFICATION: _OF_NOTIFICATION,
    SUBSCRIPTION: _OF_SUBSCRIPTION,
    "UnsubscribeConfirmation": _OF_SUBSCRIPTION,
}
_HASHES: dict[str, HashAlgorithm] = {"1": SHA1(), "2": SHA256()}
# Gives what is at an https address; raises ProviderUnavailable when it cannot be had now.
Fetch = Callable[[str], bytes]


class SnsCertificates:
    """The keys that SNS signs with, fetched from AWS once each."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._keys: dict[str, RSAPublicKey] = {}

    def key_at(self, url: str) -> RSAPublicKey:
        """The key of the certificate at an address.

        Raises:
            BadEvent: the address is not one of AWS, or what is there is no certificate.
            ProviderUnavailable: it cannot be had now.
        """
        if not _CERTIFICATE.fullmatch(url):
            raise BadEvent("ses: a webhook whose certificate is not at AWS")
        if url not in self._keys:
            self._keys[url] = _key_of(self._fetch(url))
            if len(self._keys) > _MOST_CERTIFICATES:
                del self._keys[next(iter(self._keys))]
        return self._keys[url]


def is_at_aws(url: str) -> bool:
    """Whether this address is one of SNS, over https and on its own port."""
    return _ADDRESS.fullmatch(url) is not None


def check_message(message: Fields, certificates: SnsCertificates, *, now: datetime) -> None:
    """Check the age of a message and its signature.

    Raises:
        BadEvent: too old, or not signed by SNS.
        ProviderUnavailable: the certificate cannot be had now.
    """
    sent = message.get("Timestamp")
    if not isinstance(sent, str) or now - moment(sent, now) > _LONGEST_AGE:
        raise BadEvent("ses: a webhook too old; is this machine's clock right?")
    method = _HASHES.get(text(message, "SignatureVersion"))
    if method is None or text(message, "Type") not in _SIGNED:
        raise BadEvent("ses: a webhook not signed by SNS; turn raw message delivery off")
    key = certificates.key_at(text(message, "SigningCertURL"))
    try:
        key.verify(decode_base64(text(message, "Signature")), _signed(message), PKCS1v15(), method)
    except InvalidSignature as error:
        raise BadEvent("ses: a webhook not signed by SNS") from error


def _signed(message: Fields) -> bytes:
    """Names and values in lines, in the order that SNS fixed; Subject only where there is one."""
    names = _SIGNED[text(message, "Type")]
    told = ((name, message.get(name)) for name in names)
    return b"".join(as_bytes(f"{n}\n{value}\n") for n, value in told if isinstance(value, str))


def _key_of(certificate: bytes) -> RSAPublicKey:
    try:
        key = load_pem_x509_certificate(certificate).public_key()
    except ValueError as error:
        raise BadEvent("ses: a webhook whose certificate is none") from error
    if not isinstance(key, RSAPublicKey):
        raise BadEvent("ses: a webhook whose certificate has a key of another kind")
    return key

"""Signs requests for Amazon (Signature Version 4), which needs botocore: the extra `ses`."""

from typing import TYPE_CHECKING

from requests import PreparedRequest
from requests.auth import AuthBase

from delivery.errors import AccountHalted

if TYPE_CHECKING:
    from botocore.auth import SigV4Auth

_SERVICE = "ses"


def signer(user: str, key: str, region: str) -> AuthBase:
    """Sign as the owner of an access key; `user` is its id, `key` its secret.

    Raises:
        AccountHalted: botocore is not installed.
    """
    try:
        from botocore.auth import SigV4Auth
        from botocore.credentials import Credentials
    except ImportError as error:
        raise AccountHalted(
            "provider ses needs botocore: install it with `pip install lettermill[ses]`"
        ) from error
    return _Signature(SigV4Auth(Credentials(user, key), _SERVICE, region))


class _Signature(AuthBase):
    """Signs each request as it leaves; safe in several threads, for it keeps nothing of one."""

    def __init__(self, signature: "SigV4Auth") -> None:
        self._signature = signature

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        from botocore.awsrequest import AWSRequest

        # Only what no proxy on the way may change is signed: the host, the body and the moment.
        signed = AWSRequest(method=request.method, url=request.url, data=request.body)
        self._signature.add_auth(signed)
        request.headers.update(signed.headers.items())
        return request

"""Ask the public site as a mail program or a link scanner does: no cookie, no redirect followed."""

import ssl
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError

from content.web.wire import NoAnswer, obey_deadlines, within
from flows.exits import answers
from flows.exits.answers import Fault, SiteAnswer

_AGENT = "Lettermill (tries the way out of its own letters)"
_MOST_BYTES = 64 * 1024
# OpenSSL's verify codes (openssl-verification-options(1)); what is left is a broken chain of trust.
_OUT_OF_DATE = (9, 10)
_OF_ANOTHER_NAME = (62, 64)


def ask(method: str, url: str, body: bytes = b"") -> SiteAnswer | Fault:
    """Make one request; whatever happens, it is over in the time that a mail program waits.

    Certificates are trusted as `requests` does: REQUESTS_CA_BUNDLE names others.
    """
    try:
        return within(answers.ASK_SECONDS, partial(_exchange, method, url, body))
    except (NoAnswer, requests.ReadTimeout):
        return Fault.SLOW
    except (requests.RequestException, HTTPError, OSError) as error:
        return _fault(error)


def _exchange(method: str, url: str, body: bytes) -> SiteAnswer:
    headers = {"User-Agent": _AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
    if body:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    with _session() as session:
        limits = (answers.ASK_SECONDS, answers.ASK_SECONDS)
        with session.request(
            method,
            url,
            data=body or None,
            headers=headers,
            timeout=limits,
            allow_redirects=False,
            stream=True,
        ) as answer:
            page = next(answer.iter_content(_MOST_BYTES), b"").decode("utf-8", "replace")
            return SiteAnswer(answer.status_code, page, _host_of(answer.headers.get("Location")))


def _session() -> requests.Session:
    """One for each request: without a cookie, and without a password of this machine's .netrc."""
    session = requests.Session()
    session.auth = _no_password
    adapter = HTTPAdapter(max_retries=0)
    obey_deadlines(adapter)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _no_password(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _host_of(location: str | None) -> str:
    try:
        return urlsplit(location or "").hostname or ""
    except ValueError:
        return ""


def _fault(error: BaseException) -> Fault:
    for cause in _behind(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _certificate_fault(cause.verify_code)
        if isinstance(cause, ssl.SSLError):
            return Fault.INSECURE
        if isinstance(cause, NameResolutionError):
            return Fault.NOWHERE
        if isinstance(cause, NewConnectionError | requests.ConnectTimeout):
            return Fault.DOWN
    return Fault.BROKEN


def _certificate_fault(code: int) -> Fault:
    if code in _OUT_OF_DATE:
        return Fault.EXPIRED
    return Fault.OTHER_NAME if code in _OF_ANOTHER_NAME else Fault.UNTRUSTED


def _behind(error: BaseException) -> Iterator[BaseException]:
    """The errors that lie in one of requests, one in the other, the outermost first."""
    while True:
        yield error
        inner = [getattr(error, "reason", None), *error.args, error.__cause__]
        found = next((each for each in inner if isinstance(each, BaseException)), None)
        if found is None:
            return
        error = found

"""One provider's HTTP API: a call is one request, and its failures are sorted by what comes next.

Nothing here tries again, and nothing added here may: the ledger decides that.
"""

import hashlib
import ssl
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from delivery.errors import (
    AccountHalted,
    NotSent,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    Throttled,
)

CONNECT_SECONDS = 5
READ_SECONDS = 60
# An answer is short; what is longer is no answer of an API.
_MOST_BYTES = 4 * 1024**2
_MOST_FETCHED = 64 * 1024
_Headers = Mapping[str, str]


class Api:
    """Calls one base address with the same headers; safe to use from several threads.

    `name` begins every error. `secret` makes `account`, which tells one account from another.
    """

    def __init__(
        self,
        name: str,
        base: str,
        *,
        secret: str,
        headers: _Headers | None = None,
        auth: AuthBase | tuple[str, str] | None = None,
    ) -> None:
        self.name = name
        self.account = hashlib.sha256(f"{base} {secret}".encode()).hexdigest()[:16]
        self._base = base.rstrip("/")
        self._headers = {"Accept": "application/json", **(headers or {})}
        self._auth = auth
        self._local = threading.local()
        self._sessions: list[requests.Session] = []

    def hand_over(
        self,
        path: str,
        body: bytes,
        *,
        kind: str = "application/json",
        headers: _Headers | None = None,
    ) -> requests.Response:
        """POST what must not be doubled, once; give the answer, whatever its status.

        Raises:
            NotSent: not even a connection.
            OutcomeUnknown: the connection broke, or no answer came in time.
        """
        try:
            return self._request("POST", path, body, {"Content-Type": kind, **(headers or {})})
        except requests.ConnectTimeout as error:
            raise NotSent(f"{self.name}: no connection in {CONNECT_SECONDS} seconds") from error
        except requests.ConnectionError as error:
            if _never_left(error):
                raise NotSent(f"{self.name}: no connection") from error
            raise OutcomeUnknown(f"{self.name}: the connection broke before an answer") from error
        except requests.RequestException as error:
            what = type(error).__name__
            raise OutcomeUnknown(f"{self.name}: {what} before an answer") from error

    def ask(self, method: str, path: str, body: bytes = b"", params: _Headers | None = None) -> Any:
        """Call what may be called again; give its JSON.

        Raises:
            ProviderUnavailable: no answer, or none that is JSON.
            AccountHalted: the key is wrong or may not do this.
        """
        kind = {"Content-Type": "application/json"} if body else {}
        try:
            answer = self._request(method, path, body, kind, params)
        except requests.RequestException as error:
            what = type(error).__name__
            raise ProviderUnavailable(f"{self.name}: no answer ({what})") from error
        if answer.status_code in (401, 403):
            raise AccountHalted(f"{self.name}: HTTP {answer.status_code}, the key may not do this")
        if not answer.ok:
            raise ProviderUnavailable(
                f"{self.name}: HTTP {answer.status_code}", wait=wait_named(answer)
            )
        return json_of(answer, self.name, ProviderUnavailable)

    def close(self) -> None:
        """Give every connection back."""
        for session in self._sessions:
            session.close()

    def _request(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: _Headers,
        params: _Headers | None = None,
    ) -> requests.Response:
        return self._session().request(
            method,
            path if path.startswith("http") else f"{self._base}{path}",
            data=body or None,
            params=params,
            headers={**self._headers, **headers},
            auth=self._auth,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
        )

    def _session(self) -> requests.Session:
        """This thread's own: a session of `requests` is not made for several."""
        if not hasattr(self._local, "session"):
            session = requests.Session()
            # Else a .netrc of this machine would put its own password in place of ours.
            session.auth = self._auth or _no_password
            self._local.session = session
            self._sessions.append(session)
        session = self._local.session
        assert isinstance(session, requests.Session)
        return session


def fetch(url: str) -> bytes:
    """GET what stands at an address that we have found to be a provider's own: a certificate.

    Raises:
        ProviderUnavailable: it cannot be had.
    """
    try:
        with requests.get(url, timeout=(5, 10), allow_redirects=False, stream=True) as answer:
            answer.raise_for_status()
            return bytes(answer.raw.read(_MOST_FETCHED, decode_content=True))
    except (requests.RequestException, HTTPError) as error:
        what = type(error).__name__
        raise ProviderUnavailable(f"an address of the provider gives no answer ({what})") from error


def sort_status(answer: requests.Response, name: str) -> ProviderError:
    """What an answer without a success means where the provider has no words of its own."""
    status = answer.status_code
    if status == requests.codes.too_many_requests:
        wait = wait_named(answer)
        return Throttled(f"{name}: HTTP 429, it asks us to wait", wait=wait)
    if status in (401, 403):
        return AccountHalted(f"{name}: HTTP {status}, the key is wrong or may not send")
    return OutcomeUnknown(f"{name}: HTTP {status}, which leaves open what became of the batch")


def json_of(answer: requests.Response, name: str, otherwise: type[ProviderError]) -> Any:
    """The JSON of an answer.

    Raises:
        ProviderError: the kind asked for; there is none in it.
    """
    try:
        if len(answer.content) > _MOST_BYTES:
            raise ValueError("too long")
        return orjson.loads(answer.content)
    except ValueError as error:
        raise otherwise(f"{name}: an answer that is not JSON") from error


def wait_named(answer: requests.Response, header: str = "Retry-After") -> float | None:
    """The seconds that a header names as Retry-After does (RFC 9110, 10.2.3): a number, or a date.

    Some providers have a header of their own.
    """
    hint = answer.headers.get(header, "").strip()
    if hint.isascii() and hint.isdigit():
        return float(hint)
    return seconds_until(hint, answer)


def seconds_until(date: str, answer: requests.Response) -> float | None:
    """How long until a date of RFC 5322, by the clock of who answered; None if it is none."""
    until, now = _moment(date), _moment(answer.headers.get("Date", ""))
    return max(0.0, (until - now).total_seconds()) if until and now else None


def _moment(date: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _no_password(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _never_left(error: requests.ConnectionError) -> bool:
    """Tell whether not even the connection was made: DNS, nobody listening, a wrong certificate.

    Any other TLS error may come while the answer is read, when the batch has been taken.
    """
    reason = getattr(error.args[0], "reason", None) if error.args else None
    cause = reason.args[0] if isinstance(reason, Exception) and reason.args else None
    certificate = isinstance(cause, ssl.SSLCertVerificationError)
    return certificate or type(reason).__name__ in ("NewConnectionError", "NameResolutionError")

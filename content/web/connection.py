"""Ask a web server, and be done in time: bounds on seconds, bytes, redirects and where they lead.

Knows nothing of feeds. Whatever a stranger's server does ends in a `Reply` or in `NoAnswer`.
"""

import logging
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter

from content.web.wire import NoAnswer, NoSuchHost, PrivateHost, TooLarge, obey_deadlines, within

CONNECT_SECONDS = 5
READ_SECONDS = 30
MAX_REDIRECTS = 5
CHUNK_BYTES = 64 * 1024
AGENT = "Lettermill (turns a blog's feed into e-mail)"

# It warns of each address it refuses; our error says so, and is one line.
logging.getLogger("requests_hardened").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said in the end: `body` of a 200 only, decompressed; lower-case `headers`.

    `hops` are the statuses of the redirects on the way to `url`.
    """

    status: int
    url: str
    headers: dict[str, str]
    body: bytes
    hops: tuple[int, ...]


class Web:
    """Two ways to the web: anywhere, for addresses the author wrote, and to public ones only.

    The second looks a name up itself and connects to the very address it has checked, so a name
    server that answers differently the second time gains nothing.
    """

    def __init__(self, *, trust_env: bool = True) -> None:
        self._anywhere = _session(HTTPAdapter(), HTTPAdapter(), trust_env)
        http, https = (IPFilterAdapter(is_https_proto=tls) for tls in (False, True))
        self._public = _session(http, https, trust_env)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._anywhere.close()
        self._public.close()

    def ask(
        self,
        url: str,
        *,
        headers: dict[str, str],
        seconds: float,
        max_bytes: int,
        own: bool = False,
        private: bool = False,
    ) -> Reply:
        """Get `url` within `seconds`, and of a 200 the body, unless `max_bytes` is 0.

        Addresses that are not public are refused, unless they are the author's `own` (which goes
        for the first only, not for redirects) or all may be `private`.

        Raises:
            NoAnswer: for any reason there can be.
        """
        anywhere = own or private
        return within(seconds, partial(self._exchange, url, headers, max_bytes, anywhere, private))

    def _exchange(
        self, url: str, headers: dict[str, str], max_bytes: int, anywhere: bool, private: bool
    ) -> Reply:
        try:
            request = requests.Request("GET", url, headers=headers)
            prepared = self._anywhere.prepare_request(request)
            answer, hops = self._follow(prepared, anywhere, private)
            with answer:
                wanted = max_bytes if answer.status_code == requests.codes.ok else 0
                body = _read_capped(answer, wanted) if wanted else b""
        except NoAnswer:
            raise
        # Bytes of strangers bring errors of many kinds out of requests, urllib3, http.client and
        # the decoders; the kind is named where we have no words for it.
        except Exception as error:
            raise _kind(error)(_why(error)) from error
        said = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status_code, answer.url, said, body, hops)

    def _follow(
        self, request: requests.PreparedRequest, anywhere: bool, private: bool
    ) -> tuple[requests.Response, tuple[int, ...]]:
        """Go where redirects lead; requests leaves a password behind where the host changes."""
        hops: tuple[int, ...] = ()
        while len(hops) <= MAX_REDIRECTS:
            answer = _send(self._anywhere if anywhere else self._public, request)
            if answer.next is None:
                return answer, hops
            request, anywhere = answer.next, private
            hops = (*hops, answer.status_code)
        raise NoAnswer(f"more than {MAX_REDIRECTS} redirects")


def _send(session: requests.Session, request: requests.PreparedRequest) -> requests.Response:
    # What `session.get` would do by itself: proxies and certificates as the machine has them.
    settings = session.merge_environment_settings(request.url or "", {}, True, None, None)
    limits = (CONNECT_SECONDS, READ_SECONDS)
    return session.send(request, timeout=limits, allow_redirects=False, **settings)


def _read_capped(answer: requests.Response, max_bytes: int) -> bytes:
    body = bytearray()
    for chunk in answer.iter_content(CHUNK_BYTES):
        body += chunk
        if len(body) > max_bytes:
            raise TooLarge(too_large(max_bytes))
    return bytes(body)


def too_large(max_bytes: int) -> str:
    """The reason for refusing what has more bytes than that."""
    return f"larger than {max_bytes // 1024**2} MiB, which no feed is"


def _why(error: Exception) -> str:
    """The failure in words; requests reports a stall in the middle as a connection error."""
    cause = error.args[0] if error.args else None
    if isinstance(error, InvalidIPAddress):
        return (
            "it redirects to a private address; if that is meant, "
            "set `private = true` for this feed"
        )
    if isinstance(error, requests.exceptions.InvalidSchema):
        return "it redirects to something that is no web address"
    if isinstance(error, requests.ConnectTimeout):
        return f"no connection in {CONNECT_SECONDS} seconds"
    if isinstance(error, requests.exceptions.SSLError):
        return "the connection is not secure: its certificate, or no TLS at that address"
    if isinstance(error, requests.Timeout) or type(cause).__name__ == "ReadTimeoutError":
        return f"no answer in {READ_SECONDS} seconds"
    if _reasons(error) & {"NewConnectionError", "NameResolutionError", "gaierror"}:
        return "no connection; is the address right?"
    if isinstance(error, requests.ConnectionError):
        return "the connection broke before the end"
    return f"not readable ({type(error).__name__})"


def _kind(error: Exception) -> type[NoAnswer]:
    """Which of the failures it is that somebody tells from others."""
    if isinstance(error, InvalidIPAddress):
        return PrivateHost
    return NoSuchHost if _reasons(error) & {"NameResolutionError", "gaierror"} else NoAnswer


def _reasons(error: Exception) -> set[str]:
    """The kinds of error that lie behind one of requests."""
    cause = error.args[0] if error.args else None
    behind = (error, getattr(cause, "reason", None), error.__cause__)
    return {type(reason).__name__ for reason in behind}


def _session(http: HTTPAdapter, https: HTTPAdapter, trust_env: bool) -> requests.Session:
    session = requests.Session()
    session.trust_env = trust_env
    session.headers["User-Agent"] = AGENT
    session.hooks["response"] = [_leave_the_body]
    for scheme, adapter in (("http://", http), ("https://", https)):
        obey_deadlines(adapter)
        session.mount(scheme, adapter)
    return session


def _leave_the_body(answer: requests.Response, **_: Any) -> None:
    """Hang up on a redirect: requests would read all its body, however large it unpacks."""
    if answer.is_redirect:
        answer.close()

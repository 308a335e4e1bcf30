"""The Prefect server that is configured: whether it answers, lets us in, and is of our version."""

from http import HTTPStatus

import httpx
import prefect
from prefect.client.base import ServerType
from prefect.client.orchestration import get_client
from prefect.settings import get_current_settings

from flows.errors import SettingsWrong

_WAIT = 10  # seconds
_NOT_LET_IN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def require_configured_server() -> str:
    """Give the address of its API.

    Raises:
        SettingsWrong: it is down, does not let us in, or is of another version.
    """
    url = str(get_current_settings().api.url or "")
    try:
        version = _ask_version()
    except httpx.HTTPStatusError as error:
        raise SettingsWrong(_say_refusal(url, error.response.status_code)) from error
    except (httpx.HTTPError, OSError, ValueError) as error:
        raise SettingsWrong(
            f"no Prefect server answers at {url}, where PREFECT_API_URL points; "
            "start it, or unset PREFECT_API_URL to run without"
        ) from error
    theirs, ours = _release(version), _release(prefect.__version__)
    if theirs != ours:
        raise SettingsWrong(
            f"the Prefect server at {url} is of version {theirs}, and here is {ours}; "
            "run the same on both sides"
        )
    return url


def _ask_version() -> str:
    """The server's version; Prefect Cloud's is always one that suits."""
    with get_client(httpx_settings={"timeout": _WAIT}, sync_client=True) as client:
        if client.server_type is ServerType.CLOUD:
            return prefect.__version__
        return str(client.api_version())


def _say_refusal(url: str, status: int) -> str:
    if status in _NOT_LET_IN:
        return (
            f"the Prefect server at {url} does not let us in; "
            "PREFECT_API_AUTH_STRING is not its name and password"
        )
    return f"what answers at {url} is no Prefect server, or a broken one (HTTP {status})"


def _release(version: str) -> str:
    """Releases of one minor version understand each other."""
    return ".".join(version.split(".")[:2])

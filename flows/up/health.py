"""Whether a part of `lettermill up` does its work: ask it as those who need it would."""

import base64
import json
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from flows.up.parts import FLOWS, PREFECT, SITE, Part, Places

# The process that runs the flows asks for work every 10 seconds.
_POLLED_WITHIN = timedelta(seconds=90)
_WAIT = 4  # seconds
# Of the many flows one is looked at: they are polled for together.
_DEPLOYMENT = "/api/deployments/name/dispatch/every-five-minutes"
# Nothing of this machine is asked through a proxy.
_straight = build_opener(ProxyHandler({}))


def answers(part: Part, places: Places, password: str, age: float) -> bool:
    """Ask a part whose process has run for `age` seconds."""
    try:
        if part.name == PREFECT:
            _get(f"{places.prefect}/api/ready", password)
        elif part.name == FLOWS:
            return not places.prefect or _asks_for_work(places, password, age)
        else:
            _get(f"{places.site}/healthz")
    except HTTPError:  # the site is there, and says that it has too much to do, or a full disk
        return part.name == SITE
    except (OSError, HTTPException, ValueError):  # whatever it is, it is no answer
        return False
    return True


def _asks_for_work(places: Places, password: str, age: float) -> bool:
    """Whether this process, and not one before it, has asked the server for work lately."""
    found, asked_at = _get(f"{places.prefect}{_DEPLOYMENT}", password)
    polled = json.loads(found).get("last_polled")
    if not polled:
        return False
    ago = asked_at - datetime.fromisoformat(polled.replace("Z", "+00:00"))
    return bool(ago < min(_POLLED_WITHIN, timedelta(seconds=age)))


def _get(address: str, password: str = "") -> tuple[bytes, datetime]:
    """What stands at an address of this machine, and what time it is there."""
    request = Request(address)
    if password:
        secret = base64.b64encode(password.encode()).decode()
        request.add_header("Authorization", f"Basic {secret}")
    with _straight.open(request, timeout=_WAIT) as answer:
        return answer.read(), parsedate_to_datetime(answer.headers["Date"])

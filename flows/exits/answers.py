"""What the site's answers to a probe say of the readers' way out. Pure."""

import re
from dataclasses import dataclass
from enum import Enum

from content.markup.tree import readable
from content.preflight.finding import Finding, Level, shorten
from subscribers.leaving.unsubscribe import ONE_CLICK_DONE

# What a mail program may wait for; no source gives a number.
ASK_SECONDS = 10.0
_FORM = re.compile(r"<form\b[^>]*\bmethod\s*=\s*[\"']?post\b", re.IGNORECASE)


class Fault(Enum):
    """Why no answer came at all."""

    DOWN = "down"
    NOWHERE = "nowhere"
    SLOW = "slow"
    EXPIRED = "expired"
    UNTRUSTED = "untrusted"
    OTHER_NAME = "other name"
    INSECURE = "insecure"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class SiteAnswer:
    """What the site said: the beginning of its page, and the host that a redirect leads to."""

    status: int
    body: str = ""
    leads_to: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """One request on a probe's link (HEAD, GET or POST): what came, and had the probe left then.

    `page` is what GET had shown before.
    """

    method: str
    answer: SiteAnswer | Fault
    left: bool
    page: str = ""


def judge_trial(trial: Trial, where: str) -> Finding | None:
    """What is wrong with the way out by one trial; of HEAD, only what it changes."""
    if trial.left and trial.method != "POST":
        return _error("exit-get", _ACTS.format(trial.method), where)
    if isinstance(trial.answer, Fault):
        return _error(*_FAULTS[trial.answer], where)
    if trial.method == "HEAD":
        return None
    if not 200 <= trial.answer.status < 300:
        return _refused(trial.method, trial.answer, where)
    return _judge_post(trial, trial.answer, where) if trial.method == "POST" else None


def is_unknown_link(method: str, answer: SiteAnswer | Fault) -> bool:
    """Whether the site has no page for the link: then its health tells whose fault that is."""
    return method == "GET" and isinstance(answer, SiteAnswer) and answer.status in (404, 410)


def judge_unknown_link(health: SiteAnswer | Fault, where: str) -> Finding:
    """What it means that a link is not known, by what the site says at /healthz."""
    ours = isinstance(health, SiteAnswer) and health.status == 200 and health.body.strip() == "ok"
    return _error(*(_OTHER_KEYS if ours else _ANOTHER_SITE), where)


def _refused(method: str, answer: SiteAnswer, where: str) -> Finding:
    status = answer.status
    if 300 <= status < 400:
        elsewhere = shorten(readable(answer.leads_to)) or "another page"
        said = (
            f"{method} is redirected to {elsewhere}, and mail programs do "
            "not follow (RFC 8058, 3.1); write the address it leads to into public_url"
        )
        return _error("exit-moved", said, where)
    if status in (401, 407):
        said = f"{method} is asked to log in ({status}), which no reader can; {_LET_THROUGH}"
    elif status in (403, 429):
        said = f"{method} is turned away ({status}) by a firewall or a limit; {_LET_THROUGH}"
    elif status >= 500 and status != 501:
        said = f"{method} is answered {status}: the site behind it is ill; see `lettermill serve`"
    else:
        said = f"{method} is not let through (answer {status}); {_LET_THROUGH}"
    return _error("exit-refused", said, where)


def _judge_post(trial: Trial, answer: SiteAnswer, where: str) -> Finding | None:
    """What is wrong where GET and POST were answered well: nobody left, or nobody could by hand.

    A site with another list has no button either, for who is not on it; so that is told first.
    """
    if not trial.left and answer.body == ONE_CLICK_DONE:
        return _error("exit-database", _ANOTHER_DATABASE, where)
    if not _FORM.search(trial.page):
        return _error("exit-page", _NO_BUTTON, where)
    if trial.left:
        return None
    said = _POST_AS_GET if answer.body == trial.page else _A_PAGE_FOR_PEOPLE
    return _error("exit-post", said, where)


def _error(rule: str, said: str, where: str) -> Finding:
    return Finding(Level.ERROR, rule, f"the way out: {said}", where)


_LET_THROUGH = "let GET and POST to /unsubscribe/ through for everybody"
_ACTS = (
    "{} alone takes a reader off the list, and link scanners would empty it; only a POST may act: "
    "is that an old Lettermill, or something in front of it?"
)
_NO_BUTTON = (
    "the page has no button to leave by; something in front shows its own page (a check for "
    "robots, a log-in), or your template has lost its form"
)
_OTHER_KEYS = (
    "exit-keys",
    "the site does not know its own link; give `lettermill serve` the LETTERMILL_SECRET_KEYS that "
    "letters are signed with, and start it again",
)
_ANOTHER_SITE = (
    "exit-elsewhere",
    "another site answers there, which has no such page (404); "
    "lead public_url to `lettermill serve`",
)
_ANOTHER_DATABASE = (
    "the site said yes to the POST, and nobody left here; `lettermill serve` works on another "
    "folder or an old copy of lettermill.db, or was not started again after an update"
)
_POST_AS_GET = (
    "the POST was answered like a GET, so nobody left; something in front makes one of the other "
    "(a redirect behind the proxy does so too): let it pass a POST on as it is"
)
_A_PAGE_FOR_PEOPLE = (
    "the POST was answered with a page that is not ours (a check for robots?), and nobody left; "
    + _LET_THROUGH
)
_FAULTS = {
    Fault.DOWN: (
        "exit-silent",
        "nobody answers there; start `lettermill serve` and the proxy before it (if only this "
        "machine cannot reach it, preflight.exits = false)",
    ),
    Fault.NOWHERE: ("exit-silent", "no machine has that name; correct public_url, or its DNS"),
    Fault.SLOW: (
        "exit-silent",
        f"no answer in {ASK_SECONDS:.0f} seconds, and mail programs wait no longer; "
        "see what keeps the site or its proxy busy",
    ),
    Fault.EXPIRED: ("exit-certificate", "its certificate is out of date; renew it"),
    Fault.UNTRUSTED: (
        "exit-certificate",
        "its certificate is signed by nobody that mail programs trust (self-signed, or the chain "
        "is not whole); get one of a public authority",
    ),
    Fault.OTHER_NAME: (
        "exit-certificate",
        "its certificate is for another name; get one for the name in public_url",
    ),
    Fault.INSECURE: (
        "exit-certificate",
        "no secure connection could be made; is there https at that address and port?",
    ),
    Fault.BROKEN: (
        "exit-silent",
        "the connection broke before an answer came; see the logs of the site and its proxy",
    ),
}

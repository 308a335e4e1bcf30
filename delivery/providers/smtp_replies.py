"""What an SMTP server answers, and what a no of it means. Pure."""

import re
from dataclasses import dataclass
from enum import Enum

from delivery.errors import AccountHalted, LetterRefused, NotSent, ProviderError, Throttled
from delivery.message import Answer

CLOSING = 421  # RFC 5321, 3.8: the server hangs up, whatever was asked
_LOGIN = (530, 534, 535, 538)  # RFC 4954, section 6
_STATUS = re.compile(r"[245]\.(\d{1,3}\.\d{1,3})\b")
_QUEUED = re.compile(r"queued as <?([A-Za-z0-9]{5,40})\b")

# By subject and detail of the enhanced status code (RFC 3463, RFC 7505), then by subject alone,
# then by the plain code (RFC 5321, 4.2.3) where there is none.
_BY_STATUS = {
    "1.1": "no such mailbox",
    "1.2": "no such domain",
    "1.6": "the mailbox has moved",
    "1.10": "the domain takes no mail",
    "2.1": "the mailbox is disabled",
    "2.2": "the mailbox is full",
    "2.3": "the letter is too large",
}
_BY_SUBJECT = {
    "1": "invalid address",
    "2": "the mailbox takes no mail",
    "3": "trouble at the server",
    "4": "no way to the domain",
    "6": "refused for its content",
    "7": "refused by policy",
}
_BY_CODE = {
    501: "invalid address",
    550: "the mailbox takes no mail",
    551: "the mailbox has moved",
    552: "the mailbox is full",
    553: "invalid address",
    554: "refused by policy",
    556: "the domain takes no mail",
}
_MALFORMED = (501, 551, 553, 556)  # of an address, whatever the status says beside it


class Step(Enum):
    """What is answered; the first three make the envelope of a message."""

    SENDER = "MAIL"
    RECIPIENT = "RCPT"
    DATA = "DATA"
    CONTENT = "the final dot"


@dataclass(frozen=True, slots=True)
class SmtpReply:
    """One answer, of however many lines. `text` is the server's: read here, and never shown."""

    code: int
    text: str

    @property
    def kind(self) -> int:
        """The first digit: 2 is yes, 3 go on, 4 not now, 5 no."""
        return self.code // 100

    @property
    def status(self) -> str:
        """Subject and detail of the enhanced status code, as in '1.1', or ''."""
        found = _STATUS.match(self.text)
        return found[1] if found else ""

    @property
    def queue_id(self) -> str:
        """The name under which Postfix queued a message, or ''."""
        found = _QUEUED.search(self.text)
        return found[1] if found else ""

    @property
    def numbers(self) -> str:
        """What may be shown of it."""
        return f"{self.code} {self.kind}.{self.status}" if self.status else f"{self.code}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a no means: for this reader, or, if there is a `trouble`, for everybody.

    `if_again` is the trouble that it is when the next reader is answered so too.
    """

    answer: Answer
    reason: str = ""
    trouble: ProviderError | None = None
    if_again: ProviderError | None = None


def judge(step: Step, reply: SmtpReply) -> Refusal:
    """Sort an answer of the 400s or 500s by what to do next."""
    trouble = _trouble(step, reply)
    if trouble:
        return Refusal(Answer.NOT_NOW, trouble=trouble)
    answer = Answer.NOT_NOW if reply.kind == 4 else Answer.REFUSED
    again = None if _is_about_address(step, reply) else _trouble_if_again(step, reply)
    return Refusal(answer, _reason(step, reply), if_again=again)


def _trouble(step: Step, reply: SmtpReply) -> ProviderError | None:
    """What an answer says of everybody at once, if it does."""
    if reply.code in _LOGIN:
        return AccountHalted(f"smtp: the server wants another login ({reply.numbers})")
    if reply.kind == 4:
        return _trouble_for_now(step, reply)
    if reply.status == "3.4" or (step is Step.SENDER and reply.code == 552):
        return LetterRefused(f"smtp: the letter is too large for the server ({reply.numbers})")
    if step is not Step.SENDER:
        return None
    return AccountHalted(
        f"smtp: the server refuses the sender ({reply.numbers}); "
        "check the sender's address and what the account may send"
    )


def _trouble_for_now(step: Step, reply: SmtpReply) -> ProviderError | None:
    if reply.code == CLOSING and reply.status.startswith("4."):
        return NotSent(f"smtp: the server closed the connection ({reply.numbers})")
    full = reply.code == 452 and not reply.status
    slow = reply.status.startswith("3.") or reply.status == "5.3"
    if reply.code == CLOSING or step is Step.SENDER or full or slow:
        return Throttled(f"smtp: the server takes no more for now ({reply.numbers})")
    return None


def _trouble_if_again(step: Step, reply: SmtpReply) -> ProviderError:
    if reply.kind == 4:
        return Throttled(f"smtp: the server puts off one letter after another ({reply.numbers})")
    if step is Step.RECIPIENT:
        return AccountHalted(
            f"smtp: the server takes no recipient from us ({reply.numbers}); "
            "check the login and to whom the account may send"
        )
    return LetterRefused(f"smtp: the server refuses the letter itself ({reply.numbers})")


def _is_about_address(step: Step, reply: SmtpReply) -> bool:
    """Whether only this reader is meant: a mailbox, or a domain, and no policy."""
    subject = reply.status.partition(".")[0]
    if step is not Step.RECIPIENT:
        return subject in ("1", "2")
    if reply.code in _MALFORMED:
        return True
    return subject in ("1", "2", "4") if subject else reply.code in (450, 550, 552)


def _reason(step: Step, reply: SmtpReply) -> str:
    if reply.status:
        subject = reply.status.partition(".")[0]
        return _BY_STATUS.get(reply.status) or _BY_SUBJECT.get(subject, "refused")
    if reply.kind == 4:
        return "not now"
    if step is not Step.RECIPIENT:  # the plain code says nothing of the mailbox then
        return "refused for its content"
    return _BY_CODE.get(reply.code, "refused")

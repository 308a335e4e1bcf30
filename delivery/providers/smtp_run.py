"""One call over one connection: message after message, and exactly what became of each.

While the content of one message leaves, the envelope of the next one follows behind it (RFC 2920),
so a message costs one wait for the server. A content is sent only after the server asked for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from delivery.errors import (
    AccountHalted,
    LetterRefused,
    NotSent,
    OutcomeUnknown,
    ProviderError,
    Throttled,
)
from delivery.message import Answer, Handover, Receipt
from delivery.providers.smtp_replies import SmtpReply, Step, judge
from delivery.providers.smtp_session import CONTENT_SECONDS, Broken, SmtpSession

_ENVELOPE = {Step.SENDER: 2, Step.RECIPIENT: 2, Step.DATA: 3}  # and the kind of their yes


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpLetter:
    """A message with its envelope; a `recipient` of '' is one that SMTP cannot reach.

    `content` is what follows DATA, its final dot included.
    """

    send_key: str
    message_id: str
    sender: str
    recipient: str
    content: bytes


class SmtpRun:
    """Hands letters over on an idle connection, which it drops when there is trouble."""

    def __init__(self, session: SmtpSession, letters: Sequence[SmtpLetter]) -> None:
        self._session = session
        self._letters = letters
        self._receipts = [Receipt(letter.send_key, Answer.NOT_NOW) for letter in letters]
        self._trouble: ProviderError | None = None
        self._left: int | None = None  # whose final dot left us, and was not answered yet
        self._doubted: list[int] = []  # refused in a row, for what may be said to everybody
        self._taken = 0

    def hand_over(self) -> Handover:
        """Hand all over, or as many as go."""
        try:
            self._go()
        except Broken as error:
            self._break_off(error)
        if self._trouble:
            self._session.drop()
        return Handover(tuple(self._receipts), self._trouble)

    def _go(self) -> None:
        ready: int | None = None  # the server waits for its content
        for place, letter in enumerate(self._letters):
            if not self._may_be_offered(place, letter):
                continue
            self._give(ready)
            self._ask(letter)
            self._settle(ready)
            if self._trouble:
                return
            ready = place if self._is_wanted(place) else None
        self._give(ready)
        self._settle(ready)

    def _may_be_offered(self, place: int, letter: SmtpLetter) -> bool:
        """Look for what the server need not be asked."""
        size, most = len(letter.content), self._session.most_bytes
        if most and size > most:
            self._trouble = LetterRefused(
                f"smtp: a letter of {size} bytes, the server takes {most}"
            )
        if not letter.recipient:
            self._answer(place, Answer.REFUSED, reason="invalid address")
        return bool(letter.recipient) and self._trouble is None

    def _ask(self, letter: SmtpLetter) -> None:
        size = f" SIZE={len(letter.content)}" if self._session.tells_size else ""
        reset = [b"RSET\r\n"] if self._session.unclean else []
        sender = f"MAIL FROM:<{letter.sender}>{size}\r\n".encode("ascii")
        recipient = f"RCPT TO:<{letter.recipient}>\r\n".encode("ascii")
        self._session.ask([*reset, sender, recipient, b"DATA\r\n"])

    def _is_wanted(self, place: int) -> bool:
        """Read what was said to an envelope: whether its content may follow."""
        if self._session.unclean and self._session.read().kind != 2:
            raise Broken("the server does not forget an envelope")
        refused = False
        for step, yes in _ENVELOPE.items():
            reply = self._session.read()
            if not refused and reply.kind != yes:
                refused = True
                self._refuse(place, step, reply)
        self._session.unclean = refused
        if refused and reply.kind == 3 and not self._trouble:
            self._end_empty()
        return not refused

    def _end_empty(self) -> None:
        """RFC 2920, 3.1: who asks for a content that goes to nobody gets none."""
        self._session.give(b".\r\n")
        self._session.read()

    def _give(self, place: int | None) -> None:
        if place is not None and self._session.give(self._letters[place].content):
            self._left = place

    def _settle(self, place: int | None) -> None:
        """Read what was said to a content."""
        if place is None:
            return
        reply = self._session.read(CONTENT_SECONDS)
        if reply.kind == 2 and self._left == place:
            self._take(place, reply)
        else:
            self._refuse(place, Step.CONTENT, reply)
        self._left = None

    def _take(self, place: int, reply: SmtpReply) -> None:
        provider_id = reply.queue_id or self._letters[place].message_id
        self._answer(place, Answer.SUBMITTED, provider_id=provider_id)
        self._session.taken += 1
        self._taken += 1
        self._doubted.clear()

    def _refuse(self, place: int, step: Step, reply: SmtpReply) -> None:
        if reply.kind not in (4, 5):
            raise Broken("an answer that does not fit")
        no = judge(step, reply)
        self._trouble = self._trouble or no.trouble
        self._answer(place, no.answer, reason=no.reason)
        if no.if_again:
            self._doubt(place, no.if_again)

    def _doubt(self, place: int, trouble: ProviderError) -> None:
        """One no may be the reader's; the second in a row is everybody's, and they are owed.

        Not so a recipient's, once another one was taken: then the account is in order.
        """
        self._doubted.append(place)
        if len(self._doubted) == 1 or (self._taken and isinstance(trouble, AccountHalted)):
            return
        for doubted in self._doubted:
            self._answer(doubted, Answer.NOT_NOW)
        self._trouble = trouble

    def _break_off(self, error: Broken) -> None:
        """The connection is gone; unknown is only whose final dot left us without an answer."""
        if error.reply:
            self._trouble = self._trouble or self._hung_up(error.reply)
        elif self._left is not None:
            self._answer(self._left, Answer.UNKNOWN)
            self._trouble = OutcomeUnknown("smtp: the connection broke before an answer")
        self._trouble = self._trouble or NotSent(f"smtp: {error}; nothing more was sent")

    def _hung_up(self, reply: SmtpReply) -> ProviderError | None:
        taken = self._session.taken
        if self._taken and not reply.status:
            hint = f"if it does so again, set `letters` to {taken}"
            return Throttled(f"smtp: the server hung up after {taken} letters (421); {hint}")
        return judge(Step.SENDER, reply).trouble

    def _answer(
        self, place: int, answer: Answer, *, reason: str = "", provider_id: str = ""
    ) -> None:
        key = self._letters[place].send_key
        self._receipts[place] = Receipt(key, answer, provider_id=provider_id, reason=reason)

"""SMTP when the server says no, hangs up or stalls: what became of each letter, exactly."""

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.errors import (
    AccountHalted,
    LetterRefused,
    NotSent,
    OutcomeUnknown,
    ProviderError,
    Throttled,
)
from delivery.message import Answer, Handover, Receipt
from delivery.providers import smtp_run, smtp_session
from delivery.providers.smtp import Smtp
from delivery.providers.smtp_replies import SmtpReply, Step, judge
from tests.delivery.providers.contract import MESSAGES
from tests.delivery.providers.smtp_script import HANG_UP, SmtpScript
from tests.fakes import LETTER, NOON

ANSWERS = {"S": Answer.SUBMITTED, "R": Answer.REFUSED, "N": Answer.NOT_NOW, "U": Answer.UNKNOWN}
# More than two sockets hold, so that the system cannot take all of it at once.
HUGE = replace(
    LETTER, html=("<p>" + "words and words " * 600_000, "first_name", "</p>", "exit", "")
)


def submit(server: SmtpScript, letter=LETTER, messages=MESSAGES) -> Handover:
    """One call; what it raises is said of all."""
    provider = Smtp("127.0.0.1", port=server.port, security="none")
    try:
        return provider.submit(provider.encode("b1", letter, messages, now=NOON))
    except ProviderError as error:
        return Handover(tuple(Receipt(m.send_key, Answer.NOT_NOW) for m in messages), error)
    finally:
        provider.close()


def letters(handover: Handover) -> str:
    """The answers by their first letters."""
    names = {answer: name for name, answer in ANSWERS.items()}
    return "".join(names[receipt.answer] for receipt in handover.receipts)


def check_truth(handover: Handover, server: SmtpScript, messages=MESSAGES) -> None:
    """What the server took is submitted or unknown, once; what is submitted it took."""
    by_answer = {answer: set() for answer in Answer}
    for message, receipt in zip(messages, handover.receipts, strict=True):
        by_answer[receipt.answer].add(message.address)
    assert len(server.readers) == len(set(server.readers))
    assert by_answer[Answer.SUBMITTED] <= set(server.readers)
    assert set(server.readers) <= by_answer[Answer.SUBMITTED] | by_answer[Answer.UNKNOWN]
    assert len(by_answer[Answer.UNKNOWN]) <= 1


LONG = b"x" * 70_000
NO_USER, POLICY = b"550 5.1.1 no user\r\n", b"554 5.7.1 no\r\n"
SCRIPTS = {
    "no such mailbox": ({("RCPT", 2): NO_USER}, "SRSS", None),
    "two mailboxes gone": ({("RCPT", 1): NO_USER, ("RCPT", 2): NO_USER}, "RRSS", None),
    "the last mailbox gone": ({("RCPT", 4): NO_USER}, "SSSR", None),
    "a mailbox full": ({("RCPT", 2): b"452 4.2.2 quota\r\n"}, "SNSS", None),
    "a mailbox that waits": ({("RCPT", 2): b"450 4.2.1 later\r\n"}, "SNSS", None),
    "the server full": ({("RCPT", 2): b"452 4.3.1 disk\r\n"}, "SNNN", Throttled),
    "a bare 452": ({("RCPT", 2): b"452 full\r\n"}, "SNNN", Throttled),
    "one greylisted": ({("RCPT", 2): b"451 4.7.1 wait\r\n"}, "SNSS", None),
    "all greylisted": (
        {("RCPT", 2): b"451 4.7.1 wait\r\n", ("RCPT", 3): b"451 4.7.1 wait\r\n"},
        "SNNN",
        Throttled,
    ),
    "no sender": ({("MAIL", 1): b"550 5.7.1 not yours\r\n"}, "NNNN", AccountHalted),
    "no sender any more": ({("MAIL", 3): b"550 5.7.1 not yours\r\n"}, "SSNN", AccountHalted),
    "the sender waits": ({("MAIL", 3): b"450 4.7.1 too fast\r\n"}, "SSNN", Throttled),
    "too large, says MAIL": ({("MAIL", 1): b"552 5.3.4 big\r\n"}, "NNNN", LetterRefused),
    "log in first": ({("MAIL", 1): b"530 5.7.0 who\r\n"}, "NNNN", AccountHalted),
    "relay denied": ({("RCPT", 1): POLICY, ("RCPT", 2): POLICY}, "NNNN", AccountHalted),
    "two on a list": ({("RCPT", 2): POLICY, ("RCPT", 3): POLICY}, "SRRS", None),
    "DATA waits": ({("DATA", 2): b"451 4.2.0 later\r\n"}, "SNSS", None),
    "DATA refused": ({("DATA", 2): POLICY}, "SRSS", None),
    "spam for one": ({(".", 2): POLICY}, "SRSS", None),
    "spam for two": ({(".", 2): POLICY, (".", 4): POLICY}, "SRSR", None),
    "spam for all": ({(".", 2): POLICY, (".", 3): POLICY}, "SNNN", LetterRefused),
    "no mailbox after all": ({(".", 1): NO_USER, (".", 2): NO_USER}, "RRSS", None),
    "content waits": ({(".", 2): b"451 4.3.0 queue\r\n"}, "SNNN", Throttled),
    "421 in the middle": ({("MAIL", 3): b"421 4.7.0 too many\r\n"}, "SSNN", Throttled),
    "421 to a reader": ({("RCPT", 3): b"421 4.4.2 too slow\r\n"}, "SSNN", NotSent),
    "421 to a content": ({(".", 2): b"421 4.3.0 shutdown\r\n"}, "SNNN", Throttled),
    "gone before MAIL": ({("MAIL", 3): HANG_UP}, "SSNN", NotSent),
    "gone before RCPT": ({("RCPT", 3): HANG_UP}, "SSNN", NotSent),
    "gone before DATA": ({("DATA", 3): HANG_UP}, "SSNN", NotSent),
    "gone at once": ({("MAIL", 1): HANG_UP}, "NNNN", NotSent),
    "gone after a no": ({("RCPT", 2): NO_USER, ("DATA", 2): HANG_UP}, "SRNN", NotSent),
    "gone after the dot": ({(".", 2): HANG_UP}, "SUNN", OutcomeUnknown),
    "gone after the last dot": ({(".", 4): HANG_UP}, "SSSU", OutcomeUnknown),
    "an answer of many lines": ({(".", 2): b"250-yes\r\n250-and\r\n250 yes\r\n"}, "SSSS", None),
    "long after the dot": ({(".", 2): b"250 " + LONG + b"\r\n"}, "SUNN", OutcomeUnknown),
    "lines without end": ({(".", 2): b"250-x\r\n" * 20_000}, "SUNN", OutcomeUnknown),
    "long before the dot": ({("RCPT", 2): b"250 " + LONG + b"\r\n"}, "SNNN", NotSent),
    "no answer of SMTP": ({(".", 2): b"<html>\r\n"}, "SUNN", OutcomeUnknown),
    "no code": ({(".", 2): b"25\r\n"}, "SUNN", OutcomeUnknown),
    "354 after the dot": ({(".", 2): b"354 more\r\n"}, "SUNN", OutcomeUnknown),
    "250 to DATA": ({("DATA", 2): b"250 ok\r\n"}, "SNNN", NotSent),
    "DATA for nobody": ({("RCPT", 2): NO_USER, ("DATA", 2): b"354 go on\r\n"}, "SRSS", None),
    "DATA without a sender": (
        {("MAIL", 2): POLICY, ("DATA", 2): b"354 go on\r\n"},
        "SNNN",
        AccountHalted,
    ),
}


@pytest.mark.parametrize("extensions", [("PIPELINING", "SIZE"), ()], ids=["pipelined", "in turn"])
@pytest.mark.parametrize("name", SCRIPTS)
def test_each_letter_has_its_true_answer(name, extensions):
    answers, expected, trouble = SCRIPTS[name]
    with SmtpScript(answers, extensions=extensions) as server:
        handover = submit(server)
    assert letters(handover) == expected
    assert type(handover.trouble) is (trouble or type(None))
    check_truth(handover, server)
    if not extensions:
        assert server.rushed == 0  # nothing came before its answer


@pytest.mark.parametrize(
    ("told", "expected", "trouble"),
    [
        (HANG_UP, "SNNN", NotSent),
        (b"552 5.3.4 too big\r\n", "SNNN", LetterRefused),
        (b"554 5.7.1 spam\r\n", "SRNN", NotSent),
        (b"421 4.3.2 shutting down\r\n", "SNNN", Throttled),
        (b"250 2.0.0 Ok\r\n", "SNNN", NotSent),  # it cannot have taken what it has not got
    ],
)
def test_a_letter_cut_in_its_middle_was_not_taken(told, expected, trouble):
    with SmtpScript({("BODY", 2): told}) as server:
        handover = submit(server, HUGE)
    assert letters(handover) == expected
    assert type(handover.trouble) is trouble
    check_truth(handover, server)


@settings(max_examples=80, deadline=None)
@given(ends_after=st.integers(0, 8000), pipelined=st.booleans())
def test_a_server_that_dies_at_any_byte_leaves_one_letter_unknown_at_most(ends_after, pipelined):
    extensions = ("PIPELINING",) if pipelined else ()
    with SmtpScript(extensions=extensions, ends_after=ends_after) as server:
        handover = submit(server)
    check_truth(handover, server)
    assert bool(handover.trouble) == (letters(handover) != "SSSS")


REASONS = {
    b"550 5.1.1 x": "no such mailbox",
    b"550 5.1.2 x": "no such domain",
    b"553 5.1.3 x": "invalid address",
    b"556 5.1.10 x": "the domain takes no mail",
    b"550 5.2.1 x": "the mailbox is disabled",
    b"552 5.2.2 x": "the mailbox is full",
    b"550 5.4.4 x": "no way to the domain",
    b"550 5.7.1 x": "refused by policy",
    b"550 ada@example.com unknown": "the mailbox takes no mail",
    b"551 x": "the mailbox has moved",
    b"500 x": "refused",
}


@pytest.mark.parametrize("said", REASONS, ids=bytes.decode)
def test_a_refusal_has_a_word_of_ours(said):
    with SmtpScript({("RCPT", 2): said + b"\r\n"}) as server:
        handover = submit(server)
    assert handover.receipts[1].reason == REASONS[said]


@given(
    step=st.sampled_from(Step),
    code=st.integers(400, 599),
    text=st.one_of(st.text(max_size=20), st.from_regex(r"[45]\.\d{1,3}\.\d{1,3} ada@x\.example")),
)
def test_every_no_has_a_meaning_that_repeats_nothing(step, code, text):
    no = judge(step, SmtpReply(code, text))
    assert no.answer in (Answer.NOT_NOW, Answer.REFUSED)
    if code < 500:
        assert no.answer is Answer.NOT_NOW  # for now is never for good
    if no.answer is Answer.REFUSED:
        assert no.reason
    assert "@" not in f"{no.reason} {no.trouble} {no.if_again}"


def test_an_answer_of_one_byte_after_the_other_is_an_answer():
    with SmtpScript({(".", 1): b"250-one\r\n250 two\r\n"}, drip=0.0002) as server:
        assert letters(submit(server)) == "SSSS"


@pytest.mark.parametrize(("verb", "expected"), [("RCPT", "SNNN"), (".", "SUNN")])
def test_a_server_that_never_comes_to_an_end_is_left(monkeypatch, verb, expected):
    monkeypatch.setattr(smtp_session, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(smtp_run, "CONTENT_SECONDS", 0.3)
    begun = time.monotonic()
    with SmtpScript({(verb, 2): b"250 " + b"x" * 10_000}, drip=0.001) as server:
        handover = submit(server)
    assert letters(handover) == expected
    assert time.monotonic() - begun < 3


def test_what_is_put_off_says_why():
    with SmtpScript({("RCPT", 2): b"452 4.2.2 quota\r\n"}) as server:
        assert submit(server).receipts[1].reason == "the mailbox is full"


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_trouble_repeats_what_the_server_said(name):
    answers = {k: v.replace(b"\r\n", b" ada@example.com\r\n") for k, v in SCRIPTS[name][0].items()}
    with SmtpScript(answers) as server:
        handover = submit(server)
    assert "@" not in f"{handover.trouble} {[r.reason for r in handover.receipts]}"


@pytest.mark.parametrize(
    ("greeting", "trouble"),
    [
        (b"554 5.7.1 go away\r\n", AccountHalted),
        (b"421 4.3.2 busy\r\n", Throttled),
        (b"hello\r\n", NotSent),
        (b"220-" + LONG, NotSent),
    ],
)
def test_a_server_that_does_not_let_us_in_took_nothing(greeting, trouble):
    with SmtpScript(greeting=greeting) as server:
        assert type(submit(server).trouble) is trouble


def test_nobody_listening_means_nothing_was_sent():
    with SmtpScript() as server:
        pass
    assert isinstance(submit(server).trouble, NotSent)


def test_a_letter_larger_than_the_server_takes_is_not_offered():
    with SmtpScript(extensions=("SIZE 500",)) as server:
        assert isinstance(submit(server).trouble, LetterRefused)
    assert server.said["MAIL"] == 0


@pytest.mark.parametrize(
    "bad", ["zoë@example.org", "a@x.example>\r\nRCPT TO:<b@x.example", "a b@x.example", ""]
)
def test_an_address_that_smtp_cannot_write_is_refused_and_never_said(bad):
    messages = [MESSAGES[0], replace(MESSAGES[1], address=bad), *MESSAGES[2:]]
    with SmtpScript() as server:
        handover = submit(server, messages=messages)
    assert letters(handover) == "SRSS"
    assert handover.receipts[1].reason == "invalid address"
    assert server.said["RCPT"] == 3


def test_a_sender_that_smtp_cannot_write_halts():
    with SmtpScript() as server:
        handover = submit(server, replace(LETTER, sender_address="höllo@clinic.example"))
    assert isinstance(handover.trouble, AccountHalted)
    assert server.connections == 0

"""What every provider must do; subclass and supply `provider`, `take_all` and `taken`."""

from dataclasses import replace
from email.headerregistry import Address

from delivery.mailing import Batch, BatchState, Delivery, send_key
from delivery.message import Answer, Message
from tests.fakes import LETTER, NOON

KEY = "digest-2026-11"
PEOPLE = (
    Delivery(1, "ada1", "ada@example.com", "Ada Byron"),
    Delivery(2, "zoe2", "zoe@example.org", "Zoë Šimková"),
    Delivery(3, "bo3", "bo@example.net", 'Bo "B." <Larkin>, Jr'),
    Delivery(4, "dee4", "dee@example.com", ""),
)


def message(delivery: Delivery) -> Message:
    values = {"first_name": delivery.name or "there", "exit": f"{delivery.subscriber_id}.sig-_x"}
    return Message(send_key(KEY, delivery.subscriber_id), delivery.address, delivery.name, values)


MESSAGES = [message(delivery) for delivery in PEOPLE]


def batch(*, batch_id: str = "b1", body: bytes = b"") -> Batch:
    return Batch(batch_id, KEY, "one", BatchState.UNKNOWN, NOON, PEOPLE, body=body)


class ProviderContract:
    """`taken()` gives what arrived: one dict a letter, with to, subject, html, text, headers."""

    remembers = True  # whether it can be asked what became of a batch

    def submit(self, provider, batch_id="b1"):
        payload = provider.encode(batch_id, LETTER, MESSAGES, now=NOON)
        return provider.submit(payload).receipts

    def test_there_is_one_receipt_for_each_message_in_the_same_order(self, provider, taken):
        receipts = self.submit(provider)
        assert [r.send_key for r in receipts] == [m.send_key for m in MESSAGES]
        assert {r.answer for r in receipts} == {Answer.SUBMITTED}
        assert len({r.provider_id for r in receipts}) == len(MESSAGES)

    def test_each_reader_gets_a_letter_of_their_own(self, provider, taken):
        self.submit(provider)
        letters = {letter["to"].addr_spec: letter for letter in taken()}
        assert sorted(letters) == sorted(p.address for p in PEOPLE)
        for person in PEOPLE:
            assert letters[person.address]["to"].display_name == person.name

    def test_each_letter_has_its_own_way_out_in_body_and_headers(self, provider, taken):
        self.submit(provider)
        for letter in taken():
            who = next(p for p in PEOPLE if p.address == letter["to"].addr_spec)
            url = f"https://n.example/u/{who.subscriber_id}.sig-_x"
            assert letter["headers"]["List-Unsubscribe"] == f"<{url}>"
            assert letter["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            assert letter["headers"]["List-Id"] == '"The clinic" <newsletter.clinic.example>'
            assert letter["headers"]["Feedback-ID"] == "digest-2026-11:clinic.example:digest:mill"
            assert url in letter["html"]
            assert url in letter["text"]

    def test_a_name_is_escaped_in_html_and_plain_in_text(self, provider, taken):
        self.submit(provider)
        letter = next(x for x in taken() if x["to"].addr_spec == "bo@example.net")
        assert "Hello Bo &quot;B.&quot; &lt;Larkin&gt;, Jr</p>" in letter["html"]
        assert 'Hello Bo "B." <Larkin>, Jr\n' in letter["text"]

    def test_what_became_of_a_batch_can_be_asked(self, provider, taken):
        payload = provider.encode("b1", LETTER, MESSAGES, now=NOON)
        provider.submit(payload)
        kept = payload.body if provider.limits.replays else b""
        found = provider.reconcile(batch(body=kept), now=NOON)
        assert sorted(found) == sorted(m.send_key for m in MESSAGES if self.remembers)
        assert len(taken()) == len(MESSAGES)  # to ask is never to send twice

    def test_a_batch_that_never_arrived_is_not_found(self, provider, taken):
        self.submit(provider)
        assert provider.reconcile(batch(batch_id="another"), now=NOON) == {}

    def test_the_same_batch_is_the_same_bytes(self, provider, taken):
        one, two = (provider.encode("b1", LETTER, MESSAGES, now=NOON) for _ in range(2))
        assert (one.parts, one.hash) == (two.parts, two.hash)
        assert one.hash != provider.encode("b1", LETTER, MESSAGES[1:], now=NOON).hash

    def test_a_letter_to_nobody_on_a_list_has_no_header_of_one(self, provider, taken):
        letter = replace(LETTER, exit_url=())
        provider.submit(provider.encode("b1", letter, MESSAGES[:1], now=NOON))
        [only] = taken()
        assert only["subject"] == LETTER.subject
        assert not [name for name in only["headers"] if name.startswith("List-")]


def address(text: str) -> Address:
    from email import message_from_string
    from email.policy import default

    return message_from_string(f"To: {text}\n\n", policy=default)["To"].addresses[0]

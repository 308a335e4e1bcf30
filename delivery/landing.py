"""What came of a call: recorded, and what it means for the calls after it.

Whatever happens to a call, its batch ends in a state that is true.
"""

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future

from sqlite_utils import Database

from delivery import ledger, steering_store
from delivery.errors import (
    AddressRefused,
    OutcomeUnknown,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
    QuotaExhausted,
    Throttled,
)
from delivery.mailing import Batch
from delivery.message import Answer, Handover, Receipt
from delivery.split_ledger import split_batch
from delivery.timing import Clock, Timing
from delivery.unknown import OnUnknown, settle_unknown
from delivery.writing import Writing

# Seconds to wait after a call that was not taken, or not answered; then the run gives up, and the
# next one goes on where it stopped.
BACKOFF = (1.0, 5.0, 25.0)
_QUOTA_AGAIN = 3600.0  # seconds
_MOST_SILENCES = 2  # calls in a row without an answer: each may cost its readers their letter
_MOST_ATTEMPTS = 4  # so often somebody may be refused for now before it is for good


class Landing:
    """Records calls as they come back.

    `failures` counts calls in a row that came to nothing; `stop` is why no more may be made.
    """

    def __init__(
        self,
        db: Database,
        writing: Writing,
        timing: Timing,
        clock: Clock,
        on_unknown: OnUnknown,
    ) -> None:
        self._db, self._writing, self._provider = db, writing, writing.provider
        self._timing, self._clock, self._on_unknown = timing, clock, on_unknown
        self._pieces: deque[Batch] = deque()
        self._silent: list[Batch] = []
        self._silences = 0
        self._wait = 0.0
        self._why = ""
        self.failures = 0
        self.stop: ProviderError | None = None

    def land(self, batch: Batch, call: Future[Handover]) -> None:
        """Record what a call came to."""
        try:
            handover = call.result()
        except AddressRefused as error:
            self._split(batch, error.places)
        except (ProviderUnavailable, ProviderRefused) as error:
            ledger.release_batch(self._db, batch.id, reason=str(error), now=self._clock.now())
            self._heed(error)
        except OutcomeUnknown as error:
            self._say_unknown(batch, error)
        except Exception as error:  # a fault of ours, when the batch may have left us
            unknown = OutcomeUnknown(f"{self._provider.name}: {type(error).__name__} in our code")
            unknown.__cause__ = error
            self._say_unknown(batch, unknown)
            self.stop = unknown
        else:
            self._record(batch, handover)

    def next_piece(self) -> Batch | None:
        """A part of a batch that was split, to be handed over by itself."""
        return self._pieces.popleft() if self._pieces else None

    def put_back(self, batch: Batch) -> None:
        """A batch that may not be sent now."""
        self._pieces.append(batch)

    def give_back(self) -> None:
        """Let go of what was claimed and not handed over."""
        while batch := self.next_piece():
            ledger.release_batch(self._db, batch.id, reason="not sent", now=self._clock.now())

    def rest(self) -> None:
        """Wait as the last failure asked for, then ask about silent calls where that is safe.

        Raises:
            RestUntil: the wait is too long for this run.
        """
        seconds, self._wait = self._wait, 0.0
        if seconds:
            self._timing.rest(seconds, self._why)
        silent, self._silent = self._silent, []
        for batch in silent:
            now = self._clock.now()
            if settle_unknown(self._db, batch, self._writing, self._on_unknown, now=now):
                self._succeed()

    def _record(self, batch: Batch, handover: Handover) -> None:
        tried = handover.trouble is None
        answers = zip(batch.deliveries, handover.receipts, strict=True)
        receipts = {
            d.id: _for_good(receipt) if tried and batch.attempts + 1 >= _MOST_ATTEMPTS else receipt
            for d, receipt in answers
        }
        ledger.record_receipts(self._db, batch, receipts, now=self._clock.now(), tried=tried)
        if handover.trouble:
            if _took_any(receipts.values()):  # it is alive, and only hangs up now and then
                self.failures = 0
            self._heed(handover.trouble)
        else:
            self._succeed()

    def _succeed(self) -> None:
        self.failures = self._silences = 0
        self._timing.faster()

    def _split(self, batch: Batch, places: tuple[int, ...]) -> None:
        """Hand the rest over without those addresses; where none is named, halve until one is."""
        known = {place for place in places if place < len(batch.deliveries)}
        if not known and len(batch.deliveries) == 1:
            known = {0}
        refused = {batch.deliveries[place].id: "invalid address" for place in known}
        rest = [delivery for delivery in batch.deliveries if delivery.id not in refused]
        middle = len(rest) if known else len(rest) // 2
        pieces = [piece for piece in (rest[:middle], rest[middle:]) if piece]
        self._pieces += split_batch(self._db, batch, pieces, refused, now=self._clock.now())
        self.failures = 0

    def _say_unknown(self, batch: Batch, error: OutcomeUnknown) -> None:
        ledger.mark_unknown(self._db, batch.id, reason=str(error), now=self._clock.now())
        if self._provider.limits.replays:
            self._silent.append(batch)
        self._heed(error)

    def _heed(self, error: ProviderError) -> None:
        """What a call that failed means for the next ones."""
        self.failures += 1
        if isinstance(error, ProviderRefused):
            self._end(error)
            return
        if isinstance(error, OutcomeUnknown):
            self._silences += 1
        if isinstance(error, Throttled):
            self._timing.slower()
        if self.failures > len(BACKOFF) or self._silences >= _MOST_SILENCES:
            self.stop = error
            return
        hint = error.wait if isinstance(error, ProviderUnavailable) else None
        self._wait, self._why = hint or BACKOFF[self.failures - 1], str(error)

    def _end(self, error: ProviderRefused) -> None:
        """No more before somebody mends something, or before a quota is renewed."""
        if isinstance(error, QuotaExhausted) and error.until:
            seconds = (error.until - self._clock.now()).total_seconds()
            # Who says no again after it was to be renewed has another clock than we.
            least = BACKOFF[self.failures - 1] if self.failures <= len(BACKOFF) else _QUOTA_AGAIN
            self._wait, self._why = max(seconds, least), str(error)
            return
        steering_store.pause(self._db, self._writing.mailing.key, str(error))
        self.stop = error


def _took_any(receipts: Iterable[Receipt]) -> bool:
    return any(receipt.answer is Answer.SUBMITTED for receipt in receipts)


def _for_good(receipt: Receipt) -> Receipt:
    """A refusal for now that has been heard often enough."""
    if receipt.answer is not Answer.NOT_NOW:
        return receipt
    reason = receipt.reason or "refused for now"
    return Receipt(receipt.send_key, Answer.REFUSED, reason=f"{reason}, {_MOST_ATTEMPTS} times")

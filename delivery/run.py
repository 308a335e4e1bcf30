"""One run of a mailing, batch by batch: claim -> write down -> hand over -> record.

Only this thread uses the database; the calls themselves are made by others, as many at once as the
provider likes.
"""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from sqlite_utils import Database

from delivery import ledger, steering_store
from delivery.brake_store import find_evidence
from delivery.brakes import brake
from delivery.landing import BACKOFF, Landing
from delivery.mailing import Batch
from delivery.message import FormLetter, Handover, Payload
from delivery.pace import UNBOUNDED, Allowance
from delivery.providers.base import Limits
from delivery.quiet import Quiet
from delivery.timing import Clock, Timing
from delivery.unknown import OnUnknown
from delivery.writing import Writing

_SLOT_BYTES = 1024
_BEAT = 30.0  # seconds; a call of SMTP may take ten minutes, and its sender is alive


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a run is to be made: as whom, how much a day, and what of letters without an answer.

    `written_down` is called after each hand-over is on disk and before it is made.
    """

    sender: str = ""
    allowance: Allowance = UNBOUNDED
    on_unknown: OnUnknown = OnUnknown.HOLD
    quiet: Quiet | None = None
    written_down: Callable[[], None] = lambda: None


def batch_size(letter: FormLetter, limits: Limits) -> int:
    """How many letters one call may carry, by number and by bytes."""
    parts = (*letter.html[::2], *letter.text[::2])
    # Escaping for JSON or quoted-printable adds up to a quarter to real letters.
    one = sum(len(part.encode()) for part in parts) * 5 // 4 + _SLOT_BYTES
    return max(1, min(limits.letters, limits.bytes // one))


class Run:
    """Keeps calls under way until nothing is left, or something says stop."""

    def __init__(
        self,
        db: Database,
        writing: Writing,
        clock: Clock,
        terms: Terms,
    ) -> None:
        self._db, self._writing, self._clock, self._terms = db, writing, clock, terms
        self._mailing, self._provider = writing.mailing, writing.provider
        self._size = min(
            batch_size(made, self._provider.limits) for made in self._mailing.letters.values()
        )
        self._timing = Timing(db, self._provider, terms.allowance, clock, terms.quiet)
        self._landing = Landing(db, writing, self._timing, clock, terms.on_unknown)
        self._flying: dict[Future[Handover], Batch] = {}
        self._steered = False  # somebody paused or cancelled it

    def until_done(self) -> None:
        """Hand over whatever is owed. However it ends, what is on its way is recorded first.

        Raises:
            RestUntil, ProviderUnavailable, ProviderRefused, OutcomeUnknown: as `send_letters`.
        """
        self._timing.require_start()
        connections = self._provider.limits.connections
        with ThreadPoolExecutor(connections, thread_name_prefix="hand-over") as pool:
            try:
                while self._launch_some(pool, connections) or self._flying:
                    self._land()
            finally:
                while self._flying:
                    self._land()
                self._landing.give_back()
        if self._landing.stop:
            raise self._landing.stop

    def _launch_some(self, pool: ThreadPoolExecutor, connections: int) -> bool:
        """Hand over as much as the provider likes at once; tell whether anything was launched."""
        launched = False
        while len(self._flying) < connections and (batch := self._next()):
            launched = self._launch(batch, pool) or launched
        return launched

    def _next(self) -> Batch | None:
        """The next batch of those who still want a letter, if one may be handed over now."""
        landing = self._landing
        if self._steered or landing.stop or (landing.failures and self._flying):
            return None
        landing.rest()
        if why := brake(find_evidence(self._db, self._mailing)):
            steering_store.pause(self._db, self._mailing.key, why)
            return None
        while batch := landing.next_piece() or self._claim():
            if staying := self._still_owed(batch):
                return staying
        return None

    def _claim(self) -> Batch | None:
        left = self._timing.letters_left()
        return ledger.claim_batch(
            self._db,
            self._mailing.key,
            account=self._provider.account,
            size=self._size if left is None else min(self._size, left),
            now=self._clock.now(),
            sender=self._terms.sender,
        )

    def _still_owed(self, batch: Batch) -> Batch | None:
        """The batch without those who left since; asked anew for every batch."""
        gone = self._writing.readers.gone([delivery.subscriber_id for delivery in batch.deliveries])
        left = {d.id: gone[d.subscriber_id] for d in batch.deliveries if d.subscriber_id in gone}
        if left:
            ledger.skip(self._db, left)
        staying = tuple(d for d in batch.deliveries if d.id not in left)
        if not staying:
            ledger.release_batch(
                self._db, batch.id, reason="everybody had left", now=self._clock.now()
            )
            return None
        return replace(batch, deliveries=staying)

    def _launch(self, batch: Batch, pool: ThreadPoolExecutor) -> bool:
        """Write a batch down and hand it to a thread; tell whether it may still be sent."""
        try:
            payload = self._make_ready(batch)
        except BaseException:  # whatever it was, nobody is kept for it
            self._landing.put_back(batch)
            raise
        if not self._write_down(batch, payload):
            self._steered = True
            self._landing.put_back(batch)
            return False
        self._flying[pool.submit(self._provider.submit, payload)] = replace(
            batch, posted=self._clock.now(), body_hash=payload.hash
        )
        return True

    def _make_ready(self, batch: Batch) -> Payload:
        """The bytes of a batch, at the moment when they may be handed over."""
        payload = self._writing.payload(batch, now=self._clock.now())
        if batch.attempts:
            self._timing.rest(BACKOFF[min(batch.attempts, len(BACKOFF)) - 1])
        self._timing.keep_pace(len(payload.messages))
        self._timing.require_no_quiet()  # the wait may have lasted until they began
        return payload

    def _write_down(self, batch: Batch, payload: Payload) -> bool:
        now, sender = self._clock.now(), self._terms.sender
        if not ledger.mark_in_flight(self._db, batch, payload, now=now, sender=sender):
            return False
        self._terms.written_down()
        return True

    def _land(self) -> None:
        """Wait for a call to come back, and record it; a long wait is no silence."""
        while not (done := wait(self._flying, _BEAT, FIRST_COMPLETED).done):
            ledger.beat(self._db, self._mailing.key, self._terms.sender, now=self._clock.now())
        for future in done:
            self._landing.land(self._flying.pop(future), future)

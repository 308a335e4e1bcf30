"""What a letter costs for each reader, once it is rendered: letters a second on one core.

First the merge values, as `flows.mailings.mailing` makes them for providers that fill the slots
themselves; then whole bodies, as the outbox and Postmark get them, beside a bare `bytes.join` of
the same pieces. A part that all letters share is one object in both; `own pieces` is a join where
each letter brings its own copy of everything, as letters do that were made one by one.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import chain

from content.edition import Edition
from content.letter import render_letter
from delivery.mailing import Delivery
from delivery.message import FormLetter, Message
from delivery.mime import mime_stencil, mime_values
from delivery.providers.postmark import _as_stencil, _values
from delivery.stencil import Stencil, join
from flows.editions.approval import form_letter
from flows.mailings.mailing import _readers
from flows.resources import Resources

READERS, TURNS = 500, 41
MUST_VALUES, MUST_BODIES = 100_000, 60
NOW = datetime(2026, 12, 1, 17, tzinfo=UTC)
PEOPLE = [
    Delivery(n, f"r{n:011}", f"r{n}@example.com", f"Reader Number {n}") for n in range(READERS)
]


def rates(*works: Callable[[], object]) -> list[float]:
    """Letters a second of each work, in time of the processor; they take turns."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(TURNS):
        for work, seconds in zip(works, taken, strict=True):
            began = time.process_time()
            work()
            seconds.append(time.process_time() - began)
    return [READERS / statistics.median(seconds) for seconds in taken]


def measure_values(resources: Resources) -> list[Message]:
    """Print the rate of merge values, and give the messages that they make."""
    values = _readers(resources).values
    (rate,) = rates(lambda: [values(person) for person in PEOPLE])
    times = rate / MUST_VALUES
    print(f"merge values {rate:26,.0f}/s, {times:.1f}x of {MUST_VALUES:,}/s (must: 1x)")
    return [Message(f"m.{p.subscriber_id}", p.address, p.name, values(p)) for p in PEOPLE]


def measure_bodies(
    name: str, stencil: Stencil, values: list[Mapping[str, str]], separator: bytes
) -> None:
    """Print the rate of finished bodies in one batch beside the rates of a bare join."""
    ready = [[*stencil.pieces(one), separator] for one in values]
    shared = list(chain.from_iterable(ready))
    own = [bytes(bytearray(piece)) for piece in shared]
    ours, bare, bare_own = rates(
        lambda: join([stencil.pieces(one) for one in values], separator=separator),
        lambda: b"".join(shared),
        lambda: b"".join(own),
    )
    size = sum(map(len, shared)) / READERS / 1024
    said = f"{100 * ours / bare:.0f} % of bytes.join, {100 * ours / bare_own:.0f} % with own pieces"
    print(f"bodies of {size:.0f} KB, {name:10} {ours:10,.0f}/s, {said} (must: {MUST_BODIES} %)")


def measure_slots(resources: Resources, edition: Edition, about: Mapping[str, object]) -> None:
    """Print what filling the slots of an edition's letter costs."""
    made = render_letter(edition, resources.templates, about=about)
    letter: FormLetter = form_letter(resources, made, "")
    messages = measure_values(resources)
    measure_bodies("Postmark", _as_stencil(letter, "b"), [_values(m, "b") for m in messages], b",")
    eml = mime_stencil(letter, now=NOW)
    measure_bodies("outbox", eml, [mime_values(m) for m in messages], b"")

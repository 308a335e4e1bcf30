"""What sending an edition would take: bytes, calls, time and money, before anything is sent."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from math import ceil

from content.letter import Letter
from delivery.errors import ProviderError
from delivery.pace import Allowance
from delivery.providers.base import Limits
from delivery.run import batch_size
from flows.editions.approval import form_letter
from flows.errors import SettingsWrong
from flows.resources import Resources


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of the longest letter its `bytes` (HTML and text, without a reader's values), the `calls` at
    the provider, the `seconds` they take at its pace at least, and over how many `days` what the
    author allows a day spreads them.

    `seconds` is None where nothing bounds the pace but the provider's answers. `cost` is None where
    the settings name no price.
    """

    bytes: int
    calls: int
    seconds: float | None
    days: int
    cost: float | None = None
    currency: str = ""


def estimate_sending(
    resources: Resources, letters: Mapping[str, Letter], readers: Mapping[str, int]
) -> Estimate | None:
    """The estimate for so many `readers` by variant; None where the provider cannot be opened."""
    try:
        with closing(resources.provider()) as provider:
            limits = provider.limits
    except (ProviderError, SettingsWrong):  # `check` says why
        return None
    sizes = {n: batch_size(form_letter(resources, made), limits) for n, made in letters.items()}
    smallest = min(sizes.values(), default=1)
    calls = sum(ceil(count / smallest) for count in readers.values())
    total, asked = sum(readers.values()), resources.settings.provider
    return Estimate(
        bytes=max(map(_bytes_of, letters.values()), default=0),
        calls=calls,
        seconds=_seconds(limits, calls, total),
        days=days_for(resources.terms.allowance, total),
        cost=None if asked.price is None else total * asked.price / 1000,
        currency=asked.currency,
    )


def _bytes_of(letter: Letter) -> int:
    return sum(len(part.encode()) for part in (*letter.html[::2], *letter.text[::2]))


def _seconds(limits: Limits, calls: int, letters: int) -> float | None:
    paces = [(calls, limits.calls), (letters, limits.letters_per_second)]
    return max((count / pace for count, pace in paces if pace), default=None)


def days_for(allowance: Allowance, letters: int) -> int:
    """Over how many days so many letters are spread, for an account that begins now. Pure."""
    day = 0
    while letters > 0 and (most := allowance.letters_on(day)) is not None:
        letters -= most
        day += 1
        if day > len(allowance.warm_up) and letters > 0:
            return day + ceil(letters / most)
    return day + (letters > 0)

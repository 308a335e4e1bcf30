"""Colours as CSS writes them, and how well one is told from another. Pure."""

from collections.abc import Sequence
from functools import lru_cache

from tinycss2 import color4

# Red, green, blue and how much of it covers, each from 0 to 1.
Paint = tuple[float, float, float, float]

WHITE: Paint = (1, 1, 1, 1)
BLACK: Paint = (0, 0, 0, 1)
CLEAR: Paint = (0, 0, 0, 0)


@lru_cache(maxsize=1024)
def read_colour(text: str) -> Paint | None:
    """The colour that CSS text stands for; None where it is none, or one we cannot compute."""
    try:
        colour = color4.parse_color(text)
        if not isinstance(colour, color4.Color):
            return None
        red, green, blue = (part or 0 for part in colour.to("srgb").coordinates)
    except (ValueError, NotImplementedError):  # as `color()`, or a space without a way to sRGB
        return None
    return (_within(red), _within(green), _within(blue), colour.alpha)


def paint_over(ground: Paint, paint: Paint) -> Paint:
    """What is seen of an opaque `ground` once `paint` is laid over it."""
    cover = paint[3]
    mixed = [p * cover + g * (1 - cover) for p, g in zip(paint, ground, strict=True)]
    return (mixed[0], mixed[1], mixed[2], 1)


def contrast(one: Paint, other: Paint) -> float:
    """The contrast ratio of two opaque colours, 1 to 21 (WCAG 2.1, "contrast ratio")."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def as_hex(paint: Paint) -> str:
    """The colour as people write it: #0f5f57."""
    return "#" + "".join(f"{round(part * 255):02x}" for part in paint[:3])


def _luminance(paint: Sequence[float]) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in paint[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _within(part: float) -> float:
    return min(1.0, max(0.0, part))

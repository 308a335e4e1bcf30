"""Pictures that a feed names, or that stand in a post."""

import re
from collections.abc import Mapping

from content.markup.tree import parse_html

_MIN_IMAGE = 80  # pixels; smaller ones are counters, spacers and emoji


def first_image(html: str) -> str:
    """The address of the first picture in `html` that is meant to be seen, or nothing."""
    tree = parse_html(html)
    for image in tree.iter("img") if tree is not None else ():
        source = image.get("src", "").strip()
        if source and not source.lower().startswith("data:") and not is_pixel(dict(image.attrib)):
            return source
    return ""


def is_pixel(attributes: Mapping[str, str]) -> bool:
    """Tell by its width and height whether an image is too small to be a picture."""
    sizes = [attributes.get("width", ""), attributes.get("height", "")]
    found = [re.fullmatch(r"\s*(\d{1,6})(?:\.\d+)?(?:px)?\s*", size) for size in sizes]
    style = attributes.get("style", "")
    found += re.finditer(r"(?:^|;)\s*(?:width|height)\s*:\s*(\d{1,6})(?:\.\d+)?px", style)
    return any(size and int(size[1]) < _MIN_IMAGE for size in found)

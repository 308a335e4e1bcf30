"""Write the page of a rehearsal: counts and the newsletter's own words, no addresses."""

from pathlib import Path

from flows.rehearsal.months import Rehearsal, say_offset, say_when
from flows.resources import Resources

_AGREED = {
    "required": "Each waits for your yes, which is taken as said at once.",
    "none": "Each goes out by itself.",
}


def write_page(real: Resources, rehearsal: Rehearsal) -> Path:
    """Write the page, and give where it is."""
    page = real.home / "preview" / "rehearsal" / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    values = {
        "rehearsal": rehearsal,
        "agreed": say_approval(real),
        "zone": real.settings.zone,
        "say_when": say_when,
        "say_offset": say_offset,
    }
    page.write_text(real.render_page("rehearsal.html", values), encoding="utf-8")
    return page


def say_approval(real: Resources) -> str:
    """How a digest comes to go out."""
    asked = real.settings.digest
    hours = "1 hour" if asked.notice_hours == 1 else f"{asked.notice_hours} hours"
    notified = f"Each goes out {hours} after its draft was mailed to you, unless you hold it."
    return _AGREED.get(asked.approval, notified)

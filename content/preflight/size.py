"""How large a letter is: Gmail cuts off what is longer, and with it the way out. Pure.

Gmail says nothing of where it cuts; those who measured found about 102 KB of HTML. Mails are
counted in bytes as UTF-8. In quoted-printable, as they travel, they are larger; whether that
counts is disputed, so it gives a warning only.
"""

from collections.abc import Iterator
from email.quoprimime import body_encode

from content.preflight.finding import Finding, Level, Proof
from content.preflight.page import Page

WARN_BYTES = 80 * 1024
MAX_BYTES = 95 * 1024
# Gmail leaves out the `<style>` that goes over this, all of it.
MAX_STYLE_BYTES = 16 * 1024
_ADVICE = "Gmail cuts letters off at about 100 KiB; show fewer posts, or excerpts of them"


def check_size(proof: Proof) -> Iterator[Finding]:
    """Tell the size, and whether Gmail would cut the letter off."""
    plain, coded = len(proof.html.encode(errors="replace")), quoted_size(proof.html)
    said = f"the HTML has {_kib(plain)} ({_kib(coded)} as it travels)"
    if plain > MAX_BYTES:
        yield Finding(Level.ERROR, "size", f"{said}: {_ADVICE}")
    elif plain > WARN_BYTES or coded > MAX_BYTES:
        yield Finding(Level.WARNING, "size", f"{said}: {_ADVICE}")
    else:
        yield Finding(Level.NOTE, "size", f"{said}; up to {_kib(WARN_BYTES)} is safe")


def check_style_size(page: Page) -> Iterator[Finding]:
    """Gmail takes in so much CSS of `<style>` elements and no more."""
    styles = sum(len((style.text or "").encode()) for style in page.root.iter("style"))
    if styles > MAX_STYLE_BYTES:
        told = f"{_kib(styles)} of <style>: Gmail leaves out what goes over "
        yield Finding(Level.WARNING, "style-size", f"{told}{_kib(MAX_STYLE_BYTES)}; shorten it")


def quoted_size(text: str) -> int:
    """Bytes of a text in quoted-printable (RFC 2045, 6.7), as letters are sent."""
    return len(body_encode(text.encode(errors="replace").decode("latin-1"), eol="\r\n"))


def _kib(size: int) -> str:
    return f"{size / 1024:.0f} KiB"

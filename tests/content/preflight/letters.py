"""Letters for preflight: a small one without fault, into which each test puts one."""

from dataclasses import replace

from content.preflight.check import check_letter
from content.preflight.finding import Finding, Level, Proof

EXIT = "https://news.tide.example/unsubscribe/"
ADDRESS = "1 Quay, 20457 Hamburg"
TOP = f'<p>You asked for this. <a href="{EXIT}token">Unsubscribe</a></p>'
FOOTER = (
    f'<p><a href="{EXIT}token">Unsubscribe</a> for good.</p><p>Tide, 1 Quay<br>20457 Hamburg</p>'
)
LONG = "<p>" + "Going down asks more of you than going up. " * 20 + "</p>"
TEXT = f"Hello\n\n{LONG}\nUnsubscribe:\n{EXIT}token\n\nTide, {ADDRESS}\n"


def html(body: str = LONG, *, css: str = "", top: str = TOP, footer: str = FOOTER) -> str:
    style = f"<style>{css}</style>" if css else ""
    return (
        f"<!doctype html><html><head><title>Tide</title>{style}</head>"
        f"<body>{top}{body}{footer}</body></html>"
    )


GOOD = Proof(
    key="digest-2026-11",
    subject="Tide: knees and stairs",
    preheader="Also: a pillow is only a pillow",
    html=html(),
    text=TEXT,
    postal_address=ADDRESS,
    exit_url=EXIT,
)


def findings(body: str = LONG, **parts: str) -> list[Finding]:
    """What is found in a letter with this body; css, top and footer as in `html`."""
    return check_letter(replace(GOOD, html=html(body, **parts)))


def grave(found: list[Finding]) -> list[tuple[Level, str]]:
    """Level and rule of errors and warnings."""
    return [(one.level, one.rule) for one in found if one.level is not Level.NOTE]


def faults(body: str = LONG, **parts: str) -> list[tuple[Level, str]]:
    return grave(findings(body, **parts))


def error(rule: str) -> list[tuple[Level, str]]:
    return [(Level.ERROR, rule)]


def warning(rule: str) -> list[tuple[Level, str]]:
    return [(Level.WARNING, rule)]

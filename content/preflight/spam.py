"""How a spam filter scores a letter, if one is installed: SpamAssassin, by its local rules.

Rules about where a letter comes from need its way over the network, which it has not gone yet; so
the score is of words and HTML alone.
"""

import re
import subprocess
from email import message_from_bytes
from pathlib import Path

from content.preflight.finding import Finding, Level

# What SpamAssassin itself calls spam (`required_score`), and where it becomes doubtful.
SPAM = 5.0
DOUBTFUL = 2.0
SECONDS = 30.0
# No network, no learning from a trial, nothing of the person whose machine it is.
_OPTIONS = ["-L", "-t", "-x", "-p", "/dev/null", "--cf=use_bayes 0", "--cf=use_auto_welcomelist 0"]
_STATUS = re.compile(r"score=(-?[\d.]+).*?tests=(.*?)(?:autolearn|version|$)", re.DOTALL)


def score_spam(letter: bytes, *, engine: Path | None, seconds: float = SECONDS) -> list[Finding]:
    """Score a letter (an RFC 5322 message) with the filter at `engine`; None where there is none.

    A filter that fails, or takes longer than `seconds`, says nothing against the letter.
    """
    if engine is None:
        said = "not scored: SpamAssassin is not installed on this machine"
        return [Finding(Level.NOTE, "spam", said)]
    try:
        done = subprocess.run(
            [str(engine), *_OPTIONS], input=letter, capture_output=True, timeout=seconds, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = f"not scored: {engine.name} failed ({type(error).__name__})"
        return [Finding(Level.NOTE, "spam", said)]
    return [judge_status(str(message_from_bytes(done.stdout).get("X-Spam-Status", "")))]


def judge_status(status: str) -> Finding:
    """What the header `X-Spam-Status` says of the letter."""
    found = _STATUS.search(status)
    if found is None:
        return Finding(Level.NOTE, "spam", "not scored: the spam filter gave no score")
    score = float(found[1])
    rules = ", ".join(re.findall(r"[A-Z][A-Z0-9_]+", found[2])) or "none"
    said = f"SpamAssassin scores it {score:.1f} of {SPAM:.0f} (rules: {rules})"
    if score >= SPAM:
        return Finding(Level.ERROR, "spam", f"{said}: it would be taken for spam")
    if score >= DOUBTFUL:
        return Finding(Level.WARNING, "spam", f"{said}: some filters would take it for spam")
    return Finding(Level.NOTE, "spam", said)

"""What a filter of spam makes of the sample digest, as a reader's server would get it."""

import os
import re
import shutil
import subprocess

import pytest

from tests.flows.homes import bring_in, digest

ENGINE = shutil.which("spamassassin")


@pytest.mark.skipif(
    not ENGINE and not os.environ.get("CI"),
    reason="SpamAssassin is not installed (Debian: apt-get install spamassassin)",
)
def test_spamassassin_takes_the_sample_digest_for_a_letter(newsletter, tmp_path):
    assert ENGINE, "CI must ask SpamAssassin, and it is not installed (.ci/packages)"
    bring_in(newsletter)
    digest()
    letter = min(newsletter.glob("outbox/*/batch-*/*.eml")).read_bytes()
    asked = subprocess.run(
        [ENGINE, "--local", "--test-mode", "--nocreate-prefs"],
        input=letter,
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        timeout=120,
        check=True,
    )
    report = asked.stdout.decode(errors="replace")
    score = re.search(r"^X-Spam-Status: .*?score=(-?[\d.]+)", report, re.MULTILINE)
    assert score, report
    assert float(score[1]) < 2, report
    assert "HTML_MESSAGE" in report, "the rules were not loaded"

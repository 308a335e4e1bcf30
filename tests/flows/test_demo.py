"""`lettermill demo`: the whole job through a real flow, the same every day."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow


def test_the_demo_sends_the_sample_digest_and_reports(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "demo", str(tmp_path / "demo")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for said in (
        "20 on the feed, 4 chosen for digest-2026-11",
        "46  submitted",
        "14  skipped    7 suppressed, 7 unconfirmed",
        "The flow's own work took",
    ):
        assert said in done.stdout, done.stdout
    assert len(list((tmp_path / "demo").glob("outbox/*/batch-*/*.eml"))) == 46
    assert "Traceback" not in done.stderr

"""Asks npm's mjml, the reference compiler, for what it knows and makes."""

import argparse
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_suffix(".mjs")
VARIABLE = "NODE_MODULES"
HOW = f"install it with `npm install mjml@5.4.1`, and name the folder: --npm or {VARIABLE}"


def ask(npm: Path, task: str, what: object = None) -> Any:
    """Run one task of npm_mjml.mjs: `rules`, `compile` a list of MJML, or `time` one."""
    if not (npm / "mjml").is_dir():
        raise SystemExit(f"{npm}: npm's mjml is not there; {HOW}")
    node = shutil.which("node")
    if node is None:
        raise SystemExit("node is not installed; npm's mjml needs it")
    words = [node, str(SCRIPT), str(npm.resolve()), task]
    done = subprocess.run(words, input=json.dumps(what), stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"npm's mjml failed at `{task}`, see above")
    return json.loads(done.stdout)


def options(about: str | None) -> argparse.ArgumentParser:
    """The option every script here has: the folder that npm's mjml was installed into."""
    parser = argparse.ArgumentParser(description=(about or "").partition("\n")[0])
    folder = Path(os.environ.get(VARIABLE, "node_modules"))
    parser.add_argument("--npm", type=Path, default=folder, help="the folder node_modules")
    return parser

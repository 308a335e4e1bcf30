"""Request bodies as they were when somebody last looked, and as the vendors describe them."""

import json
import os
from typing import Any

from jsonschema import Draft202012Validator

from tests.conftest import ROOT

RECORDED = ROOT / "tests" / "golden" / "providers"
DESCRIBED = ROOT / "tests" / "data" / "openapi"


def recorded(name: str, body: bytes) -> Any:
    """What the recorded body says; with GOLDEN=write it says from now on what was made."""
    path = RECORDED / f"{name}.json"
    if os.environ.get("GOLDEN") == "write":
        text = json.dumps(json.loads(body), indent=1, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))


def recorded_text(name: str, made: str) -> str:
    """The same of a body that is no JSON."""
    path = RECORDED / f"{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(made.encode())
    return path.read_bytes().decode()


def faults(name: str, body: bytes) -> list[str]:
    """Where a body is not what the vendor describes."""
    described = json.loads((DESCRIBED / f"{name}.json").read_text(encoding="utf-8"))
    found = Draft202012Validator(described).iter_errors(json.loads(body))
    return [f"{error.json_path}: {error.message}" for error in found]

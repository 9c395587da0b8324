"""What tests of the command `edgeaffect` share."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import edgeaffect
from edgeaffect.cli import main
from edgeaffect.models.registry import FILES

SCHEMA, ERROR = (
    json.loads((Path(edgeaffect.__file__).parent / f"{name}.schema.json").read_text("utf-8"))
    for name in ("result", "error")
)
# `jsonschema.validate` would check the schema itself again for every line, which takes longer than the rest.
RESULT_LINE, ERROR_LINE, VOICE_LINE = (
    jsonschema.Draft202012Validator(schema)
    for schema in (SCHEMA, ERROR, {**SCHEMA["$defs"]["voice"], "$defs": SCHEMA["$defs"]})
)
bundled = pytest.mark.skipif(not (FILES / "face-detector.onnx").exists(), reason="no bundled detector in this tree")


def command(*words: str, **options) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "edgeaffect", *words], capture_output=True, text=True, timeout=60, **options
    )


def complaint(capfd, *words: str) -> str:
    """Standard error of a call that must be refused: one line, no traceback, exit code 2."""
    assert main(words) == 2
    out, err = capfd.readouterr()
    assert out == "" and err.count("\n") == 1 and err.startswith("edgeaffect: "), (out, err)
    return err

"""The examples with jq in the documentation run."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from edgeaffect.cli import main
from edgeaffect.models.registry import FILES

ROOT = Path(__file__).resolve().parent.parent
PAGE, PICTURE = ROOT / "docs" / "result.md", ROOT / "export" / "astronaut.jpg"


@pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq")
@pytest.mark.skipif(not (PAGE.exists() and (FILES / "face-detector.onnx").exists()), reason="needs the source tree")
def test_examples_run(tmp_path: Path) -> None:
    assert main(["run", str(PICTURE), "--json", str(tmp_path / "results.jsonl")]) == 0
    commands = re.findall(r"^jq .*$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert len(commands) == 5
    for command in commands:
        done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0 and done.stdout.strip() not in ("", "null"), (command, done.stderr)

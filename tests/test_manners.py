"""What a library must not do to the program that loads it, nor to its user's machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import edgeaffect
from edgeaffect import Error, Pipeline
from edgeaffect._paths import home
from edgeaffect.cli import main
from edgeaffect.models.registry import FILES

bundled = pytest.mark.skipif(not (FILES / "face-detector.onnx").exists(), reason="no bundled detector in this tree")


def fresh(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code in an interpreter of its own."""
    clean = {key: value for key, value in os.environ.items() if key not in ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")}
    root = str(Path(edgeaffect.__file__).parent.parent)
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False,
        env=clean | {"PYTHONPATH": root} | environment,
    )  # fmt: skip


@bundled
def test_nothing_is_written_to_the_users_folder_and_telemetry_is_off(tmp_path):
    """ONNX Runtime's official builds keep a device id in the cache folder and send events, unless told not to."""
    code = (
        "import os, numpy as np; from edgeaffect import Pipeline\n"
        "Pipeline().process(np.zeros((120, 160, 3), np.uint8)); print(os.environ['ORT_DISABLE_TELEMETRY'])"
    )
    done = fresh(code, HOME=str(tmp_path))
    assert done.stdout == "1\n" and done.stderr == ""
    assert list(tmp_path.rglob("*")) == []


def test_a_users_own_choice_about_telemetry_stands():
    code = "import os; from edgeaffect._lazy import require; require('onnxruntime'); print(os.environ.get(%r))"
    assert fresh(code % "ORT_DISABLE_TELEMETRY", ORT_DISABLE_TELEMETRY="0").stdout == "0\n"


@bundled
def test_a_user_without_a_home_runs_the_bundled_models(monkeypatch, capsys):
    """Containers run under ids that are in no list of users, without HOME."""
    for name in ("HOME", "XDG_CACHE_HOME", "EDGEAFFECT_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 7)
    with Pipeline() as pipeline:
        pipeline.process(np.zeros((120, 160, 3), np.uint8))
    assert main(["models", "list"]) == main(["doctor"]) == 0
    assert "set EDGEAFFECT_HOME" in capsys.readouterr().out
    with pytest.raises(Error, match="set EDGEAFFECT_HOME"):
        home()

"""Frozen programs: the hook that ships is found and names what is needed; a real build where one is asked for."""

from __future__ import annotations

import importlib.metadata
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import edgeaffect
from edgeaffect._pyinstaller import get_hook_dirs

FOLDER = Path(edgeaffect.__file__).parent
# Extras, and what comes with them: none is needed to perceive, and to look through them all takes minutes. What the
# hook itself keeps out, onnx and numba, is not among them.
EXTRAS = (
    "IPython", "PIL", "av", "hypothesis", "librosa", "matplotlib", "pandas", "polars", "pyarrow", "pytest", "ray",
    "rosbags", "scipy", "skimage", "sklearn", "supervision", "sympy", "tensorrt_rtx", "tensorrt_rtx_bindings",
    "tensorrt_rtx_libs", "timm", "torch", "torchvision",
)  # fmt: skip


def test_the_hook_is_where_the_entry_point_says() -> None:
    assert [(Path(folder) / "hook-edgeaffect.py").is_file() for folder in get_hook_dirs()] == [True]
    declared = {point.value for point in importlib.metadata.entry_points(group="pyinstaller40")}
    assert "edgeaffect._pyinstaller:get_hook_dirs" in declared


def test_the_hook_names_models_and_lazy_imports() -> None:
    pytest.importorskip("PyInstaller")
    hook = runpy.run_path(str(Path(get_hook_dirs()[0]) / "hook-edgeaffect.py"))
    named = {Path(source).name for source, _ in hook["datas"]}
    assert {path.name for path in (FOLDER / "models" / "files").glob("*.onnx")} <= named
    assert {"edgeaffect.pipeline.pipeline", "edgeaffect.face.affect", "cv2", "onnxruntime"} <= set(
        hook["hiddenimports"]
    )
    assert not any(name.startswith("edgeaffect.export") for name in hook["hiddenimports"])


@pytest.mark.skipif(
    os.environ.get("EDGEAFFECT_TEST_PYINSTALLER") != "1", reason="minutes: EDGEAFFECT_TEST_PYINSTALLER=1"
)
def test_a_frozen_program_perceives(tmp_path: Path) -> None:
    """Needs an installed wheel: PyInstaller does not see editable installations."""
    picture = FOLDER / "export" / "astronaut.jpg"
    (tmp_path / "app.py").write_text(
        "import sys\nfrom edgeaffect import Pipeline\n"
        "for r in Pipeline().stream(sys.argv[1]): print([f.label for f in r.faces])\n"
    )
    subprocess.run(
        [sys.executable, "-m", "PyInstaller", "-y", *(f"--exclude-module={name}" for name in EXTRAS), "app.py"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    done = subprocess.run([tmp_path / "dist" / "app" / "app", picture], capture_output=True, text=True, check=False)
    assert done.stdout == "['happiness']\n", done.stderr

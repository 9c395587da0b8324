"""Ctrl-C at any moment ends the command with 130 and without a traceback, also while Python imports."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import edgeaffect

PICTURE = Path(edgeaffect.__file__).parent.parent / "export" / "astronaut.jpg"
SCRIPT = Path(sys.executable).with_name("edgeaffect")
ROOT = str(Path(edgeaffect.__file__).parent.parent)

pytestmark = pytest.mark.skipif(not PICTURE.exists(), reason="needs the picture of the source tree")


def start(*words: str, script: bool = False) -> subprocess.Popen[str]:
    """The command, telling on standard error what it imports as it does."""
    how = [str(SCRIPT)] if script else ["-m", "edgeaffect"]
    return subprocess.Popen(
        [sys.executable, "-X", "importtime", *how, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": ROOT},
        # Whoever runs the suite in the background of a shell without job control leaves SIGINT ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def interrupted(process: subprocess.Popen[str], module: str, delay: float = 0.0) -> tuple[int, str]:
    """Exit code, as a shell tells it, and what was said, apart from the list of imports."""
    said = []
    sent = False
    for line in process.stderr:
        if re.search(rf"\| +{re.escape(module)}$", line) and not sent:
            time.sleep(delay)
            process.send_signal(signal.SIGINT)
            sent = True
        elif not line.startswith("import time:"):
            said.append(line)
    process.communicate(timeout=60)
    code = process.returncode
    if code == -signal.SIGINT:  # it had done its work: a Python that ends gives the signal back to the system
        code = 130
    assert sent, f"{module} was never imported: {said}"
    return code, "".join(said)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder whose pictures take seconds, so that no signal comes when all is done."""
    folder = tmp_path_factory.mktemp("pictures")
    for i in range(300):
        (folder / f"{i}.jpg").symlink_to(PICTURE)
    return str(folder)


MOMENTS = ["edgeaffect._start", "logging", "edgeaffect", "argparse", "numpy._core", "edgeaffect.sources.base"]


@pytest.mark.parametrize("script", [False, True])
@pytest.mark.parametrize("module", MOMENTS)
def test_ctrl_c_while_the_command_is_imported(module, script, pictures):
    if script and not SCRIPT.exists():
        pytest.skip("the command is not installed beside this Python")
    code, said = interrupted(start("run", pictures, "--no-affect", script=script), module)
    assert code == 130
    assert "Traceback" not in said and "Exception" not in said, said


@pytest.mark.parametrize(
    "module", ["cv2.version", "onnxruntime.capi.onnxruntime_pybind11_state", "edgeaffect.face.tracker"]
)
@pytest.mark.parametrize("delay", [0.0, 0.02])
def test_ctrl_c_while_libraries_and_models_load(module, delay, pictures):
    code, said = interrupted(start("run", pictures, "--no-affect"), module, delay)
    assert code == 130
    assert "Traceback" not in said and "Exception" not in said, said


def test_a_program_that_uses_the_package_keeps_its_own_ctrl_c(tmp_path):
    code = "import signal, edgeaffect, edgeaffect.cli as c; c.main(['--version'])\n"
    check = "print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("import edgeaffect\n")
    (tmp_path / "app" / "__main__.py").write_text(code + check)
    for how in (["-m", "app"], ["-c", code + check], [str(tmp_path / "app" / "__main__.py")]):
        done = subprocess.run(
            [sys.executable, *how],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            env=os.environ | {"PYTHONPATH": f"{ROOT}:{tmp_path}"},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        assert done.stdout.splitlines()[-1] == "True", (how, done.stderr)


def test_who_ignores_ctrl_c_goes_on_ignoring_it():
    """As a shell does for what it starts in the background."""
    process = subprocess.Popen(
        [sys.executable, "-m", "edgeaffect", "run", str(PICTURE), "--no-affect"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": ROOT},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    for _ in range(3):
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 0

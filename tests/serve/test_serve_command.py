"""`edgeaffect serve`: what it prints, where it listens, how it ends."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from serve_parts import TOKEN, scene_frames

import edgeaffect
from edgeaffect.cli import main

for package in ("starlette", "uvicorn", "prometheus_client"):
    pytest.importorskip(package)
cv2 = pytest.importorskip("cv2")

ROOT = str(Path(edgeaffect.__file__).parent.parent)


@pytest.fixture(scope="module")
def pictures(portrait: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for i, frame in enumerate(scene_frames(portrait, 2)):
        cv2.imwrite(str(folder / f"{i}.png"), frame)
    return folder


@contextlib.contextmanager
def command(*words: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command at work, and the address that it printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "edgeaffect", "serve", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": ROOT} | environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.search(r"http://[\w.:]+/", line)
        assert found is not None, line + process.stderr.read()
        yield process, found[0]
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_it_serves_until_a_signal(pictures, number, code):
    with command(str(pictures), "--loop", "--port", "0", "--no-explain") as (process, address):
        with urllib.request.urlopen(f"{address}video", timeout=10) as video:
            assert video.read(7) == b"--frame"
            began = time.monotonic()
            process.send_signal(number)
            process.wait(10)
            assert time.monotonic() - began < 6
        assert process.returncode in (code, -number)
        assert process.stderr.read() == ""


def test_a_token_from_the_environment_is_asked_for_and_not_shown(pictures):
    with command(str(pictures), "--port", "0", "--no-explain", EDGEAFFECT_TOKEN=TOKEN) as (process, address):
        said = process.stderr.readline()  # the page answers before this is said: wait for it before the signal
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{address}state", timeout=10)
        request = urllib.request.Request(f"{address}state", headers={"Authorization": f"Bearer {TOKEN}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        process.wait(10)
        said += process.stdout.read() + process.stderr.read()
    assert "asks for the token" in said and TOKEN not in said


def test_a_new_token_is_shown_once_on_a_terminal(pictures):
    """As a real terminal sees it; the address brings the token behind a `#`."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "edgeaffect", "serve", str(pictures), "--port", "0", "--new-token", "--no-explain"],
        stdout=subprocess.DEVNULL, stderr=terminal, env=os.environ | {"PYTHONPATH": ROOT},
    )  # fmt: skip
    os.close(terminal)
    said = ""
    try:
        with contextlib.suppress(OSError):  # the end of a terminal
            while "#token=" not in said or not said.endswith("\n"):
                said += os.read(controller, 1000).decode()
        found = re.search(r"(http://\S+/)#token=(\S+)", said)
        assert found is not None, said
        request = urllib.request.Request(f"{found[1]}state", headers={"Authorization": f"Bearer {found[2]}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200
        assert said.count(found[2]) == 1 and len(found[2]) >= 32
    finally:
        process.kill()
        process.wait()
        os.close(controller)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--host", "0.0.0.0"], "--new-token"),
        (["--new-token"], "no terminal"),
        (["--token-file", "/nowhere/token"], "/nowhere/token"),
        (["--port", "65536"], "65535"),
        (["--draw", "nothing"], "landmarks"),
        (["--mic"], "--sound"),
        (["--allow-host", ""], "allow_hosts"),
        (["--stall-after", "0"], "stall_after"),
    ],
)
def test_what_cannot_be_is_told(pictures, capsys, monkeypatch, words, complaint):
    monkeypatch.delenv("EDGEAFFECT_TOKEN", raising=False)
    assert main(["serve", str(pictures), "--port", "0", *words]) == 2
    assert complaint in capsys.readouterr().err


def test_a_short_token_in_a_file_is_refused_without_being_shown(pictures, tmp_path, capsys):
    (tmp_path / "token").write_text("S3cr\n")
    assert main(["serve", str(pictures), "--token-file", str(tmp_path / "token")]) == 2
    said = capsys.readouterr().err
    assert "16 to 512" in said and "S3cr" not in said


def test_a_missing_extra_is_named(pictures, capsys, monkeypatch):
    for package in ("starlette", "uvicorn", "prometheus_client"):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, package, None)
            patch.delitem(sys.modules, "edgeaffect.serve.routes", raising=False)
            assert main(["serve", str(pictures), "--port", "0", "--no-explain"]) == 2
        assert "edgeaffect[serve]" in capsys.readouterr().err


def test_a_camera_that_is_lost_ends_it_with_1(capsys, monkeypatch):
    """A service manager then starts it again."""
    from edgeaffect.errors import SourceError
    from edgeaffect.sources.paced import PacedSource

    class Lost(PacedSource):
        def _produce(self, mailbox, stop):
            raise SourceError("rtsp://admin:S3cr@10.0.0.1/ was lost")

    monkeypatch.setattr("edgeaffect.cli.serve.open_frames", lambda arguments: Lost([np.zeros((48, 64, 3), np.uint8)]))
    assert main(["serve", "0", "--port", "0", "--no-explain"]) == 1
    said = capsys.readouterr().err
    assert "was lost" in said and "S3cr" not in said

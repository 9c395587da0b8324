"""A whole run opens no socket, starts no program, and writes nothing but what it was asked for."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import edgeaffect
from edgeaffect.models.registry import FILES

cv2 = pytest.importorskip("cv2")
ROOT = str(Path(edgeaffect.__file__).parent.parent)
pytestmark = pytest.mark.skipif(not (FILES / "face-detector.onnx").exists(), reason="no bundled detector in this tree")

# Runs the command, and prints what Python's audit hook saw of files, sockets and programs.
WATCHED = """
import json, os, sys
seen = []
def watch(event, arguments):
    programs = ("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "os.fork")
    if event.startswith("socket.") or event in programs:
        seen.append([event, repr(arguments)[:200]])
    elif event == "open":
        path, mode, flags = arguments
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
        if writes and not isinstance(path, int):
            seen.append([event, os.path.realpath(os.fsdecode(path))])
    elif event in ("os.mkdir", "os.rename", "os.remove", "os.link", "os.symlink", "os.truncate", "shutil.move"):
        seen.append([event, os.path.realpath(os.fsdecode(arguments[0]))])
sys.addaudithook(watch)
from edgeaffect.cli import main
code = main(sys.argv[1:])
sys.stdout.write(json.dumps([code, seen]))
"""


@pytest.fixture(scope="module")
def folder(portrait: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("private")
    writer = cv2.VideoWriter(str(folder / "in.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 25, (256, 256))
    for i in range(6):
        writer.write(np.roll(cv2.resize(portrait, (256, 256)), i, axis=1))
    writer.release()
    cv2.imwrite(str(folder / "in.png"), portrait)
    (folder / "home").mkdir()
    return folder


def outputs(folder: Path) -> list[str]:
    """Words of a run that writes everything it can."""
    return [
        "run", str(folder / "in.avi"), "--json", str(folder / "out.jsonl"), "--csv", str(folder / "out.csv"),
        "--events", str(folder / "events.jsonl"), "--save", str(folder / "out.avi"), "--redact", "blur",
    ]  # fmt: skip


WRITTEN = {"out.jsonl", "out.csv", "events.jsonl", "out.avi"}


def environment(folder: Path) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if name not in ("XDG_CACHE_HOME", "EDGEAFFECT_HOME")}
    # Bytecode beside the sources is Python's own doing.
    return clean | {"HOME": str(folder / "home"), "PYTHONPATH": ROOT, "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.mark.parametrize("verb", ["run", "explain"])
def test_a_run_as_python_sees_it(folder, verb):
    words = outputs(folder) if verb == "run" else ["explain", str(folder / "in.png")]
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *words], env=environment(folder), capture_output=True, text=True, timeout=120,
        check=True, cwd=folder,
    )  # fmt: skip
    code, seen = json.loads(done.stdout[done.stdout.index("[") :])
    assert code == 0, done.stderr
    places = {str(folder / name) for name in WRITTEN} | {"/dev/null"}
    # The explainer's bundle is unpacked into the cache folder.
    cache = str(folder / "home" / ".cache" / "edgeaffect")
    odd = [one for one in seen if one[1] not in places and not f"{one[1]}/".startswith(f"{cache}/")]
    assert [one for one in odd if one != ["os.mkdir", str(folder / "home" / ".cache")]] == []
    assert {path.name for path in folder.iterdir()} <= WRITTEN | {"in.avi", "in.png", "home"}


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed (apt-get install strace)")
def test_a_run_as_the_system_sees_it(folder):
    """With everything that native libraries do: OpenCV, FFmpeg, ONNX Runtime."""
    calls = "trace=network,open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,execve"
    log = folder / "home" / "trace"
    command = ["strace", "-f", "-qq", "-o", str(log), "-e", calls, "-e", "signal=none"]
    words = [sys.executable, "-m", "edgeaffect", *outputs(folder)]
    done = subprocess.run(
        [*command, *words],
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        cwd=folder,
    )
    if "PTRACE" in done.stderr or "Operation not permitted" in done.stderr:
        pytest.skip("this machine lets nobody trace")
    assert done.returncode == 0, done.stderr
    lines = log.read_text("utf-8", "replace").splitlines()
    log.unlink()
    assert any("face-detector" in line for line in lines)  # it does see what is read
    network = re.compile(r"\b(connect|bind|sendto|sendmsg|listen|accept4?)\(|socket\((?!AF_UNIX)")
    assert [line for line in lines if network.search(line)] == []
    writes = re.compile(r'(?:open(?:at2?)?|creat)\([^"]*"([^"]+)".*O_(?:WRONLY|RDWR|CREAT)')
    written = {match[1] for line in lines if (match := writes.search(line)) and " = -1 " not in line}
    allowed = {str(folder / name) for name in WRITTEN} | {"/dev/null"}
    assert {path for path in written if path not in allowed and not path.startswith(("/dev/", "/proc/self/"))} == set()
    changed = [line for line in lines if re.search(r"\b(mkdir|rename|unlink)\w*\(", line) and " = 0" in line]
    assert changed == []
    assert sum("execve(" in line for line in lines) == 1  # itself


def test_secrets_of_a_source_are_in_nothing_that_is_written(portrait, tmp_path):
    """A camera with a password: results, tables, events, recordings and the page call it by its address without it."""
    from mjpeg_server import MjpegServer

    with MjpegServer(frames=200) as server:
        address = server.url.replace("http://", "http://admin:S3cr@")
        address += ("&" if "?" in address else "?") + "token=S3cr"
        words = [
            "run", address, "--max-frames", "3", "--json", str(tmp_path / "a.jsonl"), "--csv", str(tmp_path / "a.csv"),
            "--events", str(tmp_path / "e.jsonl"), "--save", str(tmp_path / "a.avi"),
        ]  # fmt: skip
        if _has("rosbags") and _has("mcap"):
            words += ["--bag", str(tmp_path / "a.mcap")]
        done = subprocess.run(
            [sys.executable, "-m", "edgeaffect", *words], capture_output=True, text=True, timeout=120, check=False,
            env=os.environ | {"PYTHONPATH": ROOT},
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(written) >= 4 and written["a.jsonl"].count(b"\n") == 3
    assert "S3cr" not in done.stdout + done.stderr
    assert [name for name, data in written.items() if b"S3cr" in data] == []
    if "a.mcap" in written:  # compressed
        from mcap.reader import make_reader

        with (tmp_path / "a.mcap").open("rb") as file:
            assert all(b"S3cr" not in message.data for _, _, message in make_reader(file).iter_messages())


def _has(package: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(package) is not None

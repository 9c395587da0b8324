"""Digests, atomic writes, locks and bounded reads of `_files`; folders of `_paths`; hostile documents of `_json`."""

import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from edgeaffect import Error, _files, _paths
from edgeaffect._json import load_json


def test_a_digest_is_that_of_the_content(tmp_path):
    data = os.urandom((1 << 20) + 17)
    (tmp_path / "x").write_bytes(data)
    assert _files.file_sha256(tmp_path / "x") == hashlib.sha256(data).hexdigest()


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"old")
    path.chmod(0o640)
    with pytest.raises(RuntimeError, match="stop"), _files.atomic_writer(path) as stream:  # noqa: PT012  (two steps)
        stream.write(b"new")
        raise RuntimeError("stop")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]
    _files.write_atomically(path, b"new")
    assert path.read_bytes() == b"new" and path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_follows_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        _files.write_atomically(tmp_path / "x", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o640


def test_reads_are_bounded(tmp_path):
    (tmp_path / "x").write_bytes(b"12345")
    assert _files.read_bounded(tmp_path / "x", 5) == b"12345"
    with pytest.raises(ValueError, match="larger than 4 bytes"):
        _files.read_bounded(tmp_path / "x", 4)


def test_a_lock_keeps_others_out_and_dies_with_its_process(tmp_path):
    lock = tmp_path / "lock"
    code = (
        "import time; from edgeaffect._files import locked\n"
        f"with locked({str(lock)!r}): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        with pytest.raises(BlockingIOError), _files.locked(lock, wait=False):
            pass
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    with _files.locked(lock, wait=False):
        pass


def test_locks_that_are_removed_still_admit_one_at_a_time(tmp_path):
    lock, inside, most, waits = tmp_path / "lock", [], [], []

    def work():
        for _ in range(30):
            with _files.locked(lock, remove=True, on_wait=lambda: waits.append(1)):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 120 and max(most) == 1 and not lock.exists()


def test_folders_lie_in_the_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("EDGEAFFECT_HOME", str(tmp_path))
    assert _paths.home() == tmp_path and _paths.store_folder() == _paths.models_folder() == tmp_path / "models"
    assert _paths.onnxruntime_engines_folder() == tmp_path / "engines" / "onnxruntime"
    monkeypatch.delenv("EDGEAFFECT_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert _paths.home() == tmp_path / "xdg" / "edgeaffect"


def test_a_user_without_a_home_has_no_store(monkeypatch):
    for name in ("EDGEAFFECT_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
    assert _paths.store_folder() is None
    with pytest.raises(Error, match="EDGEAFFECT_HOME"):
        _paths.home()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 200_000, "nested too deep"),
        ('{"a":' * 100_000, "nested too deep"),
        ("9" * 5000, "thousands of digits"),
        ("NaN", "no JSON number"),
        ("-Infinity", "no JSON number"),
        (b"\xff\xfe{}", "UTF-8|not JSON"),
        ("{", "not JSON"),
        (" " * (1 << 21), "longer than"),
    ],
)
def test_hostile_documents_are_refused_in_one_line(text, message):
    with pytest.raises(ValueError, match=message) as caught:
        load_json(text)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300

"""Servers that never end, sizes, and full disks."""

# ruff: noqa: F811  (pytest hands a fixture over under the name it was imported by)
from __future__ import annotations

import errno
import http.server
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from download_servers import CONTENT, DIGEST, QUICK, Servers, body, crumbs, names, servers  # noqa: F401

from edgeaffect.cli import main
from edgeaffect.models import partial, store
from edgeaffect.models.download import DownloadError, RetryPolicy, download


def test_cuts_at_changing_places_end_the_retries(servers: Servers, tmp_path: Path) -> None:
    """Without ranges the file starts anew each time; one that gets further now and then is no progress for ever."""
    places = iter([1000, 90_000, 500, 80_000, 600, 85_000, 700, 70_000] * 100)

    def cut(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        handler.wfile.write(CONTENT[: next(places)])

    servers.replies = {"/m": cut}
    with pytest.raises(DownloadError, match="3 times in a row"):
        download(f"{servers.http}/m", tmp_path / "m", retry=QUICK)
    assert len(servers.asked) <= 6


def test_connections_are_counted(servers: Servers, tmp_path: Path) -> None:
    servers.replies = {"/m": crumbs}
    with pytest.raises(DownloadError, match=r"after 20 connections.*same command again"):
        download(f"{servers.http}/m", tmp_path / "m", retry=QUICK)
    assert len(servers.asked) == 20
    assert [path.stat().st_size for path in tmp_path.glob(".m.*.part")] == [20]  # the next call goes on from here


def test_time_is_counted(servers: Servers, tmp_path: Path) -> None:
    def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        for i in range(100):
            handler.wfile.write(CONTENT[i : i + 1])
            handler.wfile.flush()
            time.sleep(0.1)

    servers.replies = {"/m": drip}
    started = time.monotonic()
    with pytest.raises(DownloadError, match=r"0\.5 s are over"):
        download(f"{servers.http}/m", tmp_path / "m", retry=RetryPolicy(stall=5, pause=0.0, total=0.5))
    assert time.monotonic() - started < 8  # of ten


@pytest.mark.parametrize("length", [str(len(CONTENT)), ""])
def test_too_large_is_refused(
    servers: Servers, tmp_path: Path, length: str, capsys: pytest.CaptureFixture[str]
) -> None:
    servers.replies = {"/m": body(Content_Length=length)}
    with pytest.raises(DownloadError, match="at most 0 are fetched: allow more with --max-size"):
        download(f"{servers.http}/m", tmp_path / "m", retry=QUICK, max_bytes=100_000)
    assert len(servers.asked) == 1 and not (tmp_path / "m").exists()
    assert main(["models", "pull", f"{servers.http}/m", "-o", str(tmp_path), "--max-size", "0.1"]) == 1
    assert "--max-size" in capsys.readouterr().err
    for bad in ("0", "-1", "nan", "inf"):
        assert main(["models", "pull", f"{servers.http}/m", "--max-size", bad]) == 2


def test_lengths_that_are_none(servers: Servers, tmp_path: Path) -> None:
    servers.replies = {"/m": body(Content_Length="9" * 5000)}
    assert download(f"{servers.http}/m", tmp_path / "m", retry=QUICK) == DIGEST


def test_an_empty_file_is_no_model(servers: Servers, tmp_path: Path) -> None:
    servers.replies = {"/m": body(b""), "/n": body(b"", Content_Length="")}
    for path in ("/m", "/n"):
        with pytest.raises(DownloadError, match="gave an empty file: nothing was kept"):
            store.pull(servers.http + path, folder=tmp_path / "o", retry=QUICK)
    assert names(tmp_path / "o") == []
    (tmp_path / "o" / "m").touch()
    servers.replies = {"/m": body()}
    assert store.pull(f"{servers.http}/m", folder=tmp_path / "o", retry=QUICK).fetched


def test_what_a_proxy_packs_is_not_kept(servers: Servers, tmp_path: Path) -> None:
    servers.replies = {"/m": body(Content_Encoding="gzip")}
    with pytest.raises(DownloadError, match="packs the file"):
        download(f"{servers.http}/m", tmp_path / "m", retry=QUICK)


def test_a_full_disk_is_not_the_network(servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    servers.replies = {"/m": body(Content_Length="")}
    monkeypatch.setattr(partial.os, "write", full)
    with pytest.raises(DownloadError, match=r"no space left on the disk of .*free some or give another folder \(--out"):
        download(f"{servers.http}/m", tmp_path / "o" / "m", retry=QUICK)
    assert len(servers.asked) == 1


def test_a_file_without_room_is_not_begun(servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    servers.replies = {"/m": body()}
    with pytest.raises(DownloadError, match="no space left on the disk"):
        download(f"{servers.http}/m", tmp_path / "o" / "m", retry=QUICK)
    assert names(tmp_path / "o") == []


def test_a_real_limit_of_the_system(servers: Servers, tmp_path: Path) -> None:
    servers.replies = {"/m": body(Content_Length="")}
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "from edgeaffect.cli import main; sys.exit(main(['models', 'pull', *sys.argv[1:]]))"
    )
    command = [sys.executable, "-c", code, f"{servers.http}/m", "-o", str(tmp_path / "o")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1, done.stderr
    assert "cannot be written (File too large): give another folder" in done.stderr and done.stderr.count("\n") == 1
    assert len(servers.asked) == 1


def test_a_folder_that_cannot_be_written(servers: Servers, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    servers.replies = {"/m": body()}
    assert main(["models", "pull", f"{servers.http}/m", "-o", str(tmp_path / "file")]) == 1
    assert "give another folder" in capsys.readouterr().err
    assert servers.asked == []

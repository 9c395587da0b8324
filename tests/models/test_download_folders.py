"""Folders that others can write to."""

# ruff: noqa: F811  (pytest hands a fixture over under the name it was imported by)
from __future__ import annotations

import http.server
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from download_servers import CONTENT, DIGEST, QUICK, Servers, body, crumbs, names, servers  # noqa: F401

from edgeaffect._files import locked
from edgeaffect.models import store
from edgeaffect.models.download import DownloadError, RetryPolicy, download
from edgeaffect.models.pulled import RECORD


def test_prepared_links_are_not_followed(servers: Servers, tmp_path: Path) -> None:
    servers.replies = {"/m": body()}
    victim, folder = tmp_path / "victim", tmp_path / "shared"
    victim.write_text("precious")
    folder.mkdir()
    for name in ("m.part", "m.part.json", "m.part.lock", f".{RECORD}.{os.getpid()}", f".m.{'0' * 16}.part",
                 f".m.{'0' * 16}.part.json"):  # fmt: skip
        (folder / name).symlink_to(victim)
    store.pull(f"{servers.http}/m", folder=folder, retry=QUICK)
    (folder / "lock").symlink_to(tmp_path / "new")
    with pytest.raises(OSError, match="symbolic links"), locked(folder / "lock"):
        pass
    assert not (tmp_path / "new").exists()
    assert victim.read_text() == "precious" and (folder / "m").read_bytes() == CONTENT


@pytest.mark.parametrize("trick", ["mode", "link"])
def test_a_beginning_by_somebody_else_is_not_believed(servers: Servers, tmp_path: Path, trick: str) -> None:
    asked: list[str | None] = []

    def reply(handler: http.server.BaseHTTPRequestHandler) -> None:
        asked.append(handler.headers.get("Range"))
        crumbs(handler) if len(asked) == 1 else body(ETag='"1"')(handler)

    servers.replies = {"/m": reply}
    once = RetryPolicy(stall=2.0, attempts=1, pause=0.0, connections=1)
    with pytest.raises(DownloadError):
        download(f"{servers.http}/m", tmp_path / "m", retry=once)
    (part,) = tmp_path.glob(".m.*.part")
    assert stat.S_IMODE(part.stat().st_mode) == 0o600
    part.write_bytes(b"EVIL")
    if trick == "mode":
        part.chmod(0o666)
    else:
        os.link(part, tmp_path / "other")
    assert download(f"{servers.http}/m", tmp_path / "m", retry=QUICK) == DIGEST
    assert asked == [None, None] and part.exists()


def test_names_differ_and_permissions_are_usual(servers: Servers, tmp_path: Path) -> None:
    seen: set[str] = set()
    servers.replies = {"/m": body()}
    for i in range(3):
        target = tmp_path / str(i) / "m"
        download(f"{servers.http}/m", target, retry=QUICK, progress=lambda *_: seen.update(names(target.parent)))  # noqa: B023
        (tmp_path / "usual").touch()
        assert target.stat().st_mode == (tmp_path / "usual").stat().st_mode
        assert names(target.parent) == ["m"]
    assert len({name for name in seen if name.endswith(".part")}) == 3


def test_two_at_a_time(servers: Servers, tmp_path: Path) -> None:
    servers.replies = {"/m": body()}
    errors: list[Any] = []

    def second(*_: object) -> None:
        if not errors:
            with pytest.raises(DownloadError, match="another process is fetching") as caught:
                download(f"{servers.http}/m", tmp_path / "m", retry=QUICK)
            errors.append(caught.value)

    assert download(f"{servers.http}/m", tmp_path / "m", retry=QUICK, progress=second) == DIGEST
    assert errors and names(tmp_path) == ["m"]

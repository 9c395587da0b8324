"""One file over HTTP: resumed after every cut, and kept only if it is the right one. Standard library only."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import http.client
import json
import logging
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._version import __version__
from ..errors import Error

log = logging.getLogger("edgeaffect.models")

ProgressCallback = Callable[[int, "int | None"], None]
"""bytes here, bytes in all (None where the server does not say)."""

_CHUNK = 64 << 10
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
# What servers send instead of the file: GitHub's LFS pointer, and pages of proxies and hotel networks.
_NOT_A_MODEL = {b"version https://git-lfs": "a Git LFS pointer", b"<!doctype": "a web page", b"<html": "a web page"}


class DownloadError(Error, OSError):
    """A file cannot be had, or is not the right one."""


@dataclass(frozen=True)
class RetryPolicy:
    """How long to try."""

    stall: float = 20.0
    """Seconds without a byte until the connection is given up and resumed."""
    attempts: int = 6
    """Connections in a row that bring no byte, before giving up."""
    pause: float = 1.0
    """Seconds before the second attempt; each further one waits twice as long."""


def download(
    url: str,
    target: Path,
    *,
    sha256: str | None = None,
    progress: ProgressCallback | None = None,
    retry: RetryPolicy | None = None,
) -> str:
    """Fetch `url` into `target`, by an atomic rename once it is whole and right.

    What arrived stays in `target` + `.part`, also when the process is killed; the next call goes on from there if the
    server still has the same file.

    Args:
        sha256: expected digest in hex; None is not checked.

    Returns:
        sha256 of the file, in hex.

    Raises:
        DownloadError: no such file, the server keeps failing, or the content is wrong.
        ValueError: not an address this may fetch.
    """
    check_url(url, sha256)
    retry = retry or RetryPolicy()
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    with _only_one(part):
        _fetch(url, part, progress, retry)
        digest = file_digest(part)
        _check(part, url, digest, sha256)
        os.replace(part, target)
        _note_of(part).unlink(missing_ok=True)
    return digest


def check_url(url: str, sha256: str | None) -> None:
    """Refuse what is no HTTP address, and plain HTTP to another machine where no digest protects the content."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is not an https:// address")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK and sha256 is None:
        raise ValueError(f"{url!r} is plain http, which anyone on the way can change: use https, or give its sha256")
    if sha256 is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise ValueError(f"sha256 must be 64 hexadecimal digits; got {sha256!r}")


def file_digest(path: Path) -> str:
    """sha256 of a file, in hex, without holding it in memory."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _fetch(url: str, part: Path, progress: ProgressCallback | None, retry: RetryPolicy) -> None:
    """Connect again and again until `part` is whole."""
    fruitless = 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            if _connect(url, part, progress, retry):
                return
            reason = "the connection was cut"
        except urllib.error.HTTPError as error:
            if error.code == 416:  # what is here is not a beginning of what is there
                _forget(part)
            elif error.code < 500 and error.code not in (408, 429):
                raise DownloadError(f"{url}: the server answers {error.code} {error.reason}") from error
            reason = f"the server answers {error.code} {error.reason}"
        except DownloadError:
            raise
        except (OSError, http.client.HTTPException) as error:
            reason = str(getattr(error, "reason", error)) or type(error).__name__
        gained = (part.stat().st_size if part.exists() else 0) - before
        fruitless = 0 if gained > 0 else fruitless + 1
        if fruitless >= retry.attempts:
            raise DownloadError(
                f"{url}: {reason}, {fruitless} times in a row; check the network and run the same command again: it "
                "goes on where it stopped"
            )
        log.info("%s: %s after %d bytes; going on", url, reason, before + gained)
        time.sleep(retry.pause * 2 ** max(fruitless - 1, 0))


def _connect(url: str, part: Path, progress: ProgressCallback | None, retry: RetryPolicy) -> bool:
    """One connection. True when the file is whole."""
    note = _read_note(part)
    here = part.stat().st_size if part.exists() and note.get("url") == url and note.get("tag") else 0
    request = urllib.request.Request(url, headers={"User-Agent": f"edgeaffect/{__version__}"})
    if here:
        request.add_header("Range", f"bytes={here}-")
        request.add_header("If-Range", note["tag"])  # another file by now: the server sends it whole
    with urllib.request.urlopen(request, timeout=retry.stall) as response:
        if url.startswith("https:") and not response.geturl().startswith("https:"):
            raise DownloadError(f"{url} leads to {response.geturl()}, which is not https: refused")
        resumed = response.status == 206 and _range_start(response) == here
        here = here if resumed else 0
        total = _total(response, here)
        tag = response.headers.get("ETag") or response.headers.get("Last-Modified")
        _note_of(part).write_text(json.dumps({"url": url, "tag": _strong(tag)}), "utf-8")
        with open(part, "ab" if resumed else "wb") as stream:
            while chunk := response.read1(_CHUNK):
                stream.write(chunk)
                here += len(chunk)
                if progress is not None:
                    progress(here, total)
    return total is None or here >= total


def _range_start(response: Any) -> int | None:
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    return int(found[1]) if found else None


def _total(response: Any, here: int) -> int | None:
    length = response.headers.get("Content-Length")
    return here + int(length) if length and length.isdigit() else None


def _strong(tag: str | None) -> str | None:
    """A validator that promises byte equality; weak ones may not be used to resume (RFC 9110, 13.1.5)."""
    return None if tag is None or tag.startswith("W/") else tag


def _check(part: Path, url: str, digest: str, expected: str | None) -> None:
    with open(part, "rb") as stream:
        start = stream.read(64).lstrip().lower()
    wrong = next((what for mark, what in _NOT_A_MODEL.items() if start.startswith(mark)), None)
    if wrong is None and expected is not None and digest != expected.lower():
        wrong = f"a file with sha256 {digest}, expected {expected.lower()}"
    if wrong is not None:
        _forget(part)
        raise DownloadError(f"{url} gave {wrong}: nothing was kept")


def _note_of(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _read_note(part: Path) -> dict[str, Any]:
    try:
        note = json.loads(_note_of(part).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _note_of(part).unlink(missing_ok=True)


@contextlib.contextmanager
def _only_one(part: Path) -> Iterator[None]:
    """One process per file; a second one says so instead of mixing its bytes in."""
    path = part.with_name(part.name + ".lock")
    with open(path, "w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DownloadError(f"another process is fetching {part.name[: -len('.part')]} right now") from error
        try:
            yield
        finally:
            path.unlink(missing_ok=True)

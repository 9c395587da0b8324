"""One file over HTTP: resumed after every cut, and kept only if it is the right one. Standard library only."""

from __future__ import annotations

import errno
import http
import http.client
import logging
import re
import shutil
import time
import urllib.error
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .._redact import redact
from ..errors import Error
from .http_requests import RefusedError, Response, check_url, open_url
from .partial import Partial

log = logging.getLogger("edgeaffect.models")

ProgressCallback = Callable[[int, "int | None"], None]
"""bytes here, bytes in all (None where the server does not say)."""

_CHUNK = 64 << 10
# What servers send instead of the file: GitHub's LFS pointer, and pages of proxies and hotel networks.
_NOT_A_MODEL = {b"version https://git-lfs": "a Git LFS pointer", b"<!doctype": "a web page", b"<html": "a web page"}
# A length of more digits is no length.
_LENGTH_DIGITS = 18

MAX_BYTES = 4 << 30
"""Largest file that is fetched, unless told otherwise."""


class DownloadError(Error, OSError):
    """A file cannot be had, or is not the right one."""


@dataclass(frozen=True)
class RetryPolicy:
    """How long to try."""

    stall: float = 20.0
    """Seconds without a byte until the connection is given up and resumed."""
    attempts: int = 6
    """Connections in a row that bring the file no further, before giving up."""
    pause: float = 1.0
    """Seconds before the second attempt; each further one waits twice as long."""
    connections: int = 100
    """Connections in all."""
    total: float = 6 * 3600.0
    """Seconds in all."""


@dataclass(frozen=True)
class _Job:
    """What is fetched, and the bounds."""

    url: str
    target: Path
    sha256: str | None
    max_bytes: int
    retry: RetryPolicy
    progress: ProgressCallback | None
    deadline: float

    @property
    def shown(self) -> str:
        return redact(self.url)


def download(
    url: str,
    target: Path,
    *,
    sha256: str | None = None,
    progress: ProgressCallback | None = None,
    retry: RetryPolicy | None = None,
    max_bytes: int = MAX_BYTES,
) -> str:
    """Fetch `url` into `target`, by an atomic rename once it is whole and right.

    What arrived stays beside `target`, also when the process is killed; the next call goes on from there if the
    server still has the same file.

    Args:
        url: an https address. Plain http is taken from this machine, or when `sha256` is given; the same holds for
            every address that it leads to. A user and password in it go to its own host only.
        target: file to write; its folder is created.
        sha256: expected digest in hex; None is not checked.
        progress: called as bytes arrive.
        retry: how long to try.
        max_bytes: a larger file is refused.

    Returns:
        sha256 of the file, in hex.

    Raises:
        DownloadError: no such file, the server keeps failing, the disk is full, or the content is wrong.
        ValueError: not an address this may fetch.
    """
    check_url(url, sha256)
    retry = retry or RetryPolicy()
    job = _Job(url, target, sha256, max_bytes, retry, progress, time.monotonic() + retry.total)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with Partial.open(target, url) as part:
            _fetch(job, part)
            digest = _check(job, part)
            part.finish()
    except BlockingIOError as error:
        raise DownloadError(f"another process is fetching {target} right now: wait for it") from error
    except DownloadError:
        raise
    except OSError as error:
        raise _disk_error(job, error) from error
    return digest


def _fetch(job: _Job, part: Partial) -> None:
    """Connect again and again until the part is whole."""
    fruitless = 0
    furthest = part.size if part.resumable(job.url) else 0
    for connection in range(1, job.retry.connections + 1):
        reason = _attempt(job, part)
        if reason is None:
            return
        fruitless = 0 if part.size > furthest else fruitless + 1
        furthest = max(furthest, part.size)
        again = "check the network and run the same command again: it goes on where it stopped"
        if fruitless >= job.retry.attempts:
            raise DownloadError(f"{job.shown}: {reason}, {fruitless} times in a row; {again}")
        if time.monotonic() >= job.deadline:
            raise DownloadError(f"{job.shown}: {reason}, and {job.retry.total:g} s are over; {again}")
        log.info("%s: %s after %d bytes; going on", job.shown, reason, part.size)
        if connection < job.retry.connections:
            pause = job.retry.pause * 2 ** max(fruitless - 1, 0)
            time.sleep(max(0.0, min(pause, job.deadline - time.monotonic())))
    raise DownloadError(f"{job.shown}: {reason}, after {job.retry.connections} connections; {again}")


def _attempt(job: _Job, part: Partial) -> str | None:
    """One connection: None when the file is whole, else why it is not."""
    try:
        return None if _connect(job, part) else "the connection was cut"
    except urllib.error.HTTPError as error:
        answer = f"the server answers {error.code}{_phrase(error.code)}"
        error.close()
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:  # what is here is no beginning of the file
            part.clear()
        elif error.code < 500 and error.code not in (408, 429):
            raise DownloadError(f"{job.shown}: {answer}") from None
        return answer
    except (DownloadError, _LocalError):
        raise
    except (OSError, http.client.HTTPException) as error:
        reason = str(getattr(error, "reason", error))  # of what is no HTTP it repeats the server's own bytes
        return "".join(c if c.isprintable() else " " for c in reason[:200]).strip() or type(error).__name__


def _phrase(code: int) -> str:
    """The standard's words for a code; a server's own may hold anything."""
    try:
        return f" {http.HTTPStatus(code).phrase}"
    except ValueError:
        return ""


class _LocalError(OSError):
    """Reading or writing our own file failed; not the network."""


def _connect(job: _Job, part: Partial) -> bool:
    """One connection. True when the file is whole."""
    here = part.size if part.resumable(job.url) else 0
    headers = {}
    if here and part.tag:
        headers = {"Range": f"bytes={here}-", "If-Range": part.tag}  # another file by now: the server sends it whole
    try:
        response = open_url(job.url, headers, timeout=job.retry.stall, pinned=job.sha256 is not None)
    except RefusedError as error:
        raise DownloadError(str(error)) from None
    with response:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise DownloadError(f"{job.shown}: the server packs the file on its way, which nobody asked for")
        here = here if response.status == 206 and _range_start(response) == here else 0
        total = _total(response, here)
        _check_size(job, total, here)
        tag = response.headers.get("ETag") or response.headers.get("Last-Modified")
        _local(part.begin, here, _strong(tag))
        while chunk := response.read1(_CHUNK):
            here += len(chunk)
            _check_size(job, here if total is None else max(total, here), here)
            _local(part.write, chunk)
            if job.progress is not None:
                job.progress(here, total)
            if time.monotonic() >= job.deadline:
                return total is not None and here >= total
    return total is None or here >= total


def _local(function: Callable[..., None], *arguments: object) -> None:
    try:
        function(*arguments)
    except OSError as error:
        raise _LocalError(error.errno, error.strerror) from error


def _check_size(job: _Job, total: int | None, here: int) -> None:
    """Refuse what is too large, or has no room, before it comes."""
    if total is None:
        return
    if total > job.max_bytes:
        raise DownloadError(
            f"{job.shown} has {total / 1e6:.0f} MB or more; at most {job.max_bytes / 1e6:.0f} are fetched: allow more "
            "with --max-size"
        )
    if here == 0 and (free := shutil.disk_usage(job.target.parent).free) < total:
        raise _LocalError(errno.ENOSPC, f"{free / 1e6:.0f} MB are free, and the file has {total / 1e6:.0f}")


def _disk_error(job: _Job, error: OSError) -> DownloadError:
    reason = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DownloadError(
            f"no space left on the disk of {job.target.parent} ({reason}): free some or give another folder "
            "(--output), and run the same command again"
        )
    return DownloadError(f"{job.target} cannot be written ({reason}): give another folder (--output)")


def _range_start(response: Response) -> int | None:
    found = re.fullmatch(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)", response.headers.get("Content-Range", ""))
    return int(found[1]) if found else None


def _total(response: Response, here: int) -> int | None:
    length = response.headers.get("Content-Length")
    return here + int(length) if length and length.isdecimal() and len(length) <= _LENGTH_DIGITS else None


def _strong(tag: str | None) -> str | None:
    """A validator that promises byte equality; weak ones may not be used to resume (RFC 9110, 13.1.5)."""
    return None if tag is None or tag.startswith("W/") else tag


def _check(job: _Job, part: Partial) -> str:
    """Digest of what arrived; raises where it is not a model, or not the right one."""
    start = part.start(64).lstrip().lower()
    digest = part.sha256()
    wrong = next((what for mark, what in _NOT_A_MODEL.items() if start.startswith(mark)), None)
    if part.size == 0:
        wrong = "an empty file"
    elif wrong is None and job.sha256 is not None and digest != job.sha256.lower():
        wrong = f"a file with sha256 {digest}, expected {job.sha256.lower()}"
    if wrong is not None:
        part.discard()
        raise DownloadError(f"{job.shown} gave {wrong}: nothing was kept")
    return digest

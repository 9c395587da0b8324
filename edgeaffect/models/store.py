"""Fetching model files that are not bundled: by name from `remotes`, or from any address."""

from __future__ import annotations

import logging
import os
import re
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .._files import file_sha256
from .._paths import models_folder
from .._redact import redact
from ..errors import LicenceError, ModelNotFoundError
from .download import MAX_BYTES, DownloadError, ProgressCallback, RetryPolicy, download
from .http_requests import check_url
from .pulled import PulledEntry, read_record, write_entry
from .remotes import REMOTES, RemoteFile

log = logging.getLogger("edgeaffect.models")


@dataclass(frozen=True)
class PulledFile:
    """A file in the store."""

    path: Path
    sha256: str
    known_by: str
    """Where the digest it was compared with came from: `given`, `published`, `first pull`, or `nobody` on the first."""
    fetched: bool
    """False when it was there already."""


def is_offline() -> bool:
    """Whether the environment forbids the network: EDGEAFFECT_OFFLINE set to anything but empty or 0."""
    return os.environ.get("EDGEAFFECT_OFFLINE", "0") not in ("", "0")


def find_remote(what: str) -> RemoteFile:
    """The entry of that name, or one made up for an address.

    Raises:
        ModelNotFoundError: neither; the message lists the names.
    """
    if "://" in what:
        file = re.sub(r"[^A-Za-z0-9._-]", "_", Path(urllib.parse.urlsplit(what).path).name).lstrip(".")
        terms = "No licence is known for this address: ask its owner what you may do with the file."
        step = "edgeaffect models annotate FILE --sidecar"
        return RemoteFile(redact(what), file or "model.bin", what, None, "unknown", terms, step)
    for remote in REMOTES:
        if remote.name == what:
            return remote
    names = ", ".join(remote.name for remote in REMOTES)
    raise ModelNotFoundError(f"no model {redact(what)!r} to pull: give an https:// address, or one of {names}")


def pull(
    what: str,
    *,
    folder: Path | None = None,
    sha256: str | None = None,
    accept: bool | Callable[[RemoteFile], bool] = False,
    progress: ProgressCallback | None = None,
    retry: RetryPolicy | None = None,
    max_bytes: int = MAX_BYTES,
) -> PulledFile:
    """Bring a model file into the store; one that is there and right is not fetched again.

    Args:
        what: a name of `remotes`, or an address.
        folder: None is `models` in the cache folder.
        sha256: what the file must hash to; None takes the published digest, or the one of the first pull.
        accept: whether the terms are accepted: True, or a function that asks. Addresses need none.
        progress: called as bytes arrive.
        retry: how long to try.
        max_bytes: a larger file is refused.

    Raises:
        ModelNotFoundError: no such name, or its authors publish no file.
        LicenceError: the terms were not accepted.
        DownloadError: offline, the network fails, or the file is not the right one.
        ValueError: an address or digest that is none.
    """
    remote = find_remote(what)
    if remote.url is None:
        raise ModelNotFoundError(f"{remote.name} cannot be pulled: {remote.next_step}")
    folder = folder or models_folder()
    path = folder / remote.file
    expected, known_by = _expected(remote, sha256, folder)
    check_url(remote.url, expected)
    if path.is_file() and path.stat().st_size:
        digest = file_sha256(path)
        if digest == (expected or digest).lower():
            return PulledFile(path, digest, known_by, fetched=False)
        log.warning("%s has sha256 %s..., expected %s... (%s): fetching it again", path, digest[:16],
                    (expected or "")[:16], known_by)  # fmt: skip
    if is_offline():
        raise DownloadError(f"{remote.name} is not in {folder}, and EDGEAFFECT_OFFLINE forbids fetching it")
    if remote.licence != "unknown" and not (accept(remote) if callable(accept) else accept):
        raise LicenceError(f"the terms of {remote.name} were not accepted: {remote.terms} Accept with --accept-licence")
    digest = download(remote.url, path, sha256=expected, progress=progress, retry=retry, max_bytes=max_bytes)
    write_entry(folder, remote.file, PulledEntry.of(remote.url, digest))
    return PulledFile(path, digest, known_by, fetched=True)


def _expected(remote: RemoteFile, given: str | None, folder: Path) -> tuple[str | None, str]:
    """The digest to compare with, and who says so."""
    entry = read_record(folder).get(remote.file)
    if entry is not None and not entry.is_from(str(remote.url)):
        raise DownloadError(
            f"{folder / remote.file} came from {entry.url}, another address: give another folder for this one "
            "(--output)"
        )
    if given is not None:
        return given, "given"
    if remote.sha256 is not None:
        return remote.sha256, "published"
    return (entry.sha256, "first pull") if entry is not None else (None, "nobody")

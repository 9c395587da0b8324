"""Files on disk: digests without holding them in memory, whole-or-nothing writes, locks, bounded reads."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from ._redact import hide_secrets

_CHUNK = 1 << 20


def file_sha256(path: str | os.PathLike[str]) -> str:
    """sha256 of a file in hex, read in pieces."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def open_binary(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file for reading.

    Raises:
        OSError: it cannot be opened; its name stands there without secrets, for addresses are mistaken for files.
    """
    try:
        return open(path, "rb")
    except OSError as error:
        number = error.errno or 0
    # Raised out here: the first error holds the whole name, and would be the context of this one.
    raise OSError(number, os.strerror(number), hide_secrets(os.fspath(path)))


@contextlib.contextmanager
def atomic_writer(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A stream whose content becomes `path` when the block ends well; otherwise `path` stays as it was.

    The file is whole even after a power failure. It keeps the permissions of the file it replaces; a new one gets
    those of the process's umask. The temporary name in the same folder cannot be predicted, and an existing file or
    link under that name is never followed.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileNotFoundError):
            os.chmod(temporary, path.stat().st_mode & 0o777)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_atomically(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file by an atomic rename; see `atomic_writer`."""
    with atomic_writer(path) as stream:
        stream.write(data)


def read_bounded(path: str | os.PathLike[str], limit: int) -> bytes:
    """Content of a file of at most `limit` bytes.

    Raises:
        ValueError: it is larger; nothing beyond the limit was read.
    """
    with open_binary(path) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"{os.fspath(path)} is larger than {limit} bytes, the most that is read")
    return data


@contextlib.contextmanager
def locked(
    path: str | os.PathLike[str],
    *,
    wait: bool = True,
    remove: bool = False,
    on_wait: Callable[[], None] | None = None,
) -> Iterator[None]:
    """Hold the lock file `path`. The lock dies with its process, so a crash never leaves it held.

    Args:
        path: lock file; created if it is missing.
        wait: whether to wait for another holder.
        remove: whether to delete the lock file afterwards.
        on_wait: called once before waiting.

    Raises:
        BlockingIOError: another process or thread holds it, and `wait` is False.
    """
    stream = _acquire(Path(path), wait, on_wait)
    try:
        yield
    finally:
        if remove:
            Path(path).unlink(missing_ok=True)
        stream.close()


def _acquire(path: Path, wait: bool, on_wait: Callable[[], None] | None) -> BinaryIO:
    while True:
        # A link that somebody put there is not followed. The caller closes it, which gives the lock back.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        stream = os.fdopen(handle, "ab")
        try:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not wait:
                    raise
                if on_wait is not None:
                    on_wait()
                    on_wait = None
                fcntl.flock(stream, fcntl.LOCK_EX)
            # A holder that deletes its lock file leaves the next one with the lock of a file that has no name.
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(stream.fileno()), os.stat(path)):
                    return stream
        except BaseException:
            stream.close()
            raise
        stream.close()

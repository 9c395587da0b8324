"""The beginning of a file that is being fetched, kept beside its target until it is whole.

Its name cannot be predicted, and a file is taken up again only if nobody else can have written it: in a folder that
others may write to, a prepared link or beginning gets nothing overwritten and nothing believed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from .._files import read_bounded, write_atomically
from .._json import load_json
from .._redact import address_digest

_SUFFIX = ".part"
_NOTE_BYTES = 64 << 10
_LOCK_TRIES, _LOCK_PAUSE = 20, 0.1
_FLAGS = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC


class Partial:
    """An open partial file, locked against other processes."""

    def __init__(self, path: Path, target: Path, handle: int, url: str) -> None:
        self._path, self._target = path, target
        self._handle: int | None = handle
        self._url = address_digest(url)
        self.size = os.fstat(handle).st_size
        """Bytes that are here."""
        note = _read_note(self._note)
        self.tag: str | None = None
        """The server's validator of the content."""
        tag = note.get("tag")
        if note.get("url") == self._url and isinstance(tag, str):
            self.tag = tag

    @classmethod
    def open(cls, target: Path, url: str) -> Partial:
        """The partial file of `target`: the one that an earlier run left, else a new one.

        Raises:
            BlockingIOError: another process is writing it.
            OSError: the folder cannot be written.
        """
        with _folder_lock(target.parent):
            name = re.compile(rf"\.{re.escape(target.name)}\.[0-9a-f]{{16}}{re.escape(_SUFFIX)}")
            for path in sorted(target.parent.iterdir()):
                if name.fullmatch(path.name) and (handle := _open_own(path)) is not None:
                    return cls(path, target, handle, url)
            path = target.parent / f".{target.name}.{secrets.token_hex(8)}{_SUFFIX}"
            handle = os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX)
            return cls(path, target, handle, url)

    def __enter__(self) -> Partial:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle is not None and self.size == 0:
            self.discard()
        self._close()

    def resumable(self, url: str) -> bool:
        """Whether what is here came from that address and can be told from another version of the file."""
        return self.size > 0 and self.tag is not None and self._url == address_digest(url)

    def begin(self, offset: int, tag: str | None) -> None:
        """Go on writing at `offset`; what stands behind is dropped."""
        os.ftruncate(self._descriptor, offset)
        os.lseek(self._descriptor, offset, os.SEEK_SET)
        self.size, self.tag = offset, tag
        write_atomically(self._note, json.dumps({"url": self._url, "tag": tag}).encode("utf-8"))

    def write(self, data: bytes) -> None:
        """Append."""
        view = memoryview(data)
        while view:
            written = os.write(self._descriptor, view)
            self.size += written
            view = view[written:]

    def clear(self) -> None:
        """Drop what is here."""
        os.ftruncate(self._descriptor, 0)
        self.size, self.tag = 0, None

    def start(self, count: int) -> bytes:
        """The first bytes."""
        return os.pread(self._descriptor, count, 0)

    def sha256(self) -> str:
        """Digest of what is here, in hex."""
        digest, offset = hashlib.sha256(), 0
        while chunk := os.pread(self._descriptor, 1 << 20, offset):
            digest.update(chunk)
            offset += len(chunk)
        return digest.hexdigest()

    def finish(self) -> None:
        """Give the file its name, by an atomic rename, and the permissions of any new file."""
        os.fchmod(self._descriptor, 0o666 & ~_umask())
        os.fsync(self._descriptor)
        os.replace(self._path, self._target)
        self._note.unlink(missing_ok=True)
        self._close()

    def discard(self) -> None:
        """Delete it."""
        self._path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
        self._close()

    @property
    def _descriptor(self) -> int:
        assert self._handle is not None, "the file is closed"
        return self._handle

    @property
    def _note(self) -> Path:
        return self._path.with_name(self._path.name + ".json")

    def _close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _open_own(path: Path) -> int | None:
    """Open and lock a partial file that only this user can have written; None for any other.

    Raises:
        BlockingIOError: another process holds it.
    """
    try:
        handle = os.open(path, _FLAGS)
    except OSError:
        return None
    facts = os.fstat(handle)
    own = stat.S_ISREG(facts.st_mode) and facts.st_uid == os.geteuid() and facts.st_nlink == 1
    if not own or facts.st_mode & 0o077:
        os.close(handle)
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise
    return handle


@contextlib.contextmanager
def _folder_lock(folder: Path) -> Iterator[None]:
    """Only one process looks for a partial file and makes one at a time."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):  # somebody else holds it for long, or the file system has no such locks
            for _ in range(_LOCK_TRIES):
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    time.sleep(_LOCK_PAUSE)
        yield
    finally:
        os.close(handle)


def _read_note(path: Path) -> dict[str, object]:
    try:
        facts = path.lstat()
        if not stat.S_ISREG(facts.st_mode) or facts.st_uid != os.geteuid():
            return {}
        note = load_json(read_bounded(path, _NOTE_BYTES))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def _umask() -> int:
    mask = os.umask(0o077)  # meanwhile files of other threads are closed to others, never open
    os.umask(mask)
    return mask

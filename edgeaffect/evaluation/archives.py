"""Zip archives from anywhere: every size is known and bounded before it is read."""

from __future__ import annotations

import contextlib
import io
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO

from ..errors import SourceError

StrPath = str | os.PathLike[str]

_END = b"PK\x05\x06"
_END_BYTES, _COMMENT_BYTES = 22, 65535
_LOCATOR, _LOCATOR_BYTES = b"PK\x06\x07", 20
_END64, _END64_BYTES = b"PK\x06\x06", 56
# What the standard library raises for archives that are damaged, encrypted or compressed in an unknown way.
_FAILURES = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError, RuntimeError,
    NotImplementedError, ValueError, OverflowError,
)  # fmt: skip


class ArchiveError(SourceError):
    """An archive of labelled data cannot be used; the message names the archive, the entry and what to do."""


class UnknownFormatError(ArchiveError):
    """An archive holds no labelled data of a known format; it may be good for something else."""


@dataclass(frozen=True)
class ArchiveLimits:
    """What an archive may ask for; everything is in bytes unless a name says otherwise."""

    directory: int = 64 << 20
    """List of entries, read as a whole when the archive is opened."""
    table: int = 64 << 20
    """`labels.csv`."""
    rows: int = 1_000_000
    """Number of rows of the table."""
    arrays: int = 256 << 20
    """`votes.npz`, and the arrays in it."""
    faces: int = 500_000
    """Number of faces with votes."""
    picture: int = 64 << 20
    """One picture, as it is stored."""
    pixels: int = 100_000_000
    """Number of pixels of one picture."""
    ratio: int = 200
    """Content to stored bytes, of entries of more than a megabyte and of the archive as a whole."""


def printable(text: str, length: int = 60) -> str:
    """A name from a file, short and without control characters, for a message."""
    short = text if len(text) <= length else text[: length - 3] + "..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in short)


class Archive:
    """A zip archive whose entries are read whole, within limits."""

    def __init__(self, path: StrPath, limits: ArchiveLimits | None = None) -> None:
        """Open an archive and read its list of entries.

        Raises:
            ArchiveError: no such file, not a zip archive, or one that asks for too much.
        """
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                raise ArchiveError(f"{path} is not a file: give a .zip archive")
            stream = open(path, "rb")  # noqa: SIM115 - closed by __exit__, or by _open when it fails
        except FileNotFoundError as error:
            raise ArchiveError(f"no such file: {path}") from error
        except ArchiveError:  # it is an OSError as well
            raise
        except OSError as error:
            raise ArchiveError(f"{path} cannot be read ({error.strerror})") from error
        self._open(stream, os.fspath(path), limits or ArchiveLimits())

    @classmethod
    def of_bytes(cls, content: bytes, name: str, limits: ArchiveLimits) -> Archive:
        """An archive in memory, called `name` in messages."""
        archive = cls.__new__(cls)
        archive._open(io.BytesIO(content), name, limits)
        return archive

    def _open(self, stream: BinaryIO, path: str, limits: ArchiveLimits) -> None:
        self.path, self.limits = path, limits
        self._stream = stream
        try:
            stored = stream.seek(0, os.SEEK_END)
            self._check_directory(stored)
            self._zip = zipfile.ZipFile(stream)
            self._check_total(stored)
        except BaseException as error:
            stream.close()
            if isinstance(error, _FAILURES) and not isinstance(error, ArchiveError):
                raise ArchiveError(f"{path} is not a zip archive ({error}): download or pack it again") from error
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()
        self._stream.close()

    @property
    def names(self) -> list[str]:
        """Names of all entries."""
        return self._zip.namelist()

    def read(self, name: str, limit: int) -> bytes:
        """Content of an entry of at most `limit` bytes.

        Raises:
            ArchiveError: no such entry, a damaged or encrypted one, or one that is too large.
        """
        shown = f"{self.path}: {printable(name)}"
        try:
            entry = self._zip.getinfo(name)
        except KeyError:
            raise ArchiveError(f"{shown} is not in the archive: the archive is incomplete, pack it again") from None
        if entry.flag_bits & 1:
            raise ArchiveError(f"{shown} is encrypted: pack the archive without a password")
        if entry.file_size > limit:
            raise ArchiveError(f"{shown} has {entry.file_size} bytes; at most {limit} are read")
        if entry.file_size > 1 << 20 and entry.file_size > self.limits.ratio * max(entry.compress_size, 1):
            raise ArchiveError(f"{shown} unpacks to more than {self.limits.ratio} times its size: it is not read")
        with self._failures(shown), self._zip.open(entry) as stream:
            content = stream.read(limit + 1)
        if len(content) > limit:  # the list of entries told another size
            raise ArchiveError(f"{shown} has more than the {limit} bytes that are read")
        return content

    @contextlib.contextmanager
    def _failures(self, shown: str) -> Iterator[None]:
        try:
            yield
        except ArchiveError:
            raise
        except _FAILURES as error:
            reason = " ".join(printable(str(error), 120).split()) or type(error).__name__
            raise ArchiveError(f"{shown} cannot be unpacked ({reason}): download or pack the archive again") from error

    def _check_directory(self, stored: int) -> None:
        """Compare the size of the list of entries before `zipfile` reads it and makes an object of each."""
        self._stream.seek(max(0, stored - _END_BYTES - _COMMENT_BYTES - _LOCATOR_BYTES - _END64_BYTES))
        tail = self._stream.read()
        end = tail.rfind(_END)
        if end < 0 or len(tail) < end + _END_BYTES:
            raise zipfile.BadZipFile("it has no list of entries")
        claimed = int(struct.unpack_from("<I", tail, end + 12)[0])
        locator = end - _LOCATOR_BYTES
        end64 = locator - _END64_BYTES
        if end64 >= 0 and tail.startswith(_LOCATOR, locator) and tail.startswith(_END64, end64):
            claimed = int(struct.unpack_from("<Q", tail, end64 + 40)[0])
        if claimed > self.limits.directory:
            raise ArchiveError(
                f"{self.path} lists {claimed} bytes of entries; at most {self.limits.directory} are read"
            )

    def _check_total(self, stored: int) -> None:
        """Entries may share their bytes: a few megabytes then unpack to terabytes."""
        total = sum(entry.file_size for entry in self._zip.infolist())
        if total > 1 << 20 and total > self.limits.ratio * stored:
            raise ArchiveError(f"{self.path} unpacks to more than {self.limits.ratio} times its size: it is not read")

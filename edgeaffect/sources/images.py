"""`Images`: pictures from a file, a folder, a pattern or a list of these."""

from __future__ import annotations

import glob
import logging
import os
import re
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .._checks import check_positive
from ..errors import PictureError, SourceError
from ..image import Frame
from .animated import is_animated
from .base import Source, SourceFrame, public_name
from .decode import MAX_PIXELS, decode_picture, read_picture_file
from .geometry import Turn
from .headers import FileBytes
from .sniff import HEAD_BYTES, kind_of

logger = logging.getLogger(__name__)


StrPath = str | os.PathLike[str]

_NAMED = 5
SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".jp2", ".avif"),
    *(".heic", ".heif", ".gif"),
)
"""Endings by which a damaged file counts as a picture that cannot be read. Whole pictures may end as they like."""


@dataclass(frozen=True)
class _Missing:
    """An entry of a list that names no picture."""

    name: str
    reason: str

    def __str__(self) -> str:
        return self.name


class Images(Source):
    """Pictures, each by itself, turned upright by their EXIF orientation.

    Args:
        paths: a file, a folder (its pictures, not those of sub-folders), a glob pattern, or a list of these. Numbers
            in names count as numbers: `frame2` comes before `frame10`. Files are known by their first bytes, not by
            their names; hidden ones (`.x`, `._x`) are left out.
        rotate: degrees clockwise, 0, 90, 180 or 270, after the picture's own orientation.
        mirror: swap left and right, after the turn.
        max_pixels: larger pictures are refused before memory is taken for them.

    A picture that cannot be read is logged, kept in `errors`, and the rest goes on; where a list was given, `answers`
    puts a `PictureError` in its place, also for an entry that is not there. A file named by itself raises. Other files
    of a folder are logged and kept in `skipped`.

    Raises:
        SourceError: nothing there; a list raises only when it is empty.
    """

    def __init__(
        self, paths: StrPath | Iterable[StrPath], *, rotate: int = 0, mirror: bool = False, max_pixels: int = MAX_PIXELS
    ) -> None:
        super().__init__()
        check_positive("max_pixels", max_pixels)
        self._turn, self._max_pixels = Turn(rotate, mirror), max_pixels
        self.skipped: list[tuple[Path, str]] = []
        """Files of folders and patterns that are no pictures, and what they are."""
        self._is_list = not isinstance(paths, (str, os.PathLike))
        given = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
        self._entries = [found for entry in given for found in self._found(os.fspath(entry))]
        self.paths = [entry for entry in self._entries if isinstance(entry, Path)]
        self.name = public_name(os.fspath(given[0])) if len(given) == 1 else "pictures"
        self.length = len(self._entries)
        if not self._entries:
            raise SourceError("no pictures were named")

    def __iter__(self) -> Iterator[SourceFrame]:
        return (answer for answer in self._read() if isinstance(answer, SourceFrame))

    def answers(self) -> Generator[SourceFrame | PictureError, None, None]:
        """See `Source.answers`."""
        yield from self._read() if self._is_list else self

    def _read(self) -> Iterator[SourceFrame | PictureError]:
        self.errors.clear()
        for index, entry in enumerate(self._entries):
            begin = time.perf_counter()
            try:
                image = self._turn(self._picture(entry))
            except SourceError as error:
                if len(self._entries) == 1 and not self._is_list:
                    raise
                logger.warning("%s; going on with the next picture", error)
                problem = PictureError(str(error), public_name(str(entry)), index)
                self.errors.append(problem)
                yield problem
                continue
            seconds = time.perf_counter() - begin
            name = str(entry)
            yield SourceFrame(image, index, 0.0, "media", name, time.time(), still=True, capture_seconds=seconds)

    def _picture(self, entry: Path | _Missing) -> Frame:
        if isinstance(entry, _Missing):
            raise SourceError(entry.reason)
        return read_image(entry, max_pixels=self._max_pixels)

    def _found(self, entry: str) -> list[Path | _Missing]:
        """Pictures that an entry names; an entry of a list that names none keeps its place."""
        try:
            return [*self._expand(entry)]
        except SourceError as error:
            if not self._is_list:
                raise
            return [_Missing(entry, str(error))]

    def _expand(self, entry: str) -> list[Path]:
        path = Path(entry)
        if not entry:
            raise SourceError("a picture or folder has no name")
        if os.path.isdir(path):
            try:
                found = self._pictures(path.iterdir())
            except PermissionError:
                raise SourceError(f"cannot look into folder {entry}: permission denied") from None
            if not found:
                raise SourceError(f"no pictures in folder {entry}{self._left_out()}")
        elif os.path.exists(path):
            return [path]
        elif glob.has_magic(entry):
            found = self._pictures(map(Path, glob.glob(entry, recursive=True)))
            if not found:
                raise SourceError(f"no picture matches {public_name(entry)}{self._left_out()}")
        elif "://" in entry:
            raise SourceError(f"{public_name(entry)} is no file: several streams at once are for stream_batch")
        else:
            raise SourceError(f"no such file or folder: {public_name(entry)}")
        return sorted(found, key=natural_key)

    def _pictures(self, paths: Iterable[Path]) -> list[Path]:
        """Those that are pictures, or are named like one; the others go to `skipped`."""
        found, left = [], []
        for path in paths:
            reason = _why_not(path)
            if reason is None:
                found.append(path)
            elif reason:
                left.append((path, reason))
        left.sort(key=lambda one: natural_key(one[0]))
        self.skipped += left
        if found and left:
            names = ", ".join(f"{path.name} ({reason})" for path, reason in left[:_NAMED])
            more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
            are = "file is" if len(left) == 1 else "files are"
            logger.warning("%d %s left out: %s%s", len(left), are, names, more)
        return found

    def _left_out(self) -> str:
        names = ", ".join(f"{path.name} is {reason}" for path, reason in self.skipped[:_NAMED])
        return f" ({names})" if names else ""


def read_image(path: StrPath, *, max_pixels: int = MAX_PIXELS) -> Frame:
    """BGR picture [h, w, 3], turned upright.

    Raises:
        SourceError: missing, not a picture, cut off, or of more than `max_pixels`.
    """
    return decode_picture(read_picture_file(path, max_pixels), str(path), max_pixels=max_pixels)


def natural_key(path: StrPath) -> list[tuple[int, int, str]]:
    """Sorting key with which `frame2` comes before `frame10`."""
    parts = re.split(r"(\d+)", os.fspath(path).lower())
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


def _why_not(path: Path) -> str | None:
    """Why a file is no picture: None if it is one, empty for what nobody expects to be read."""
    if path.name.startswith(".") or not path.is_file():
        return ""
    try:
        with open(path, "rb") as file:
            kind, form = kind_of(file.read(HEAD_BYTES))
            if kind == "picture" and is_animated(FileBytes(file), form):
                return "an animation, which is a film: give it by itself"
    except OSError as error:
        return f"unreadable: {error.strerror}"
    if kind == "picture" or path.suffix.lower() in SUFFIXES:
        return None
    return {"other": form, "page": "a web page", "unknown": "no picture"}.get(kind, kind)

"""`find_recordings`: which recordings a user means by files, folders and patterns, and what each is called."""

from __future__ import annotations

import glob
import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._redact import hide_secrets
from ..errors import SourceError
from ..sources.animated import is_animated
from ..sources.headers import FileBytes
from ..sources.images import SUFFIXES as PICTURE_SUFFIXES
from ..sources.images import natural_key
from ..sources.select import VIDEO_SUFFIXES
from ..sources.select_sound import SOUND_SUFFIXES
from ..sources.sniff import HEAD_BYTES, kind_of

PICTURES_EACH = 500
"""Pictures of one folder are one recording up to so many; more are cut into several, for several workers."""
_LONGEST_NAME = 100

Key = tuple[str, bool, int]
"""File or folder, whether it stands for the folder's pictures, and which part of them."""


@dataclass(frozen=True)
class Recording:
    """A film, a sound file, or the pictures of one folder."""

    name: str
    """Unique within the job; its tables are called so."""
    kind: str
    """`film`, `sound` or `pictures`."""
    paths: tuple[str, ...]
    """Absolute."""
    size: int
    """Bytes."""
    stamp: str
    """Changes when a file does: from its size and the time of its last change."""
    part: int = 0
    """Which `PICTURES_EACH` of the pictures of one folder."""

    @property
    def key(self) -> Key:
        """What stays the same from run to run: the file, or the pictures' folder and part."""
        return _key(self.kind, self.paths, self.part)

    @property
    def source(self) -> str:
        """What to call it in messages: the file, or the pictures' folder."""
        return hide_secrets(self.paths[0] if self.kind != "pictures" else os.path.dirname(self.paths[0]))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for the job's file."""
        return {
            "name": self.name, "kind": self.kind, "paths": list(self.paths), "size": self.size, "stamp": self.stamp,
            "part": self.part,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Recording:
        """Inverse of `to_dict`."""
        return cls(data["name"], data["kind"], tuple(data["paths"]), data["size"], data["stamp"], data["part"])


def _key(kind: str, paths: tuple[str, ...], part: int) -> Key:
    return (os.path.dirname(paths[0]) if kind == "pictures" else paths[0], kind == "pictures", part)


@dataclass(frozen=True)
class Found:
    """What the inputs name."""

    recordings: tuple[Recording, ...]
    """In the order of the inputs; within a folder by name, numbers as numbers."""
    left_out: tuple[str, ...]
    """Files of folders and patterns that are no recordings."""


def find_recordings(
    inputs: Iterable[str | os.PathLike[str]],
    *,
    exclude: Path | None = None,
    known: Mapping[Key, str] | None = None,
) -> Found:
    """Look at files, not at their names: what a folder holds is known by its first bytes.

    Args:
        inputs: files, folders (with their sub-folders; hidden ones are left out) and glob patterns.
        exclude: folder that is not looked into: the job's own.
        known: keys of recordings -> their names, from an earlier run, which they keep.

    Raises:
        SourceError: an input names nothing, an address, or a folder or pattern without a recording.
        TypeError: an input is no path.
    """
    entries: dict[str, str] = {}  # absolute path -> kind
    left_out: list[str] = []
    for given in inputs:
        if not isinstance(given, (str, os.PathLike)):
            raise TypeError(f"inputs are paths and patterns; got {type(given).__name__}")
        name = os.fspath(given)
        before = len(entries)
        is_named = os.path.isfile(name)
        paths = _expand(name, exclude)
        for path in paths:
            kind = _kind(path, is_named=is_named)
            if kind is None:
                left_out.append(path)
            else:
                entries.setdefault(path, kind)
        if len(entries) == before and not any(path in entries for path in paths):
            raise SourceError(
                f"no recording in {hide_secrets(name)}: give films, sound files, pictures, folders of them"
            )
    if not entries:
        raise SourceError("no input was named: give films, sound files, pictures, folders or patterns")
    return Found(_named(_grouped(entries), known or {}), tuple(left_out))


def _expand(name: str, exclude: Path | None) -> list[str]:
    if os.path.isdir(name):
        return _walk(name, exclude)
    if os.path.exists(name):
        return [os.path.abspath(name)]
    if "://" in name:
        raise SourceError(f"{hide_secrets(name)} is an address; recordings are files: save it first")
    if glob.has_magic(name):
        found: list[str] = []
        for path in sorted(glob.glob(name, recursive=True), key=natural_key):
            if not os.path.isdir(path):
                found.append(os.path.abspath(path))
        if found:
            return found
        raise SourceError(f"no file matches {hide_secrets(name)}")
    raise SourceError(f"no such file or folder: {hide_secrets(name)}")


def _walk(name: str, exclude: Path | None) -> list[str]:
    found: list[str] = []
    own = None if exclude is None else os.path.realpath(exclude)
    for folder, folders, files in os.walk(os.path.abspath(name)):
        folders[:] = sorted(
            (one for one in folders if not one.startswith(".") and os.path.realpath(os.path.join(folder, one)) != own),
            key=natural_key,
        )
        found += [os.path.join(folder, one) for one in sorted(files, key=natural_key) if not one.startswith(".")]
    return found


def _kind(path: str, *, is_named: bool) -> str | None:
    """`film`, `sound` or `pictures`; None for another file. What cannot be told goes by its name, or by being named."""
    suffix = Path(path).suffix.lower()
    by_name = (
        "pictures" if suffix in PICTURE_SUFFIXES else "film" if suffix in VIDEO_SUFFIXES
        else "sound" if suffix in SOUND_SUFFIXES else None
    )  # fmt: skip
    try:
        if not os.path.isfile(path):
            return None
        with open(path, "rb") as file:
            kind, form = kind_of(file.read(HEAD_BYTES))
            if kind == "picture":
                return "film" if is_animated(FileBytes(file), form) else "pictures"
    except OSError:
        return by_name or ("film" if is_named else None)
    known = {"video": "film", "sound": "sound"}.get(kind)
    # A file named by itself that is none of these fails in its turn, and stands among the errors.
    return known or by_name or ("film" if is_named else None)


def _grouped(entries: Mapping[str, str]) -> list[tuple[str, str, tuple[str, ...], int]]:
    """(wished name, kind, paths, part) in order: pictures of one folder together, at the place of the first."""
    folders: dict[str, list[str]] = {}
    for path, kind in entries.items():
        if kind == "pictures":
            folders.setdefault(os.path.dirname(path), []).append(path)
    groups: list[tuple[str, str, tuple[str, ...], int]] = []
    for path, kind in entries.items():
        if kind != "pictures":
            groups.append((Path(path).stem, kind, (path,), 0))
            continue
        pictures = folders.pop(os.path.dirname(path), None)
        if pictures is None:
            continue
        wish = Path(pictures[0]).stem if len(pictures) == 1 else os.path.basename(os.path.dirname(path)) or "pictures"
        for first in range(0, len(pictures), PICTURES_EACH):
            groups.append((wish, kind, tuple(pictures[first : first + PICTURES_EACH]), first // PICTURES_EACH))
    return groups


def _named(groups: Iterable[tuple[str, str, tuple[str, ...], int]], known: Mapping[Key, str]) -> tuple[Recording, ...]:
    """Names that differ, also where a file system takes capitals for small letters; those of an earlier run first."""
    taken = {name.casefold() for name in known.values()}
    found = []
    for wish, kind, paths, part in groups:
        name = known.get(_key(kind, paths, part))
        if name is None:
            name = base = _safe(wish)
            number = 2
            while name.casefold() in taken:
                name, number = f"{base}-{number}", number + 1
            taken.add(name.casefold())
        size, stamp = _stamp(paths)
        found.append(Recording(name, kind, paths, size, stamp, part))
    return tuple(found)


def _safe(name: str) -> str:
    """A name for a file on any system."""
    safe = re.sub(r"[^\w.-]+", "_", os.fsencode(name).decode("utf-8", "replace"))
    return safe.lstrip(".")[:_LONGEST_NAME].rstrip(".") or "recording"


def _stamp(paths: tuple[str, ...]) -> tuple[int, str]:
    digest, total = hashlib.sha256(), 0
    for path in paths:
        try:
            facts = os.stat(path)
            total += facts.st_size
            digest.update(f"{facts.st_size} {facts.st_mtime_ns}\n".encode())
        except OSError:
            digest.update(b"missing\n")
    return total, digest.hexdigest()[:16]

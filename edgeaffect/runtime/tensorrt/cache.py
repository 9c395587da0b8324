"""Engines on disk, built once: key, lock, atomic rename; whatever does not fit is rebuilt with one visible line."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..._files import locked
from ..._paths import engines_folder
from ...errors import Error
from ...models.engine_file import SUFFIX, EngineFile, EngineFileError, read_engine
from ...models.file import ModelFile
from .build import build_requested
from .builder import BuildOptions, ProgressCallback
from .request import BuildRequest

log = logging.getLogger("edgeaffect.runtime.tensorrt")

VERIFIED = "verified"
"""Folder of notes of the self-tests that engines passed on this machine's GPUs."""

_LOCK = ".lock"
_DIGITS = 20  # of the key's sha256, in file names


@dataclass(frozen=True)
class CacheEntry:
    """One file in the cache: its engine, or why it is none."""

    path: Path
    engine: EngineFile | None
    problem: str | None


class EngineCache:
    """The engine folder.

    Args:
        folder: None is `engines` in the cache folder (`EDGEAFFECT_HOME`).
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or engines_folder()

    def get(
        self,
        model: ModelFile,
        options: BuildOptions | None = None,
        *,
        device_index: int = 0,
        progress: ProgressCallback | None = None,
        rebuild: str | None = None,
    ) -> EngineFile:
        """The engine of a model, built if it is not there or not sound. Only one process builds it.

        Args:
            model: the ONNX file.
            options: None is all defaults.
            device_index: TensorRT: the GPU to build for.
            progress: see `build_plan`.
            rebuild: a reason to build it again although the file looks sound (it did not load, say).

        Raises:
            Error: it cannot be built, or the folder cannot be written.
        """
        request = BuildRequest.of(model, options, device_index=device_index)
        key, product = request.key, request.variant.name
        path = self.path(model.name, key)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with _locked(path):
                if rebuild is None and (found := self._sound(path, key)):
                    return found
                reason = rebuild or self._why(path, model.name, key)
                # A warning, because a program that seems to hang for minutes must say why.
                if reason:
                    log.warning("rebuilding the %s engine of %s: %s", product, model.name, reason)
                else:
                    log.warning("building the %s engine of %s: this can take minutes", product, model.name)
                return build_requested(request, path, progress=progress)
        except PermissionError as error:
            raise Error(
                f"the engine cache {self.folder} cannot be written ({error}): set EDGEAFFECT_HOME to a folder that can"
            ) from error

    def path(self, name: str, key: Mapping[str, Any]) -> Path:
        """Where the engine of that key lies."""
        digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:_DIGITS]
        return self.folder / f"{_file_name(name)}-{digest}{SUFFIX}"

    def entries(self) -> list[CacheEntry]:
        """Every engine file here, sound or not, by name. Reads each wholly."""
        found = []
        for path in sorted(self.folder.glob(f"*{SUFFIX}")):
            try:
                engine = read_engine(path)
                engine.payload()
                found.append(CacheEntry(path, engine, None))
            except EngineFileError as error:
                found.append(CacheEntry(path, None, str(error)))
        return found

    def clean(self, name: str | None = None) -> list[Path]:
        """Delete engines (of one model, or all), left-over temporary files and notes of passed self-tests.

        Returns:
            what was deleted. An engine that a process is building right now stays.
        """
        pattern = f"*{SUFFIX}" if name is None else _pattern(name)
        engines = set(self.folder.glob(pattern))
        # A build that was killed leaves a lock file, perhaps a temporary one, and no engine.
        engines |= {p.with_name(p.name[1 : -len(_LOCK)]) for p in self.folder.glob(f".{pattern}{_LOCK}")}
        deleted = []
        for path in sorted(engines):
            with contextlib.suppress(BlockingIOError), _locked(path, wait=False):
                if path.exists():
                    deleted.append(path)
                    path.unlink()
                for left in self.folder.glob(f".{path.name}.*"):
                    left.unlink(missing_ok=True)
        if name is None:
            for note in (self.folder / VERIFIED).glob("*"):
                note.unlink(missing_ok=True)
        return deleted

    def _sound(self, path: Path, key: Mapping[str, Any]) -> EngineFile | None:
        """The engine at `path` if it is whole and the one asked for; otherwise None, and `_why` says why."""
        try:
            engine = read_engine(path)
            engine.payload()
        except (FileNotFoundError, EngineFileError):
            return None
        return engine if dict(engine.header.key) == key else None

    def _why(self, path: Path, name: str, key: Mapping[str, Any]) -> str | None:
        """One line that says what is wrong with the engine at hand; None where there never was one."""
        if path.exists():
            try:
                engine = read_engine(path)
                engine.payload()
            except EngineFileError as error:
                return str(error)
            return f"{path} is for another key: {_difference(engine.header.key, key)}"
        for entry in self.folder.glob(_pattern(name)):
            with contextlib.suppress(EngineFileError):
                return f"{entry.name} does not fit any more: {_difference(read_engine(entry).header.key, key)}"
        return None


def _file_name(name: str) -> str:
    """A model's name as a file name; names come from files of strangers."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name).lstrip(".")[:80] or "model"


def _pattern(name: str) -> str:
    """Glob pattern of all engines of one model, and of no other whose name begins alike."""
    return f"{_file_name(name)}-{'[0-9a-f]' * _DIGITS}{SUFFIX}"


def _difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    parts = [f"{k} was {_short(old.get(k))}, is {_short(new[k])}" for k in new if old.get(k) != new[k]]
    return ", ".join(parts) or "unknown parts"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 60 else f"{text[:12]}..."


def _locked(path: Path, *, wait: bool = True) -> contextlib.AbstractContextManager[None]:
    """The lock of one engine."""

    def tell() -> None:
        log.warning("another process is building %s: waiting for it", path.name)

    return locked(path.with_name(f".{path.name}{_LOCK}"), wait=wait, on_wait=tell)

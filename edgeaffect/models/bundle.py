"""`ModelBundle`: a model of several files (encoder, decoder, vocabulary) that belong together.

A bundle is a folder or a zip file that holds `bundle.json`:

    {"schema": "edgeaffect.bundle/1", "name": "explainer", "version": "1.0.0", "task": "explain",
     "pair_id": "2f1c...", "licence": "apache-2.0", "training_data": ["..."], "recipe": "...",
     "parts": {"encoder": {"file": "encoder.onnx", "sha256": "...", "bytes": 123},
               "decoder": {"file": "decoder.onnx", "sha256": "...", "bytes": 456},
               "vocabulary": {"file": "vocabulary.json", "sha256": "...", "bytes": 789}}}

The `pair_id` names the training that made the parts. Every ONNX part carries it under the metadata key
`edgeaffect.pair`, and a JSON part may carry it as `pair_id`, so that a manifest cannot join parts of two trainings.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from .._checks import show
from .._files import atomic_writer, file_sha256, locked, open_binary, read_bounded, write_atomically
from .._json import LIMIT, load_json
from .._paths import bundles_folder
from ..errors import Error, SpecError
from . import metadata
from . import spec_values as values
from .file import PERMISSIVE, ModelFile
from .metadata import max_model_bytes
from .spec import TASKS, ModelSpec

SCHEMA = "edgeaffect.bundle/1"
MANIFEST = "bundle.json"
PAIR_KEY = "edgeaffect.pair"
SUFFIX = ".zip"

MAX_PARTS = 32
_MAX_ENTRIES = 256
_CHUNK = 1 << 20
_ROLE = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class BundleError(SpecError):
    """A bundle is incomplete, altered, mixed from several, or none at all."""


@dataclass(frozen=True)
class BundlePart:
    """One file of a bundle."""

    file: str
    sha256: str
    bytes: int

    def __post_init__(self) -> None:
        if not isinstance(self.file, str) or not _FILE.fullmatch(self.file) or self.file == MANIFEST:
            raise SpecError(f"a part's file must be a plain file name without folders; got {show(self.file)}")
        if not isinstance(self.sha256, str) or not _SHA256.fullmatch(self.sha256):
            raise SpecError(f"a part's sha256 must be 64 hexadecimal digits; got {show(self.sha256)}")
        values.whole("a part's bytes", self.bytes, 1, max_model_bytes())


@dataclass(frozen=True)
class BundleManifest:
    """What `bundle.json` says."""

    name: str
    version: str
    task: str
    pair_id: str
    parts: Mapping[str, BundlePart]
    """Role -> file."""
    licence: str = "unknown"
    training_data: tuple[str, ...] = ()
    recipe: str = ""
    schema: str = SCHEMA

    def __post_init__(self) -> None:
        if self.schema != SCHEMA:
            raise SpecError(f"schema {show(self.schema)} is not {SCHEMA}: update edgeaffect")
        values.name("name", self.name)
        for key in ("version", "pair_id", "licence"):
            values.text(key, getattr(self, key))
        values.choose("task", self.task, TASKS)
        values.texts("training_data", self.training_data, longest=values.MAX_TEXT)
        values.text("recipe", self.recipe, longest=values.MAX_TEXT, empty=True)
        if not 1 <= len(self.parts) <= MAX_PARTS:
            raise SpecError(f"parts must name 1 to {MAX_PARTS} files; got {len(self.parts)}")
        for role in self.parts:
            if not isinstance(role, str) or not _ROLE.fullmatch(role):
                raise SpecError(f"a role must be a short word in lower case; got {show(role)}")
        files = [part.file.lower() for part in self.parts.values()]
        if len(set(files)) != len(files):
            raise SpecError(f"parts name a file twice: {show(files)}")
        if sum(part.bytes for part in self.parts.values()) > max_model_bytes():
            raise SpecError("the parts together are larger than EDGEAFFECT_MAX_MODEL_MB allows")

    @classmethod
    def from_json(cls, text: str | bytes) -> BundleManifest:
        """Read the JSON text.

        Raises:
            SpecError: it is not JSON, or an impossible manifest; the message names the key.
        """
        try:
            data = load_json(text)
        except ValueError as error:
            raise SpecError(f"the manifest cannot be read: {error}") from error
        return values.build(cls, MANIFEST, data, {"parts": _parts})

    def to_json(self) -> str:
        """The manifest as a JSON text."""
        return json.dumps({**dataclasses.asdict(self), "schema": self.schema}, indent=2) + "\n"


def _parts(data: object) -> dict[str, BundlePart]:
    if not isinstance(data, Mapping):
        raise SpecError(f"parts must be a JSON object of roles; got {show(data)}")
    if len(data) > MAX_PARTS:
        raise SpecError(f"parts must name 1 to {MAX_PARTS} files; got {len(data)}")
    return {role: values.build(BundlePart, f"parts.{show(role)}", part) for role, part in data.items()}


@dataclass(frozen=True)
class ModelBundle:
    """A bundle whose parts were all found to be the ones that its manifest names."""

    path: Path
    """The folder or zip file."""
    folder: Path
    """Where the parts lie; of a zip file, a folder in the cache."""
    manifest: BundleManifest

    @classmethod
    def open(cls, path: str | Path) -> ModelBundle:
        """Open a folder or a zip file and check every part.

        Raises:
            FileNotFoundError: no such folder or file.
            BundleError: no manifest, a part that is missing, altered or of another pair, or a hostile file.
        """
        path = Path(path)
        try:
            if path.is_dir():
                bundle = cls(path, path, _manifest_of(path))
                bundle._check_digests()
            else:
                bundle = _unpacked(path)
            bundle._check_pairs()
        except BundleError:
            raise
        except SpecError as error:
            raise BundleError(f"{path}: {error}") from error
        return bundle

    @property
    def name(self) -> str:
        """The model's own name."""
        return self.manifest.name

    @property
    def size_bytes(self) -> int:
        """Length of all parts together."""
        return sum(part.bytes for part in self.manifest.parts.values())

    @property
    def is_permissive(self) -> bool:
        """Whether its licence is a permissive one."""
        return self.manifest.licence.lower() in PERMISSIVE

    def part(self, role: str) -> Path:
        """The file with that role.

        Raises:
            BundleError: there is none; the message lists the roles.
        """
        if role not in self.manifest.parts:
            roles = ", ".join(self.manifest.parts)
            raise BundleError(f"{self.path} has no {role!r}; its parts are {roles}")
        return self.folder / self.manifest.parts[role].file

    def model(self, role: str) -> ModelFile:
        """The ONNX file with that role.

        Raises:
            BundleError: there is none.
            SpecError: it does not say what it is.
        """
        path = self.part(role)
        return ModelFile(path, ModelSpec.from_onnx(path))

    def models(self) -> dict[str, ModelFile]:
        """Role -> ONNX file."""
        return {role: self.model(role) for role, part in self.manifest.parts.items() if part.file.endswith(".onnx")}

    def read(self, role: str) -> bytes:
        """Content of a part that is no model: a vocabulary, say."""
        return read_bounded(self.part(role), self.manifest.parts[role].bytes)

    def _check_digests(self) -> None:
        for role, part in self.manifest.parts.items():
            path = self.folder / part.file
            if not path.is_file():
                raise BundleError(f"{self.path}: its {role} {part.file} is missing: fetch the whole bundle again")
            if path.stat().st_size != part.bytes or file_sha256(path) != part.sha256:
                raise BundleError(
                    f"{self.path}: its {role} {part.file} is not the one that {MANIFEST} names: fetch the whole bundle "
                    "again"
                )

    def _check_pairs(self) -> None:
        for role, part in self.manifest.parts.items():
            found = _pair_of(self.folder / part.file)
            if found != self.manifest.pair_id and not (found is None and not part.file.endswith(".onnx")):
                other = "says no pair" if found is None else f"is of pair {show(found)}"
                raise BundleError(
                    f"{self.path}: its {role} {part.file} {other}, the bundle is pair {self.manifest.pair_id!r}: parts "
                    "of different trainings do not work together"
                )


def _pair_of(path: Path) -> str | None:
    """The pair that a part says it belongs to."""
    if path.suffix == ".onnx":
        return metadata.read(path).get(PAIR_KEY)
    if path.suffix == ".json" and path.stat().st_size <= LIMIT:
        try:
            data = load_json(path.read_bytes())
        except ValueError as error:
            raise BundleError(f"{path} cannot be read: {error}") from error
        pair = data.get("pair_id") if isinstance(data, dict) else None
        return None if pair is None else str(pair)
    return None


def _manifest_of(folder: Path) -> BundleManifest:
    path = folder / MANIFEST
    if not path.is_file():
        raise BundleError(f"{folder} is no bundle: it has no {MANIFEST}")
    try:
        text = read_bounded(path, LIMIT)
    except ValueError as error:
        raise BundleError(str(error)) from error
    return BundleManifest.from_json(text)


def _unpacked(path: Path) -> ModelBundle:
    """A zip file's parts in the cache, each unpacked once, never beyond the length that the manifest gives."""
    try:
        with open_binary(path) as file, zipfile.ZipFile(file) as archive:
            if len(archive.infolist()) > _MAX_ENTRIES:
                raise BundleError(f"{path} holds {len(archive.infolist())} entries, {_MAX_ENTRIES} are the most")
            with _entry(archive, MANIFEST) as stream:
                text = stream.read(LIMIT + 1)
            manifest = BundleManifest.from_json(text)
            folder = bundles_folder() / f"{manifest.name}-{hashlib.sha256(text).hexdigest()[:20]}"
            folder.mkdir(parents=True, exist_ok=True)
            with locked(folder / ".lock"):
                for role, part in manifest.parts.items():
                    _unpack(archive, path, role, part, folder / part.file)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, Error):
            raise
        raise BundleError(f"{path} is no bundle that can be read ({error}): fetch it again") from error
    return ModelBundle(path, folder, manifest)


@contextmanager
def _entry(archive: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
    try:
        info = archive.getinfo(name)
    except KeyError as error:
        raise BundleError(f"{archive.filename} holds no {name}") from error
    try:
        stream = archive.open(info)
    except (OSError, ValueError) as error:  # a damaged directory sends to places that no file has
        raise zipfile.BadZipFile(f"{name}: {error}") from error
    with stream:
        yield stream


def _unpack(archive: zipfile.ZipFile, path: Path, role: str, part: BundlePart, target: Path) -> None:
    if target.is_file() and target.stat().st_size == part.bytes and file_sha256(target) == part.sha256:
        return
    digest, left = hashlib.sha256(), part.bytes
    wrong = BundleError(f"{path}: its {role} {part.file} is not the one that {MANIFEST} names: fetch it again")
    with atomic_writer(target) as out, _entry(archive, part.file) as stream:
        while chunk := stream.read(min(_CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0:
                raise wrong
            digest.update(chunk)
            out.write(chunk)
        if left or digest.hexdigest() != part.sha256:
            raise wrong


def write_bundle(
    target: str | Path,
    parts: Mapping[str, str | Path],
    *,
    name: str,
    version: str,
    task: str,
    pair_id: str,
    licence: str = "unknown",
    training_data: tuple[str, ...] = (),
    recipe: str = "",
) -> ModelBundle:
    """Copy parts into a new bundle and write its manifest; ONNX parts are stamped with the pair.

    Args:
        target: a folder, or a file that ends in `.zip`.
        parts: role -> file; a part keeps its file's name.
        name: name of the model.
        version: its version.
        task: one of the tasks of `ModelSpec`.
        pair_id: names the training that all parts come from.
        licence: of the weights.
        training_data: what they were trained on.
        recipe: how they were made.

    Raises:
        SpecError: an impossible name or value.
        BundleError: a part is of another pair already.
    """
    target = Path(target)
    folder = target.with_suffix(".parts") if target.suffix == SUFFIX else target
    folder.mkdir(parents=True, exist_ok=True)
    entries = {}
    for role, source in parts.items():
        copy = folder / Path(source).name
        shutil.copyfile(source, copy)
        if copy.suffix == ".onnx":
            if metadata.read(copy).get(PAIR_KEY, pair_id) != pair_id:
                raise BundleError(f"{source} is of another pair than {pair_id!r}")
            metadata.write(copy, PAIR_KEY, pair_id)
        entries[role] = BundlePart(copy.name, file_sha256(copy), copy.stat().st_size)
    manifest = BundleManifest(name, version, task, pair_id, entries, licence, training_data, recipe)
    write_atomically(folder / MANIFEST, manifest.to_json().encode())
    if folder != target:
        with atomic_writer(target) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in (MANIFEST, *(part.file for part in entries.values())):
                # A fixed time, so that the same parts give the same bytes.
                entry = zipfile.ZipInfo(file)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, (folder / file).read_bytes())
        shutil.rmtree(folder)
    return ModelBundle.open(target)


def is_bundle(path: Path) -> bool:
    """Whether a path looks like a bundle: a folder with a manifest, or a zip file."""
    return os.path.isfile(path / MANIFEST) or (path.suffix == SUFFIX and os.path.isfile(path))


def facts_of(bundle: ModelBundle) -> dict[str, Any]:
    """The bundle as plain data: its manifest, and the spec of each ONNX part."""
    return {
        "path": str(bundle.path),
        "bytes": bundle.size_bytes,
        "permissive": bundle.is_permissive,
        "manifest": json.loads(bundle.manifest.to_json()),
        "specs": {role: model.spec.to_dict() for role, model in bundle.models().items()},
    }

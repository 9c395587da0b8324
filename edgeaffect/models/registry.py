"""Which model files are at hand: the bundled ones, those in the cache folder, and any path."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .._checks import show
from .._files import file_sha256
from .._paths import store_folder
from ..errors import Error, LicenceError, ModelNotFoundError
from .bundle import MANIFEST, ModelBundle, is_bundle
from .bundle import SUFFIX as BUNDLE_SUFFIX
from .engine_file import SUFFIX, read_engine
from .file import PERMISSIVE, ModelFile
from .pulled import recorded_digests
from .spec import ModelSpec

FILES = Path(__file__).parent / "files"

# task -> name of the model used when the user names none
DEFAULTS = {
    "affect": "affect-small-int8",
    "face-detector": "face-detector",
    "cues": "face-cues-int8",
    "voice-activity": "voice-activity",
    "voice": "voice-small",
}
# The same in float32, for whoever cannot use integers made for a CPU: GPUs, converters, trainings.
FLOAT_DEFAULTS = {task: name.removesuffix("-int8") for task, name in DEFAULTS.items()}
# The same of the set whose owners publish it under a permissive licence (docs/permissive.md); all of it is float32.
PERMISSIVE_DEFAULTS = {
    "face-detector": "face-detector-permissive",
    "face-mesh": "face-landmarks-permissive",
    "blendshapes": "face-blendshapes-permissive",
    "expression": "expression-from-blendshapes",
}


def bundled() -> list[ModelFile]:
    """The models inside this package, by name."""
    return [ModelFile(path, ModelSpec.from_onnx(path)) for path in sorted(FILES.glob("*.onnx"))]


@dataclass(frozen=True)
class BadFile:
    """A file in the store that is no model one could open."""

    path: Path
    problem: str


@dataclass(frozen=True)
class FolderContents:
    """What a folder of models holds, by name."""

    models: tuple[ModelFile, ...]
    bundles: tuple[ModelBundle, ...]
    bad: tuple[BadFile, ...]


def contents(folder: Path | None) -> FolderContents:
    """Models and bundles of a folder; a file that cannot be read hides none of the others."""
    models: list[ModelFile] = []
    bundles: list[ModelBundle] = []
    bad: list[BadFile] = []
    for path in sorted(folder.iterdir()) if folder and folder.is_dir() else []:
        try:
            if path.suffix == ".onnx" and path.is_file():
                models.append(ModelFile(path, ModelSpec.from_onnx(path)))
            elif is_bundle(path):
                bundles.append(ModelBundle.open(path))
        except (Error, OSError) as error:
            bad.append(BadFile(path, str(error)))
    return FolderContents(tuple(models), tuple(bundles), tuple(bad))


def stored() -> FolderContents:
    """What the store of pulled models holds."""
    return contents(store_folder())


def find_bundle(bundle: str | os.PathLike[str], task: str) -> ModelBundle:
    """The bundle for a name or a path.

    Raises:
        ModelNotFoundError: no such name, folder or file; the message lists the names.
        BundleError: it is incomplete, altered or mixed from several.
        ValueError: it is for another task.
    """
    name = os.fspath(bundle)
    folders = [folder for folder in (FILES, store_folder()) if folder is not None]
    places = (Path(name), *(folder / file for folder in folders for file in (name, f"{name}{BUNDLE_SUFFIX}")))
    for path in places:
        if is_bundle(path):
            if complaint := _compare_bundle(path):
                raise Error(complaint)
            found = ModelBundle.open(path)
            if found.manifest.task != task:
                raise ValueError(f"{path} is a bundle for {found.manifest.task!r}; {task!r} was asked for")
            return found
    known = [found.name for folder in folders for found in contents(folder).bundles]
    at_hand = f"at hand are {', '.join(known)}" if known else "none is at hand"
    raise ModelNotFoundError(f"no bundle {show(name)} for {task}: {at_hand}; otherwise give a folder or a .zip")


def _compare_bundle(path: Path) -> str | None:
    """What differs from the digest that a bundle must have, if anybody knows it: of its zip file or its manifest."""
    if path.is_file():
        return _compare(path, *_known_digest(path))
    expected = known_digests().get(f"{path.name}/{MANIFEST}") if path.parent == FILES else None
    return _compare(path / MANIFEST, expected, "reinstall edgeaffect")


def verify_bundle(bundle: ModelBundle) -> str | None:
    """None when a bundle with a known digest is the one shipped or first pulled; else what differs."""
    return _compare_bundle(bundle.path)


def default_name(task: str, *, float32: bool = False, models: str = "default") -> str:
    """Name of the model for a task where the user names none.

    Args:
        task: what it is for.
        float32: whether it must compute in float32 (`FLOAT_DEFAULTS`).
        models: the set to take it from, one of `options.MODEL_SETS`.

    Raises:
        LicenceError: the permissive set has no model for this task.
        ModelNotFoundError: no model for this task is bundled.
    """
    if models == "permissive":
        if task not in PERMISSIVE_DEFAULTS:
            raise LicenceError(
                f"the permissive set has no model for {task}, only for {', '.join(PERMISSIVE_DEFAULTS)}: name a model "
                "of your own, or take models='default' if research data is acceptable to you"
            )
        return PERMISSIVE_DEFAULTS[task]
    known = {**PERMISSIVE_DEFAULTS, **(FLOAT_DEFAULTS if float32 else DEFAULTS)}
    if task not in known:
        raise ModelNotFoundError(f"no model for {task} is bundled, only for {', '.join(known)}: give a path to .onnx")
    return known[task]


def find(model: str | os.PathLike[str] | None, task: str, *, float32: bool = False) -> ModelFile:
    """The model file for a name, a path, or None (the bundled default of that task).

    Args:
        model: see above.
        task: what it must be for.
        float32: whether the default is the one that computes in float32 (`FLOAT_DEFAULTS`).

    Raises:
        ModelNotFoundError: no such name or file; the message lists the names.
        SpecError: the file does not say what it is.
        ValueError: it is for another task.
        Error: it is not the file whose digest is known: damaged, or changed by somebody.
    """
    name = default_name(task, float32=float32) if model is None else os.fspath(model)
    folders = [folder for folder in (FILES, store_folder()) if folder is not None]
    for path in (Path(name), *(folder / f"{name}.onnx" for folder in folders)):
        if os.path.isfile(path):  # unlike Path.is_file it takes names of any length
            if complaint := _compare(path, *_known_digest(path)):
                raise Error(complaint)
            spec = spec_of(path)
            if spec.task != task:
                raise ValueError(f"{path} is a model for {spec.task!r}; {task!r} was asked for")
            return ModelFile(path, spec)
    names = ", ".join(model.name for model in bundled() if model.spec.task == task)
    raise ModelNotFoundError(
        f"no model {show(name)} for {task}: bundled ones are {names}; otherwise give a path to .onnx"
    )


def spec_of(path: Path) -> ModelSpec:
    """What an ONNX file or an engine file says about itself."""
    return read_engine(path).header.spec if path.suffix == SUFFIX else ModelSpec.from_onnx(path)


def known_digests() -> dict[str, str]:
    """File name -> sha256 of the bundled models, from `files/SHA256SUMS` (the format of coreutils)."""
    lines = (FILES / "SHA256SUMS").read_text("utf-8").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines if line.strip())}


def verify(model: ModelFile) -> str | None:
    """None when a bundled file is the one we shipped, or a pulled one the one first pulled; else what differs.

    Any other file has no known digest: its spec was read, which is all that can be checked.
    """
    expected, remedy = _known_digest(model.path)
    if expected is None and model.path.parent == FILES:
        return f"{model.path.name} is not in SHA256SUMS: it was not shipped with this package"
    return _compare(model.path, expected, remedy)


def has_known_digest(model: ModelFile | ModelBundle) -> bool:
    """Whether a digest is known that the file must have."""
    return _known_digest(model.path)[0] is not None


def _known_digest(path: Path) -> tuple[str | None, str]:
    """The digest that a file must have, if anybody knows it, and what to do where it has another."""
    if path.parent == store_folder():
        return recorded_digests(path.parent).get(path.name), "pull it again"
    return (known_digests().get(path.name) if path.parent == FILES else None), "reinstall edgeaffect"


def _compare(path: Path, expected: str | None, remedy: str) -> str | None:
    if expected is None or (actual := file_sha256(path)) == expected:
        return None
    return f"{path.name} has sha256 {actual[:16]}..., expected {expected[:16]}...: {remedy}"


def check_licence(models: Iterable[ModelFile], requirement: str | None) -> None:
    """Raise `LicenceError` listing every model that does not meet `requirement` (None or "permissive")."""
    if requirement is None:
        return
    if requirement != "permissive":
        raise ValueError(f"require_licence must be None or 'permissive', got {show(requirement)}")
    offenders = [f"{m.name} ({m.spec.licence})" for m in models if not m.is_permissive]
    if offenders:
        raise LicenceError(
            f"not under a permissive licence ({', '.join(PERMISSIVE)}): {', '.join(offenders)}. Take the set "
            "models='permissive', name models of your own, or drop require_licence if research data is acceptable to "
            "you"
        )

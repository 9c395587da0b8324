"""`edgeaffect models list|show|verify|pull|annotate`."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .._checks import show
from .._files import file_sha256, read_bounded, write_atomically
from .._json import LIMIT, load_json
from ..errors import Error, ModelNotFoundError, SpecError
from ..face.postprocess import AffectPostprocess
from ..models import DEFAULTS, ImageInput, ModelBundle, ModelFile, ModelSpec, verify
from ..models.bundle import MANIFEST, facts_of, is_bundle
from ..models.registry import FILES, PERMISSIVE_DEFAULTS, contents, has_known_digest, spec_of, stored, verify_bundle
from ..models.spec import sidecar_path
from ..options import AffectOptions
from ..runtime import Placement, open_session
from .pull import add_pull
from .usage import Parser, UsageError, printable, usage_errors

_STATIC = "decoder-static"  # of a bundle for task explain


def main(words: list[str]) -> int:
    """Run the verb; the exit code."""
    arguments = _parser().parse_args(words)
    with usage_errors():
        return int(arguments.run(arguments))


def _parser() -> Parser:
    parser = Parser(prog="edgeaffect models", description="Model files and what they say about themselves.")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    listing = verbs.add_parser("list", help="models at hand")
    listing.add_argument("--json", action="store_true")
    listing.add_argument("--licence", choices=("permissive",), help="only models that a company may ship")
    listing.set_defaults(run=_list)
    show = verbs.add_parser("show", help="the spec of one model, as JSON")
    show.add_argument("model", help="name, or path of a model file or bundle")
    show.set_defaults(run=_show)
    check = verbs.add_parser("verify", help="compare with the digests we shipped, and load")
    check.add_argument("models", nargs="*", metavar="model", help="names or paths; none: all bundled ones")
    check.set_defaults(run=_verify)
    add_pull(verbs)
    note = verbs.add_parser(
        "annotate",
        help="write a spec into an ONNX file made elsewhere",
        epilog="Example: edgeaffect models annotate mine.onnx --like affect-base --set name=mine "
        "--set inputs.0.size=[224,224] --set licence=mit",
    )
    note.add_argument("file", type=Path)
    start = note.add_mutually_exclusive_group(required=True)
    start.add_argument("--spec", type=Path, metavar="FILE", help="JSON file with the spec")
    start.add_argument("--like", metavar="MODEL", help="start from the spec of this model")
    note.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="e.g. inputs.0.size=[224,224]")
    note.add_argument("--sidecar", action="store_true", help="write NAME.edgeaffect.json instead of changing the file")
    note.set_defaults(run=_annotate)
    return parser


def _list(arguments: argparse.Namespace) -> int:
    ours, pulled = contents(FILES), stored()
    models = [model for model in (*ours.models, *pulled.models) if _is_wanted(model, arguments.licence)]
    bundles = [bundle for bundle in (*ours.bundles, *pulled.bundles) if _is_wanted(bundle, arguments.licence)]
    if arguments.json:
        problems = [{"path": str(file.path), "problem": file.problem} for file in (*ours.bad, *pulled.bad)]
        print(json.dumps([*map(_facts, models), *map(facts_of, bundles), *problems], indent=2))
        return 0
    if any(not model.is_permissive and model.path.parent == FILES for model in models):
        print(
            "research-data: a company may try and measure these models in-house; their licence covers no product or "
            "service (LICENSE-WEIGHTS). models='permissive' takes those under Apache-2.0 (docs/permissive.md)."
        )
    names = [*(model.name for model in models), *(bundle.name for bundle in bundles), "name"]
    width = max(map(len, names))
    print(f"{'name':{width}} {'task':14} {'version':8} {'size':>8}  {'input':>9}  {'licence':14} default of")
    for model in models:
        print(
            f"{model.name:{width}} {model.spec.task:14} {model.spec.version:8} {model.size_bytes / 1e6:5.2f} MB  "
            f"{_inputs(model.spec):>9}  {model.spec.licence:14} {', '.join(_default_of(model))}".rstrip()
        )
    for bundle in bundles:
        facts = bundle.manifest
        print(
            f"{bundle.name:{width}} {facts.task:14} {facts.version:8} {bundle.size_bytes / 1e6:5.2f} MB  "
            f"{len(facts.parts):>3} parts  {facts.licence}"
        )
    for file in (*ours.bad, *pulled.bad):
        print(f"cannot be read: {printable(file.problem)}")
    return 0


def _is_wanted(model: ModelFile | ModelBundle, licence: str | None) -> bool:
    return licence is None or model.is_permissive


def _default_of(model: ModelFile) -> list[str]:
    """The sets (`Pipeline(models=...)`) that take this model where none is named."""
    sets = {"default": DEFAULTS, "permissive": PERMISSIVE_DEFAULTS}
    return [name for name, chosen in sets.items() if chosen.get(model.spec.task) == model.name]


def _inputs(spec: ModelSpec) -> str:
    """The inputs in a word: the size of a picture, else their kinds."""
    if len(spec.inputs) == 1 and isinstance(spec.inputs[0], ImageInput):
        w, h = spec.inputs[0].size
        return f"{w}x{h}" if w else "any"
    return "+".join(dict.fromkeys(given.kind for given in spec.inputs))


def _facts(model: ModelFile | ModelBundle) -> dict[str, Any]:
    if isinstance(model, ModelBundle):
        return facts_of(model)
    return {
        "path": str(model.path), "bytes": model.size_bytes, "sha256": file_sha256(model.path),
        "permissive": model.is_permissive, "spec": model.spec.to_dict(),
    }  # fmt: skip


def _named(name: str) -> ModelFile | ModelBundle:
    """A model or a bundle of any task, by name or path."""
    path = Path(name)
    if is_bundle(path):
        return ModelBundle.open(path)
    if os.path.isdir(path):
        raise ModelNotFoundError(f"{name} is a folder without {MANIFEST}: give a model file, or the folder of a bundle")
    if os.path.isfile(path):
        return ModelFile(path, spec_of(path))
    ours, pulled = contents(FILES), stored()
    models: dict[str, ModelFile | ModelBundle] = {}
    for held in (pulled, ours):  # ours win where names are the same
        models |= {model.name: model for model in held.models} | {bundle.name: bundle for bundle in held.bundles}
    if name in models:
        return models[name]
    for file in (*ours.bad, *pulled.bad):
        if name in (file.path.name, file.path.stem):
            raise SpecError(file.problem)
    raise ModelNotFoundError(f"no model {show(name)}: at hand are {', '.join(models)}; otherwise give a path")


def _show(arguments: argparse.Namespace) -> int:
    print(json.dumps(_facts(_named(arguments.model)), indent=2))
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    failed = 0
    shipped = contents(FILES)
    everything = [
        str(p)
        for p in (
            *(model.path for model in shipped.models),
            *(bundle.path for bundle in shipped.bundles),
            *(file.path for file in shipped.bad),
        )
    ]
    for name in arguments.models or everything:
        try:
            model = _named(name)
            title, complaint = model.name, _problem(model)
        except SpecError as error:
            title, complaint = Path(name).name, str(error)
        good = "good" if complaint or has_known_digest(model) else "can be loaded; its digest is not known"
        print(f"{printable(title):28} {printable(complaint or good)}")
        failed += complaint is not None
    return 1 if failed else 0


def _problem(model: ModelFile | ModelBundle) -> str | None:
    """What is wrong with a model, or with a bundle or one of its graphs; None when all is well."""
    if isinstance(model, ModelBundle):
        return verify_bundle(model) or next(filter(None, map(_load, _graphs(model))), None)
    return verify(model) or _load(model)


def _graphs(bundle: ModelBundle) -> Iterator[ModelFile]:
    """Every graph of a bundle as a runtime opens it: a decoder with a static cache takes its weights from the other."""
    for role, model in bundle.models().items():
        if role == _STATIC:
            from ..explain.static_cache import static_decoder

            model = static_decoder(bundle)
        yield model


def _load(model: ModelFile) -> str | None:
    """Open the file as a stage would, which compares it with its spec and runs it; None when all is well."""
    try:
        session = open_session(model, Placement("cpu", "onnxruntime"))
        try:
            if model.spec.task in ("affect", "expression"):
                AffectPostprocess(model, AffectOptions())
        finally:
            session.close()
    except Error as error:
        return str(error)
    return None


def _annotate(arguments: argparse.Namespace) -> int:
    path: Path = arguments.file
    if not path.is_file():
        raise UsageError(f"no such file: {show(str(path))}")
    if arguments.spec:
        try:
            data = load_json(read_bounded(arguments.spec, LIMIT))
        except ValueError as error:
            raise UsageError(f"{arguments.spec}: {error}") from error
    else:
        like = _named(arguments.like)
        if isinstance(like, ModelBundle):
            raise UsageError(f"{arguments.like} is a bundle: give one of its files to --like")
        data = json.loads(like.spec.to_json())
    for entry in arguments.set:
        _assign(data, entry)
    if not isinstance(data, dict):
        raise UsageError(f"{arguments.spec}: a model spec is a JSON object")
    spec = ModelSpec.from_dict(data)
    complaint = _load(ModelFile(path, spec))
    if complaint:
        raise SpecError(f"{complaint}; nothing was written")
    if arguments.sidecar:
        target = sidecar_path(path)
        write_atomically(target, spec.to_json(indent=2).encode("utf-8") + b"\n")
    else:
        target = path
        spec.write_to(path)
    print(f"wrote the spec of {spec.name} {spec.version} into {target}")
    return 0


def _assign(data: Any, entry: str) -> None:
    """Put `inputs.0.size=[224,224]` or `outputs.0.name=logits` into a nested structure; JSON, or a bare word."""
    key, separator, text = entry.partition("=")
    if not separator:
        raise UsageError(f"--set takes KEY=VALUE, got {entry!r}")
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        value = text
    *parents, last = key.split(".")
    try:
        for part in parents:
            data = data[int(part)] if isinstance(data, list) else data[part]
        if isinstance(data, list):
            data[int(last)] = value
        else:
            data[last] = value
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise UsageError(f"--set {entry}: there is no {key!r} in a spec") from error

"""`edgeaffect engines list|build|extract|inspect|clean`."""

from __future__ import annotations

import argparse
import json
import logging
import os
import time
from pathlib import Path

from .._checks import show
from .._progress import ProgressLine
from .._redact import hide_secrets
from ..models import ModelFile, ModelSpec, bundled
from ..runtime.tensorrt import BuildOptions, EngineCache, EngineFile, build_engine, read_engine
from ..runtime.tensorrt.cache import CacheEntry
from ..runtime.tensorrt.selftest import SelfTestError
from ..runtime.tensorrt.session import TensorRTSession
from ..runtime.tensorrt.variants import VARIANTS
from .usage import Failure, Parser, UsageError, usage_errors


def main(words: list[str]) -> int:
    """Run the verb; the exit code."""
    arguments = _parser().parse_args(words)
    with usage_errors():
        return int(arguments.run(arguments))


def _parser() -> Parser:
    parser = Parser(prog="edgeaffect engines", description="TensorRT engines: built once, kept, checked.")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    listing = verbs.add_parser("list", help="engines in the cache, or what one file says")
    listing.add_argument("file", nargs="?", type=Path)
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=_list)
    build = verbs.add_parser("build", help="build an engine into the cache, or into a file")
    build.add_argument("model", help="bundled name, or an ONNX file that carries a spec")
    build.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: the cache")
    build.add_argument("--variant", choices=VARIANTS, help="default: the one that is installed, TensorRT first")
    build.add_argument("--max-batch", type=int, metavar="N", help="most faces in one run")
    build.add_argument("--max-frames", type=int, metavar="N", help="detectors: most pictures in one run")
    build.add_argument("--max-side", type=int, metavar="PX", help="detectors: longest side of a picture")
    build.add_argument(
        "--compute-capability", action="append", metavar="SM86", help="TensorRT for RTX: GPUs to build for"
    )
    build.add_argument("--tf32", action="store_true", help="let float32 layers round to TF32")
    build.add_argument("--workspace-mib", type=int, metavar="N", help="scratch memory a layer may take")
    build.add_argument("--device", type=int, default=0, metavar="N", help="TensorRT: number of the GPU to build for")
    build.set_defaults(run=_build)
    extract = verbs.add_parser("extract", help="write the bare plan, for trtexec")
    extract.add_argument("file", type=Path)
    extract.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    extract.set_defaults(run=_extract)
    inspect = verbs.add_parser("inspect", help="kernels and precisions on this machine's GPU, after the self-test")
    inspect.add_argument("file", type=Path)
    inspect.add_argument("--device", type=int, default=0, metavar="N", help="number of the GPU")
    inspect.set_defaults(run=_inspect)
    clean = verbs.add_parser("clean", help="delete engines from the cache")
    clean.add_argument("model", nargs="?", help="only those of this model")
    clean.set_defaults(run=_clean)
    return parser


def _list(arguments: argparse.Namespace) -> int:
    if arguments.file is not None:
        engine = read_engine(arguments.file)
        engine.payload()
        entries = [CacheEntry(arguments.file, engine, None)]
    else:
        entries = EngineCache().entries()
    if arguments.json:
        print(json.dumps([_facts(entry) for entry in entries], indent=2))
    else:
        for entry in entries:
            print(_line(entry))
        if not entries:
            print(f"no engines in {EngineCache().folder}")
    return 2 if any(entry.problem for entry in entries) else 0


def _facts(entry: CacheEntry) -> dict[str, object]:
    if entry.engine is None:
        return {"path": str(entry.path), "problem": entry.problem}
    facts = json.loads(entry.engine.header.to_json())
    facts["self_test"].pop("outputs", None)  # numbers nobody reads
    return {"path": str(entry.path), **facts}


def _line(entry: CacheEntry) -> str:
    if entry.engine is None:
        return f"{entry.path.name}: {entry.problem}"
    header = entry.engine.header
    target = header.target.get("compute_capabilities") or f"{header.target.get('gpu')} ({header.target.get('sm')})"
    where = target if isinstance(target, str) else "+".join(target)
    return (
        f"{entry.path.name}  {header.spec.name} {header.spec.version}  {header.precision}  {header.variant} "
        f"{header.version}  {where}  {header.payload_bytes / 1e6:.2f} MB"
    )


def _model(name: str) -> ModelFile:
    if os.path.isfile(name):
        return ModelFile(Path(name), ModelSpec.from_onnx(name))
    models = {model.name: model for model in bundled()}
    if name not in models:
        raise UsageError(f"no model {show(name)}: bundled are {', '.join(models)}; otherwise give an ONNX file")
    return models[name]


def _build(arguments: argparse.Namespace) -> int:
    given = {
        "variant": arguments.variant,
        "max_batch": arguments.max_batch,
        "max_frames": arguments.max_frames,
        "max_side": arguments.max_side,
        "compute_capabilities": tuple(arguments.compute_capability or ()) or None,
        "workspace_mib": arguments.workspace_mib,
        "tf32": arguments.tf32 or None,
    }
    options = BuildOptions(**{name: value for name, value in given.items() if value is not None})
    model = _model(arguments.model)
    line = build_line()

    def show(phase: str, done: int, total: int) -> None:
        line.show(done, total, f"building: {phase}", force=done == 0)

    started = time.monotonic()
    try:
        if arguments.output is not None:
            engine = build_engine(model, arguments.output, options, device_index=arguments.device, progress=show)
        else:
            engine = EngineCache().get(model, options, device_index=arguments.device, progress=show)
    finally:
        line.clear()
    print(hide_secrets(_line(CacheEntry(engine.path, engine, None))))
    seconds = time.monotonic() - started
    print(f"{hide_secrets(str(engine.path))} ({seconds:.1f} s); its self-test runs at the first load on a GPU")
    return 0


def _extract(arguments: argparse.Namespace) -> int:
    engine: EngineFile = read_engine(arguments.file)
    engine.extract(arguments.output)
    print(f"{arguments.output}: plan of {engine.header.variant} {engine.header.version}")
    return 0


def _inspect(arguments: argparse.Namespace) -> int:
    model = ModelFile(arguments.file, read_engine(arguments.file).header.spec)
    try:
        session = TensorRTSession(model, device_id=arguments.device)
    except SelfTestError as error:
        raise Failure(str(error)) from error
    try:
        print(session.layers())
    finally:
        session.close()
    return 0


def _clean(arguments: argparse.Namespace) -> int:
    deleted = EngineCache().clean(arguments.model)
    for path in deleted:
        print(f"deleted {path}")
    if not deleted:
        print("nothing to delete")
    return 0


def build_line() -> ProgressLine:
    """The builder's progress: a line on a terminal, else messages of its start and end."""
    line = ProgressLine()
    if not line.active:
        logging.getLogger("edgeaffect.runtime.tensorrt").setLevel(logging.INFO)
    return line

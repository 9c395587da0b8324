"""`edgeaffect export CHECKPOINT --arch NAME [--to onnx,tensorrt] [--precision ...] -o DIR`."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edgeaffect._lazy import require
from edgeaffect._redact import hide_secrets
from edgeaffect.cli.usage import Parser, usage_errors
from edgeaffect.models.spec import ModelSpec

from . import zoo
from .defaults import MAX_DROP, PRECISIONS, TARGETS
from .errors import CheckpointError, GraphError, ParityError
from .template import template_text

_DONE, _FAILED, _USAGE = 0, 1, 2


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns the exit code (0 done, 1 the export failed, 2 bad usage or input)."""
    options = _parser().parse_args(arguments)
    logging.getLogger("edgeaffect.export").setLevel(logging.INFO if options.verbose else logging.WARNING)
    for package in ("torch", "onnx", "onnxruntime"):
        require(package)
    from edgeaffect.cli.engines import build_line

    from .flow import export
    from .precision import PrecisionError

    with usage_errors():
        spec = ModelSpec.from_json(options.spec.read_text("utf-8")) if options.spec else None
    line = build_line()
    try:
        with usage_errors():
            report = export(
                options.checkpoint,
                options.output,
                arch=options.arch,
                spec=spec,
                labels=options.labels,
                to=options.to,
                precision=options.precision,
                calibrate=options.calibrate,
                max_drop=options.max_drop,
                trust_pickle=options.trust_pickle,
                progress=lambda phase, done, total: line.show(done, total, f"building: {phase}"),
            )
    # Several lines each (differing keys, measures out of tolerance), which the common handler would join.
    except CheckpointError as error:
        print(f"edgeaffect: {hide_secrets(str(error))}", file=sys.stderr)
        return _USAGE
    except (GraphError, ParityError, PrecisionError) as error:
        print(f"edgeaffect: {hide_secrets(str(error))}", file=sys.stderr)
        return _FAILED
    finally:
        line.clear()
    print(_summary(report, options.output))
    return _DONE


class _PrintTemplate(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(template_text())
        parser.exit()


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="edgeaffect export",
        description="Export a PyTorch checkpoint to ONNX (and a TensorRT engine), checked against the original.",
        epilog=f"architectures: {', '.join(zoo.ARCHITECTURES)}, {zoo.TIMM_PREFIX}NAME",
    )
    add = parser.add_argument
    add(
        "checkpoint", metavar="CHECKPOINT", type=Path, help="state_dict, pickled module, TorchScript, .pt2, safetensors"
    )
    add("--arch", metavar="NAME", help="architecture of the weights (not for TorchScript and .pt2)")
    add("--to", type=_names, default=("onnx",), metavar="LIST", help=f"comma-separated: {', '.join(TARGETS)}")
    add("--precision", default="fp32", metavar="P", help=", ".join(PRECISIONS))
    add("--calibrate", type=Path, metavar="PATH", help="folder of face pictures, or .npz of crops")
    add(
        "--max-drop",
        type=float,
        default=MAX_DROP,
        metavar="POINTS",
        help="lost agreement of labels or cues allowed (%(default)s)",
    )
    add("--trust-pickle", action="store_true", help="read pickled modules: tensors are taken out, no code is run")
    add("--labels", type=_names, default=(), metavar="LIST", help="class order, where it is not the published one")
    add("--spec-template", action=_PrintTemplate, nargs=0, help="print a spec to fill in, as JSON, and end")
    add("--spec", type=Path, metavar="JSON", help="model spec, for models that are not in the zoo")
    add(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder for model.onnx, model.engine, report.json",
    )
    add("-v", "--verbose", action="store_true", help="say what is being done")
    return parser


def _summary(report: dict[str, Any], folder: Path) -> str:
    lines = [f"{folder / name}: {entry['bytes'] / 1e6:.1f} MB" for name, entry in report["files"].items()]
    for name in ("random", "real"):
        measured = report["parity"][name]
        worst = max(tensor["max_relative"] for tensor in measured["tensors"].values())
        labels = "".join(f", labels agree {share:.1%}" for share in measured["labels"].values())
        lines.append(
            f"parity on {measured['pictures']} {name} pictures: largest relative difference {worst:.1e}{labels}"
        )
    return "\n".join(lines)

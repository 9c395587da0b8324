"""Lower the precision of an ONNX file: `python -m edgeaffect.export.precision IN.onnx OUT.onnx --precision int8`.

For files that are ONNX already; `edgeaffect export --precision` does the same on the way from a checkpoint.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from edgeaffect.errors import Error
from edgeaffect.models.spec import ModelSpec

from ..defaults import MAX_DROP
from .convert import BACKENDS, PrecisionError, convert
from .crops import load_crops


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code (0 done, 1 refused by the gate, 2 bad usage or input)."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING, format="edgeaffect: %(message)s")
    try:
        crops = load_crops(options.calibrate, ModelSpec.from_onnx(options.source), limit=options.limit)
        result = convert(
            options.source, options.target, options.precision, crops, backend=options.backend, max_drop=options.max_drop
        )
    except (Error, ValueError, OSError) as error:
        print(f"edgeaffect: {error}", file=sys.stderr)
        return 1 if isinstance(error, PrecisionError) else 2
    told = result.to_dict()
    if options.report is not None:
        options.report.write_text(json.dumps(told, indent=2, allow_nan=False) + "\n", "utf-8")
    kept = ", ".join(result.kept) or "none"
    deviation = result.deviation
    print(f"{result.path}: {deviation.drop:.2f} points lost on {deviation.count} inputs; left in float32: {kept}")
    if result.speed is not None:
        print(f"{result.speed}: {told['speed_onnxruntime_cpu']['verdict']}")
    print(told["note"])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m edgeaffect.export.precision", description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, metavar="IN.onnx", help="float32, with a spec")
    parser.add_argument("target", type=Path, metavar="OUT.onnx")
    parser.add_argument("--precision", choices=("fp16", "int8"), required=True)
    parser.add_argument("--backend", choices=BACKENDS, default="tensorrt", help="whose rules int8 follows")
    parser.add_argument("--calibrate", type=Path, metavar="PATH", help="folder of pictures, or .npz with `images`")
    parser.add_argument("--limit", type=int, default=512, metavar="N", help="most pictures (%(default)s)")
    parser.add_argument("--max-drop", type=float, default=MAX_DROP, metavar="POINTS", help="(%(default)s)")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write what was done as JSON")
    parser.add_argument("-v", "--verbose", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""`edgeaffect tune`: options that keep a frame within a time on this machine, as TOML.

Settings are tried from the most able one down, on drawn faces and with the pipeline itself, until nine frames of ten
stay within the budget. What is given up first is what costs least: small faces, then that every face is read in every
frame. With `--power` all settings of `bench.power` are measured, and of those within the budget the one that takes the
least CPU time is chosen.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .._toml import dump_toml
from ..cli.usage import Failure, Parser, UsageError, check_output, complain, usage_errors
from .cli import frame_size
from .frames import Frame, synthetic
from .power import PROFILES

_FPS = 30
_FRAMES, _WARM = 16, 8
# Frames per setting at least: the tenth that may be slower must be more than one frame.
_LEAST = 40
_SHARE = 0.9
# Longest side of the detector's input, and seconds between two readings of a face: the ladder, from the top.
_RUNGS = ((640, 0.0), (480, 0.0), (320, 0.0), (320, 0.1), (256, 0.1), (256, 0.2), (192, 0.2), (160, 0.5))
# A second thread is tried from this side on: below, there is too little to share.
_SHARED_SIDE = 320


@dataclass(frozen=True)
class Trial:
    """One setting, measured."""

    values: dict[str, Any]
    """Options by flat name."""
    milliseconds: float
    """Within which 90 % of the frames stay."""
    mean: float
    """Milliseconds, all frames."""
    cpu: float
    """CPU seconds of this process per second of video."""
    found: float
    """Mean number of faces."""


def settings(*, cues: bool, cores: int) -> Iterator[dict[str, Any]]:
    """Options by flat name, from the most able to the cheapest."""
    for side, interval in _RUNGS:
        values: dict[str, Any] = {"max_side": side, "detect_interval": 0.1, "affect_interval": interval}
        if cues:
            values |= {"cues_enabled": True, "cues_interval": interval}
        yield {**values, "threads": 1}
        if cores > 1 and side >= _SHARED_SIDE:
            yield {**values, "threads": 2}


def to_toml(values: dict[str, Any]) -> str:
    """Options by flat name as `PipelineOptions.from_toml` reads them."""
    from ..options import flat_names

    nested: dict[str, Any] = {}
    for name, value in values.items():
        section, field = flat_names()[name]
        (nested.setdefault(section, {}) if section else nested)[field] = value
    return dump_toml(nested)


def measure(values: dict[str, Any], frames: Sequence[Frame], seconds: float, device: str) -> Trial:
    """Run the pipeline on a looped clip, at 30 frames a second of its own time, for some seconds of work."""
    from ..pipeline.pipeline import Pipeline

    totals: list[float] = []
    found = index = 0
    begun = 0.0
    with Pipeline(device=device, **values) as pipeline:
        pipeline.warmup((frames[0].shape[1], frames[0].shape[0]))
        end = time.monotonic() + seconds
        while len(totals) < _LEAST or time.monotonic() < end:
            if index == _WARM:
                begun = time.process_time()
            result = pipeline.process(frames[index % len(frames)], index / _FPS)
            index += 1
            if index > _WARM:
                totals.append(result.timings_ms["total"])
                found += len(result.faces)
        spent = time.process_time() - begun
    quantile, mean = float(np.quantile(totals, _SHARE)), float(np.mean(totals))
    return Trial(values, quantile, mean, spent / len(totals) * _FPS, found / len(totals))


def main(words: list[str]) -> int:
    """Run the command; 0 when something fits, 1 when nothing does."""
    arguments = _parser().parse_args(words)
    _check(arguments)
    frames = synthetic(arguments.size, arguments.faces, _FRAMES)
    cues, cores = arguments.cues, len(os.sched_getaffinity(0))
    if arguments.power:
        ladder = [(one.values(cues=cues), one.cost(cues=cues)) for one in PROFILES if one.threads <= cores]
    else:
        ladder = [(values, "") for values in settings(cues=cues, cores=cores)]
    fitting: list[tuple[Trial, str]] = []
    for values, cost in ladder:
        with usage_errors():
            trial = measure(values, frames, arguments.seconds / len(ladder), arguments.device)
        fits = trial.milliseconds <= arguments.budget_ms
        named = ", ".join(f"{name} {value}" for name, value in values.items())
        power = f", {trial.cpu:.3f} CPU s per s" if arguments.power else ""
        complain(f"{trial.milliseconds:7.2f} ms{power} {'fits: ' if fits else 'above:'} {named}")
        if fits:
            fitting.append((trial, cost))
            if not arguments.power:
                break
    if not fitting:
        raise Failure(
            f"nothing stays within {arguments.budget_ms:g} ms here; the cheapest setting takes "
            f"{trial.milliseconds:.2f}: allow more, give fewer faces, or free the machine of other work"
        )
    trial, cost = min(fitting, key=lambda pair: pair[0].cpu)
    if cost:
        complain(cost)
    text = _page(trial, cost, arguments)
    if arguments.output == "-":
        sys.stdout.write(text)
        return 0
    Path(arguments.output).write_text(text, "utf-8")
    complain(f"wrote {arguments.output}; use it with: edgeaffect run SOURCE --config {arguments.output}")
    return 0


def _check(arguments: argparse.Namespace) -> None:
    if not 0 < arguments.budget_ms <= 10_000:
        raise UsageError(f"--budget-ms takes milliseconds above 0, at most 10000; got {arguments.budget_ms}")
    if not 0 <= arguments.faces <= 64:
        raise UsageError(f"--faces takes 0 to 64; got {arguments.faces}")
    if not 0 < arguments.seconds <= 600:
        raise UsageError(f"--seconds takes seconds above 0, at most 600; got {arguments.seconds}")
    check_output(arguments.output)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="edgeaffect tune",
        description="Find the options that keep a frame within a time on this machine, in seconds of measuring.",
        epilog="exit status: 0 done, 1 nothing fits, 2 bad usage",
    )
    parser.add_argument(
        "--budget-ms", type=float, required=True, metavar="MS", help="nine frames of ten stay within it"
    )
    parser.add_argument("--faces", type=int, default=1, metavar="N", help="faces in view (default: 1)")
    parser.add_argument(
        "--size", type=frame_size, default=(640, 480), metavar="WxH", help="of frames (default: 640x480)"
    )
    parser.add_argument("--cues", action="store_true", help="read cues too")
    parser.add_argument(
        "--power",
        action="store_true",
        help="of the low-power settings within the budget, the one with the fewest CPU seconds per second of video",
    )
    parser.add_argument("--device", default="cpu", metavar="NAME", help="auto, cpu, cuda or cuda:N (default: cpu)")
    parser.add_argument(
        "--seconds",
        type=float,
        default=8.0,
        metavar="S",
        help=f"of measuring in all (default: 8); longer on a slow machine: {_LEAST} frames of each setting at least",
    )
    parser.add_argument("--output", default="-", metavar="FILE", help="TOML file to write (default: standard output)")
    return parser


def _page(trial: Trial, cost: str, arguments: argparse.Namespace) -> str:
    from .. import native
    from .host import hardware
    from .host.system_files import SystemFiles

    width, height = arguments.size
    head = (
        f"edgeaffect tune --budget-ms {arguments.budget_ms:g} --faces {arguments.faces} --size {width}x{height}"
        f"{' --cues' if arguments.cues else ''}{' --power' if arguments.power else ''}",
        f"{hardware.cpu(SystemFiles()).name}, native part {native.simd()}",
        f"90 % of frames within {trial.milliseconds:.2f} ms, mean {trial.mean:.2f} ms at {_FPS} frames/s; "
        f"{trial.found:.1f} of {arguments.faces} drawn faces found",
        *([f"{trial.cpu:.3f} CPU seconds per second of video", cost] if cost else []),
    )
    return "".join(f"# {line}\n" for line in head) + to_toml(trial.values)

"""The report as dataclasses; `bench.schema.json` describes the same as JSON. Times are seconds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..codec import OMIT_NONE, JsonObject, from_dict, to_dict
from ..host.facts import BoardReadings, Contention, Energy, Hardware
from ..stats.measurement import Measurement, Parameter, titled
from ..stats.samples import Interval, Latency

SCHEMA = "edgeaffect.bench/2"


@dataclass(frozen=True)
class Build:
    """The edgeaffect that ran."""

    version: str
    commit: str
    native: str
    simd: str


@dataclass(frozen=True, kw_only=True)
class UsedSettings:
    """What was asked for, with what it resolved to."""

    parts: tuple[str, ...]
    device: str
    runtime: str
    precision: str
    threads: int
    size: tuple[int, ...]
    """Width and height."""
    faces: int
    source: str
    """`synthetic` or `given`."""
    duration: float
    models: Mapping[str, str]
    """Task -> name and version."""


@dataclass(frozen=True, kw_only=True)
class Method:
    """How it was measured, for readers of the report."""

    clock: str
    garbage_collector: str
    warm_up: str
    rounds: str
    outliers: str
    text: str


@dataclass(frozen=True)
class Stage:
    """What became of one stage of a frame."""

    status: str
    """`measured`, `stand-in`, `fused`, `inside`, `none` or `not measured`."""
    text: str


@dataclass(frozen=True, kw_only=True)
class ColdStart:
    """A fresh process up to its first result: medians, and every run."""

    numpy_seconds: float
    import_seconds: float
    load_seconds: float
    first_result_seconds: float
    process_seconds: float
    """From the creation of the process to its first result."""
    runs: tuple[Mapping[str, float], ...]


@dataclass(frozen=True)
class Memory:
    """Memory of a process that runs a pipeline."""

    resident_bytes: int
    peak_bytes: int
    gpu_bytes: int | None = field(default=None, metadata=OMIT_NONE)


@dataclass(frozen=True, kw_only=True)
class LiveRun:
    """Frames that arrive on a clock."""

    fps: float
    seconds: float
    produced: int
    processed: int
    dropped: int
    latency: Latency
    """From the moment a frame was due to its result."""
    capture: Latency
    """Copying a frame in the capture thread."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """A part of the sustained run."""

    start: float
    count: int
    mean: float
    p10: float
    p50: float
    p95: float
    max: float
    celsius: float | None
    mhz: float | None


@dataclass(frozen=True, kw_only=True)
class Sustained:
    """Frames back to back for a while."""

    seconds: float
    window_seconds: float
    windows: tuple[Window, ...]
    slowdown: float
    """End over beginning by the fastest tenth of frames."""
    mean_slowdown: float
    tegrastats: BoardReadings | None


@dataclass(frozen=True)
class Point:
    """One size of a curve."""

    size: float
    seconds: float
    """Median of the turns."""
    turns: tuple[float, ...]
    """Fastest call of this size in each round."""


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """How cost grows with a size."""

    name: str
    unit: str
    title: str
    clock: str
    """`cpu` or `wall`."""
    points: tuple[Point, ...]
    intercept: float
    slope: float
    exponent: float
    exponent_interval: tuple[float, ...]
    """Ends of the 95 % interval."""
    verdict: str


@dataclass(frozen=True)
class Verdict:
    """One measurement in two reports."""

    name: str
    params: Mapping[str, Parameter]
    verdict: str
    """`faster`, `slower` or `within noise`."""
    regression: bool
    """Slower by more than the tolerance, with all comparisons of the report taken together."""
    median: Interval
    """Relative difference of medians, new / old - 1."""
    mean: Interval
    old_median: float
    new_median: float

    @property
    def title(self) -> str:
        """Name and parameters for people."""
        return titled(self.name, self.params)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All verdicts of two reports."""

    verdicts: tuple[Verdict, ...]
    only_old: tuple[str, ...]
    only_new: tuple[str, ...]
    tolerance: float
    remarks: tuple[str, ...]
    """What makes the two reports less comparable."""
    confidence: float
    regressed: bool


@dataclass(frozen=True, kw_only=True)
class Report:
    """A finished run."""

    created: str
    """ISO 8601, UTC."""
    edgeaffect: Build
    command: tuple[str, ...]
    settings: UsedSettings
    method: Method
    hardware: Hardware
    contention: Contention | None
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    stages: Mapping[str, Stage]
    measurements: tuple[Measurement, ...]
    cold_start: ColdStart | None
    memory: Memory | None
    live: tuple[LiveRun, ...]
    sustained: Sustained | None
    scaling: tuple[Scaling, ...]
    energy: Energy | None
    schema: str = SCHEMA
    comparison: Comparison | None = field(default=None, metadata=OMIT_NONE)

    def to_dict(self) -> JsonObject:
        """As JSON."""
        return to_dict(self)

    @classmethod
    def from_dict(cls, data: object) -> Report:
        """From JSON.

        Raises:
            ValueError: not a report, or of another schema version.
        """
        found = data.get("schema") if isinstance(data, Mapping) else None
        if found != SCHEMA:
            raise ValueError(f"schema is {found!r}, expected {SCHEMA!r}: make it with edgeaffect bench --json")
        return from_dict(cls, data)

    @classmethod
    def load(cls, path: str | Path) -> Report:
        """Read a file that `--json` wrote.

        Raises:
            ValueError: not a report, or of another schema version.
            OSError: cannot be read.
        """
        try:
            return cls.from_dict(json.loads(Path(path).read_text("utf-8")))
        except ValueError as error:  # JSONDecodeError is one
            raise ValueError(f"{path} is no report: {error}") from error

"""Runs the chosen parts and assembles the report."""

from __future__ import annotations

import dataclasses
import datetime
import shlex
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from .. import native
from .._progress import ProgressLine
from .._redact import hide_secrets
from .._version import __version__
from .context import Bench, Settings
from .host import hardware, nvml
from .host.contention import ContentionWatch
from .host.facts import Energy, Hardware
from .host.system_files import SystemFiles
from .parts import cold_start, explain, export, gpu, live, models, pipeline, preprocess, scaling, sustained, voice
from .report.machine_warnings import warnings
from .report.model import Build, ColdStart, LiveRun, Memory, Method, Report, Scaling, Stage, Sustained, UsedSettings
from .stats.measurement import Measurement, merged
from .stats.timing import STABLE_WITHIN, TimingPlan

PARTS = ("pipeline", "models", "preprocess", "export")

# Seconds of a run of 60 s; --duration scales them all. Those of the parts are for one measurement, all rounds together.
_PIPELINE, _MODELS, _PREPROCESS, _EXPORT = 2.2, 0.5, 0.4, 0.4
_SCALING, _LIVE, _SUSTAINED, _COLD = 0.35, 2.5, 12.0, 3.0
_REFERENCE = 60.0
_ROUNDS, _ROUNDS_OF_SHORT_RUN = 4, 3
_OVERHEAD = 1.6  # warm-up, loading and drawing, over measuring


@dataclass(frozen=True)
class _Job:
    """Something that is measured anew in every round."""

    measure: Callable[[Bench, TimingPlan], list[Measurement]]
    seconds: float
    """One measurement, all rounds together."""
    number: int
    """Measurements that it makes."""

    @property
    def planned(self) -> float:
        return self.seconds * self.number * _OVERHEAD


_JOBS: dict[str, list[_Job]] = {
    "pipeline": [_Job(pipeline.measurements, _PIPELINE, 4)],
    "models": [
        _Job(models.measurements, _MODELS, 7),
        _Job(voice.measurements, _MODELS, 4),
        _Job(gpu.measurements, _MODELS, 0),
        _Job(explain.measurements, _MODELS, 9),
    ],
    "preprocess": [_Job(preprocess.measurements, _PREPROCESS, 6)],
    "export": [_Job(export.measurements, _EXPORT, 6)],
}


@dataclass(frozen=True, kw_only=True)
class _Results:
    """What the parts found."""

    stages: Mapping[str, Stage]
    measurements: tuple[Measurement, ...]
    cold_start: ColdStart | None = None
    memory: Memory | None = None
    live: tuple[LiveRun, ...] = ()
    sustained: Sustained | None = None
    scaling: tuple[Scaling, ...] = ()
    energy: Energy | None = None


def run(settings: Settings, command: list[str], files: SystemFiles | None = None) -> Report:
    """Measure everything that `settings.parts` asks for.

    Args:
        settings: what to measure and where.
        command: as the user typed it, for the report, which leaves out passwords and tokens.
        files: where hardware facts are read; None is this machine.
    """
    files = files or SystemFiles()
    identity, before = hardware.identity(files), hardware.state(files)
    watch = ContentionWatch(files)
    with tempfile.TemporaryDirectory(prefix="edgeaffect-bench-") as folder:
        bench = Bench(settings, Path(folder))
        if remedy := nvml.missing(files):
            bench.note(remedy)
        found = _measure(bench, files)
    after, contention = hardware.state(files), watch.result()
    return Report(
        created=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        edgeaffect=Build(__version__, hardware.commit(), native.VARIANT, native.simd()),
        command=quoted(command),
        settings=_settings(bench),
        method=_method(),
        hardware=Hardware(
            identity=identity,
            before=before,
            after=after,
            packages=hardware.packages(),
            interpreter=hardware.interpreter(),
        ),
        contention=contention,
        warnings=tuple(warnings(identity, before, after, contention, found.sustained)),
        notes=tuple(bench.notes),
        **{field.name: getattr(found, field.name) for field in dataclasses.fields(found)},
    )


def quoted(command: Sequence[str]) -> tuple[str, ...]:
    """A command for a shell, without the passwords and tokens of addresses."""
    return tuple(shlex.quote(hide_secrets(part)) for part in command)


def _settings(bench: Bench) -> UsedSettings:
    s = bench.settings
    return UsedSettings(
        parts=s.parts, device=s.device, runtime=s.runtime, precision=s.precision, threads=s.threads,
        size=s.frame_size, faces=s.faces, source="synthetic" if s.source is None else "given", duration=s.duration,
        models=dict(bench.names),
    )  # fmt: skip


def _method() -> Method:
    return Method(
        clock="time.perf_counter_ns around every call",
        garbage_collector="off while calls run",
        warm_up=f"until the median of the last window is within {STABLE_WITHIN:.0%} of the one before",
        rounds="each measurement is spread over `rounds`, whose samples follow each other in `values`",
        outliers="kept; `outliers` counts calls above q3 + 3 (q3 - q1)",
        text=(
            "Warm-up until stable, then every call is timed by itself (perf_counter_ns) with the garbage collector "
            "off; no sample is dropped. Measurements come in rounds over the whole run, with models loaded anew. "
            "Percentiles are over calls; a stage's percentiles are over the frames in which it ran. Frames carry the "
            "timestamps of a 30 fps camera, so that with the defaults the detector runs on every third one. Drawn "
            "faces stand in for people unless a source was given."
        ),
    )


def planned_seconds(settings: Settings) -> float:
    """About how long `run` will take, where a frame costs little against its share of the plan."""
    seconds = sum(job.planned for part in settings.parts for job in _JOBS[part])
    if "pipeline" in settings.parts:
        points = len(scaling.FACES) + len(scaling.SIZES) + len(scaling.CAMERAS)
        seconds += _COLD + points * _SCALING * _OVERHEAD + len(live.FRAME_RATES) * _LIVE + _SUSTAINED
    return seconds * settings.duration / _REFERENCE


class PlanProgress:
    """Progress of the run in seconds of its plan.

    Args:
        total: seconds that everything is planned to take.
        stream: where to draw; standard error by default.
    """

    def __init__(self, total: float, stream: TextIO | None = None) -> None:
        self._line = ProgressLine(stream)
        self._total, self._done, self._phase = total, 0.0, ""

    def phase(self, name: str) -> None:
        """Say what is measured now."""
        self._phase = name
        self._line.show(self._done, self._total, name, force=True)

    def advance(self, seconds: float) -> None:
        """Count planned seconds as done."""
        self._done = min(self._total, self._done + seconds)
        self._line.show(self._done, self._total, self._phase)

    def close(self) -> None:
        """Leave an empty line behind."""
        self._line.clear()


def _measure(bench: Bench, files: SystemFiles) -> _Results:
    parts, factor = bench.settings.parts, bench.settings.duration / _REFERENCE
    jobs = [job for part in PARTS if part in parts for job in _JOBS[part]]
    progress = PlanProgress(planned_seconds(bench.settings))
    try:
        if "pipeline" not in parts:
            measured = _rounds(bench, jobs, factor, progress)
            return _Results(measurements=measured, stages=pipeline.stages(bench, measured, ()))
        progress.phase("cold start and memory")
        cold, memory = cold_start.measure(bench, runs=3 if factor >= 0.5 else 1)
        progress.advance(_COLD * factor)
        measured = _rounds(bench, jobs, factor, progress)
        progress.phase("growth with faces, pixels, cameras")
        plan = TimingPlan(seconds=_SCALING).scaled(factor)
        curves = scaling.measurements(bench, plan, lambda seconds: progress.advance(_OVERHEAD * seconds))
        progress.phase("live input")
        live_runs = live.measure(bench, _LIVE * factor, progress.advance)
        progress.phase("sustained load")
        load, energy = sustained.measure(bench, _SUSTAINED * factor, files, progress.advance)
    finally:
        progress.close()
    if energy is None:
        bench.note(
            "energy: nothing readable (RAPL needs root: sudo chmod o+r /sys/class/powercap/*/energy_uj; "
            "Jetson rails need the ina3221 driver)"
        )
    return _Results(
        stages=pipeline.stages(bench, measured, live_runs), measurements=measured, cold_start=cold, memory=memory,
        live=live_runs, sustained=load, scaling=curves, energy=energy,
    )  # fmt: skip


def _rounds(bench: Bench, jobs: list[_Job], factor: float, progress: PlanProgress) -> tuple[Measurement, ...]:
    """All measurements, each spread over the rounds; every other round goes backwards, so that drift is shared."""
    count = _ROUNDS if factor >= 0.5 else _ROUNDS_OF_SHORT_RUN
    found: list[list[Measurement]] = [[] for _ in jobs]
    for index in range(count):
        order = range(len(jobs)) if index % 2 == 0 else reversed(range(len(jobs)))
        for number in order:
            job = jobs[number]
            part = job.measure.__module__.rpartition(".")[2]
            progress.phase(f"round {index + 1} of {count}: {part}")
            found[number] += job.measure(bench, TimingPlan(seconds=job.seconds).scaled(factor / count))
            progress.advance(job.planned * factor / count)
    return tuple(entry for entries in found for entry in merged(entries))

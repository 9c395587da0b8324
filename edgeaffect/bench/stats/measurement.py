"""One entry of a report: what was timed, its figures, and how the rounds of a run are joined."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..codec import OMIT_NONE
from .samples import Latency, Samples, summary
from .timing import Timing

Parameter = str | int | float


@dataclass(frozen=True)
class Warmup:
    """Calls before the measured ones."""

    count: int
    seconds: float
    stable: bool
    """Whether the time per call had settled."""


@dataclass(frozen=True)
class Throughput:
    """Calls per second of calling time."""

    value: float
    unit: str = "calls/s"


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """Timings of one thing."""

    name: str
    group: str
    """`pipeline`, `models`, `preprocess` or `export`."""
    params: Mapping[str, Parameter]
    """What was varied, as it was asked for; unique together with the name."""
    latency: Latency
    throughput: Throughput
    warmup: Warmup
    rounds: tuple[int, ...] = ()
    """Samples of each round, in sum `latency.count`."""
    frames: int | None = field(default=None, metadata=OMIT_NONE)
    """Frames of the whole pipeline, where this is one of its stages."""
    share_of_frames: float | None = field(default=None, metadata=OMIT_NONE)
    """Share of them in which the stage ran."""
    facts: Mapping[str, Parameter] | None = field(default=None, metadata=OMIT_NONE)
    """What was found on the way."""

    @property
    def key(self) -> tuple[str, str]:
        """What is equal when two measurements are of the same thing."""
        return self.name, json.dumps(dict(self.params), sort_keys=True)

    @property
    def title(self) -> str:
        """Name and parameters for people."""
        return titled(self.name, self.params)


def params_text(params: Mapping[str, Parameter]) -> str:
    """Parameters for people."""
    return ", ".join(f"{name} {value}" for name, value in params.items())


def titled(name: str, params: Mapping[str, Parameter]) -> str:
    """Name and parameters for people."""
    return f"{name} ({params_text(params)})" if params else name


def record(name: str, group: str, timing: Timing, **params: Parameter) -> Measurement:
    """A measurement from one round.

    Args:
        name: what was timed, unique together with `params`.
        group: `pipeline`, `models`, `preprocess` or `export`.
        timing: its readings.
        params: what was varied, as it was asked for: mode, size, faces, ...
    """
    latency = summary(timing.seconds)
    warmup = Warmup(timing.warmup_count, round(timing.warmup_seconds, 6), timing.stable)
    return Measurement(
        name=name, group=group, params=params, latency=latency, throughput=_throughput(latency), warmup=warmup,
        rounds=(latency.count,),
    )  # fmt: skip


def stage_record(
    name: str, group: str, seconds: Samples, frames: int, whole: Timing, **params: Parameter
) -> Measurement:
    """`record` of a stage that ran in `len(seconds)` of the `frames` of `whole`: its figures are over those."""
    entry = record(name, group, dataclasses.replace(whole, seconds=seconds), **params)
    return dataclasses.replace(entry, frames=frames, share_of_frames=round(len(seconds) / frames, 4))


def merged(entries: Sequence[Measurement]) -> list[Measurement]:
    """One entry for each thing that was measured in any round, with the samples of all rounds in their order."""
    found: dict[tuple[str, str], list[Measurement]] = {}
    for entry in entries:
        found.setdefault(entry.key, []).append(entry)
    return [_joined(rounds) for rounds in found.values()]


def _joined(entries: Sequence[Measurement]) -> Measurement:
    latency = summary(np.concatenate([entry.latency.values for entry in entries]))
    frames = sum(entry.frames for entry in entries if entry.frames is not None) or None
    return dataclasses.replace(
        entries[-1],
        latency=latency,
        throughput=_throughput(latency),
        rounds=tuple(count for entry in entries for count in entry.rounds),
        warmup=Warmup(
            sum(entry.warmup.count for entry in entries),
            round(sum(entry.warmup.seconds for entry in entries), 6),
            all(entry.warmup.stable for entry in entries),
        ),
        frames=frames,
        share_of_frames=None if frames is None else round(latency.count / frames, 4),
    )


def _throughput(latency: Latency) -> Throughput:
    return Throughput(round(latency.count / max(latency.total, 1e-12), 3))

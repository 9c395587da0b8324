"""`PipelineOptions`: everything a pipeline can be told, by section, by flat name, from TOML and into it."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from .._checks import check, check_flag, check_not_negative, check_threads, show
from .._toml import dump_toml, load_toml
from .explain import ExplainOptions
from .joint import FusionOptions, SpeakerOptions
from .names import SECTIONS, SHORT_NAMES, build, unknown_option
from .sections import (
    AffectOptions,
    CropOptions,
    CuesOptions,
    DetectOptions,
    GpuOptions,
    SmoothOptions,
    TrackOptions,
    VoiceOptions,
)
from .watchdog import WatchdogOptions

MODEL_SETS = ("default", "permissive")


@dataclass(frozen=True, kw_only=True)
class PipelineOptions:
    """Everything a pipeline can be told."""

    detect: DetectOptions = field(default_factory=DetectOptions)
    affect: AffectOptions = field(default_factory=AffectOptions)
    track: TrackOptions = field(default_factory=TrackOptions)
    smooth: SmoothOptions = field(default_factory=SmoothOptions)
    gpu: GpuOptions = field(default_factory=GpuOptions)
    crop: CropOptions = field(default_factory=CropOptions)
    cues: CuesOptions = field(default_factory=CuesOptions)
    explain: ExplainOptions = field(default_factory=ExplainOptions)
    voice: VoiceOptions = field(default_factory=VoiceOptions)
    speaker: SpeakerOptions = field(default_factory=SpeakerOptions)
    fusion: FusionOptions = field(default_factory=FusionOptions)
    watchdog: WatchdogOptions = field(default_factory=WatchdogOptions)
    device: str = "auto"
    """`auto`, `cpu`, `cuda` or `cuda:N`."""
    runtime: str = "auto"
    """`auto` (on a GPU that is asked for TensorRT, where it is installed), `onnxruntime` or `tensorrt`."""
    threads: int = 1
    """Intra-op threads of each CPU session."""
    parallel: bool = False
    """Read affect and cues of a frame at the same time, each in a thread of its own: sooner where a second core is
    idle, with the same results. Only with `cues=True`, and for `FaceAffect` and `FaceCues` on the CPU: stages of your
    own, the permissive set and a GPU work in turn (`Pipeline.describe()["at_once"]` tells)."""
    max_fps: float = 0.0
    """`stream` and `run` skip frames that come faster; 0 = no limit."""
    on_time_jump: str = "raise"
    """A frame that is not later than the one before (a looped recording, a doubled stamp): `raise` an error, `reset`
    and take it for the first frame of a new scene, or `drop` it: nothing comes for it from a stream, and it counts
    among `dropped_frames`."""
    skip_unchanged: bool = True
    """On the CPU: a frame that gives the detector the very input of the last detection, and a face whose pixels are
    byte for byte those of its last reading, keep their answers (docs/unchanged.md). False reads everything."""
    models: str = "default"
    """The set of models where none is named: `default`, or `permissive` for products of a company (docs/permissive.md).
    """
    require_licence: str | None = None
    """`permissive` refuses models under research licences."""

    def __post_init__(self) -> None:
        for name, section in SECTIONS.items():
            given = getattr(self, name)
            if not isinstance(given, section):
                raise TypeError(f"{name} must be {section.__name__}(...), a table in TOML; got {show(given)}")
        for name in ("device", "runtime"):
            check(isinstance(getattr(self, name), str), name, getattr(self, name), "a name, such as 'auto'")
        check_threads("threads", self.threads)
        check_flag("parallel", self.parallel)
        check_not_negative("max_fps", self.max_fps)
        check(
            self.on_time_jump in ("raise", "reset", "drop"), "on_time_jump", self.on_time_jump, "raise, reset or drop"
        )
        check_flag("skip_unchanged", self.skip_unchanged)
        check(self.models in MODEL_SETS, "models", self.models, " or ".join(MODEL_SETS))
        check(
            self.require_licence in (None, "permissive"),
            "require_licence",
            self.require_licence,
            "None or 'permissive'",
        )
        check(
            self.track.max_age >= self.detect.interval,
            "track.max_age",
            self.track.max_age,
            f"at least detect.interval ({self.detect.interval}), or faces would end between detections",
        )

    def override(self, **values: Any) -> PipelineOptions:
        """A copy with some options changed, named flat: `device`, `detect_interval`, `max_side`.

        An option of a section is `section_name`, or its short name in `SHORT_NAMES`.

        Raises:
            TypeError: unknown name; the message lists the known ones.
        """
        names = flat_names()
        unknown = sorted(set(values) - set(names))
        if unknown:
            shortest = {place: name for name, place in sorted(names.items(), key=lambda item: -len(item[0]))}
            raise unknown_option(unknown, shortest.values())
        top: dict[str, Any] = {}
        sections: dict[str, dict[str, Any]] = {}
        for name, value in values.items():
            section, key = names[name]
            value = tuple(value) if isinstance(value, list) else value
            (sections.setdefault(section, {}) if section else top)[key] = value
        for section, changes in sections.items():
            top[section] = dataclasses.replace(getattr(self, section), **changes)
        return dataclasses.replace(self, **top)

    def to_dict(self) -> dict[str, Any]:
        """Nested, of plain Python values."""
        plain: dict[str, Any] = _plain(dataclasses.asdict(self))
        return plain

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PipelineOptions:
        """Build from nested mappings.

        Raises:
            TypeError: not a mapping, or an unknown key, named with the known ones.
            ValueError: a value outside its range.
        """
        if not isinstance(data, Mapping):
            raise TypeError(f"options must be a mapping of names to values; got {show(data)}")
        values = {
            key: build(SECTIONS[key], value, f"{key}.") if key in SECTIONS and isinstance(value, Mapping) else value
            for key, value in data.items()
        }
        return build(cls, values)

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> PipelineOptions:
        """Read a TOML file with a table for each section that changes: [detect], [affect], [track], ...

        Raises:
            ValueError: not TOML, too long, an unknown key, or a value outside its range; the message names the file.
            DependencyError: Python 3.10 without tomli.
        """
        data = load_toml(path)
        try:
            return cls.from_dict(data)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{os.fspath(path)}: {error}") from error

    def to_toml(self) -> str:
        """TOML text; options that are None are left out, as TOML has no null."""
        return dump_toml(self.to_dict())


@cache
def flat_names() -> Mapping[str, tuple[str, str]]:
    """Flat name of every option -> (its section or "", its name there)."""
    top = {f.name: ("", f.name) for f in dataclasses.fields(PipelineOptions) if f.name not in SECTIONS}
    full = {
        f"{section}_{f.name}": (section, f.name) for section, cls in SECTIONS.items() for f in dataclasses.fields(cls)
    }
    return {**SHORT_NAMES, **full, **top}


def _plain(value: Any) -> Any:
    """NumPy's numbers as Python's, at any depth."""
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return value.item() if isinstance(value, np.generic) else value

"""Names of options: the sections, the short flat names, and what is said of a name that is none."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from .._checks import show
from .explain import ExplainOptions
from .joint import FusionOptions, SpeakerOptions
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

T = TypeVar("T")

# An error names so many unknown options, and compares so many characters of each with the known ones.
_MOST_NAMED, _LONGEST = 4, 60

SECTIONS: Mapping[str, Any] = {
    "detect": DetectOptions, "affect": AffectOptions, "track": TrackOptions, "smooth": SmoothOptions, "gpu": GpuOptions,
    "crop": CropOptions,
    "cues": CuesOptions,
    "explain": ExplainOptions,
    "voice": VoiceOptions,
    "speaker": SpeakerOptions,
    "fusion": FusionOptions,
    "watchdog": WatchdogOptions,
}  # fmt: skip

SHORT_NAMES: Mapping[str, tuple[str, str]] = {
    **{
        name: ("detect", name)
        for name in (
            "score_threshold", "max_side", "max_faces", "roi", "scene_change", "camera_roll", "check_turn",
        )
    },
    **{name: ("affect", name) for name in ("min_confidence", "min_quality", "calibration")},
    "first_look": ("affect", "first"),
    **{
        name: ("track", name)
        for name in (
            "iou_threshold", "max_distance", "max_age", "coast", "min_age", "process_noise", "measurement_noise",
            "follow_pixels",
        )
    },
    **{
        name: ("smooth", name)
        for name in (
            "method", "time_constant", "min_cutoff", "beta", "d_cutoff", "hysteresis", "hold", "baseline",
            "baseline_seconds", "baseline_neutral",
        )
    },
    **{name: ("gpu", name) for name in ("graphs", "upload")},
}  # fmt: skip
"""Options that may be given without their section's name. No section but these five may add to it: options of a new
section are `section_name` only, so that it takes no name away from anybody."""


def build(cls: type[T], values: Mapping[str, Any], prefix: str = "") -> T:
    """`cls(**values)`; lists become tuples; an unknown key raises TypeError that names the known ones."""
    known = {f.name for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    unknown = [f"{prefix}{name}" for name in values if name not in known]
    if unknown:
        raise unknown_option(unknown, (prefix + name for name in known))
    return cls(**{key: tuple(v) if isinstance(v, list) else v for key, v in values.items()})


def unknown_option(names: Iterable[str], known: Iterable[str]) -> TypeError:
    """The error for unknown options: what is there, and what may have been meant."""
    import difflib  # only here: it loads a few milliseconds' worth

    given, known = sorted(names), sorted(known)
    meant = [name for one in given[:_MOST_NAMED] for name in difflib.get_close_matches(one[:_LONGEST], known, n=2)]
    hint = f" (did you mean {' or '.join(meant)}?)" if meant else ""
    more = f" and {len(given) - _MOST_NAMED} more" if len(given) > _MOST_NAMED else ""
    named = ", ".join(map(show, given[:_MOST_NAMED]))
    return TypeError(f"unknown option {named}{more}{hint}; known: {', '.join(known)}")

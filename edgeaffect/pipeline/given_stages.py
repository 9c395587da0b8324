"""Objects given to `Pipeline` in place of its own stages: accepted, adapted, or refused with what they lack."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from .._checks import show
from ..options import PipelineOptions, flat_names
from .stages import AffectAdapter, BatchStage, DetectAdapter, Detects, Predicts

# Options that only the stage itself reads: (section, name).
_ITS_OWN = {
    "detect": {("detect", name) for name in ("model", "score_threshold", "max_side", "roi")},
    "affect": {("affect", name) for name in ("model", "calibration", "first", "first_confidence", "first_quality")},
}


def is_stage(given: Any) -> bool:
    """Whether an argument is an object that stands for a stage, and not the name of a model or nothing."""
    return given is not None and given is not False and not isinstance(given, (str, os.PathLike))


def detect_stage(given: Any, build: Callable[[], BatchStage]) -> BatchStage:
    """The detector given, if it can be one; the usual one where only a model was named."""
    if not is_stage(given):
        return build()
    if isinstance(given, BatchStage) and not isinstance(given, type):
        return given
    return DetectAdapter(given_or_built("detect", given, Detects, build))


def affect_stage(given: Any, build: Callable[[], BatchStage]) -> BatchStage:
    """The affect stage given, if it can be one; the usual one where only a model was named."""
    if not is_stage(given):
        return build()
    if isinstance(given, BatchStage) and not isinstance(given, type):
        return given
    return AffectAdapter(given_or_built("affect", given, Predicts, build))


def given_or_built(name: str, given: Any, protocol: Any, build: Callable[[], Any]) -> Any:
    """The object given, if it has the methods of `protocol`; what `build` makes where there is none."""
    if given is None:
        return build()
    if not isinstance(given, protocol) or isinstance(given, type):
        methods = ", ".join(sorted(key for key in vars(protocol) if not key.startswith("_")))
        raise TypeError(f"{name} must be an object with {methods}; got {show(given)}")
    return given


def _refuse_options(name: str, given: Any, overrides: Mapping[str, Any]) -> None:
    """An object that stands in for a stage has its options already: others would be ignored without a word."""
    if given is None or isinstance(given, (str, os.PathLike)):
        return
    ignored = [option for option in overrides if flat_names().get(option) in _ITS_OWN[name]]
    if ignored:
        raise TypeError(f"{', '.join(ignored)} cannot change {show(given)}: set it there, or leave out {name}=")


def options_with(
    options: PipelineOptions | None, given: Mapping[str, Any], overrides: Mapping[str, Any]
) -> PipelineOptions:
    """The options that hold with what a pipeline was given.

    Args:
        options: to begin with; None is the defaults.
        given: stage -> what the pipeline was given for it: None, False, True, name or path of a model, or an object.
        overrides: options by their flat name; those of a stage that is an object are refused.

    Raises:
        TypeError: no `PipelineOptions`, an unknown option, or one for a stage that brings its own.
        ValueError: an option outside its range.
    """
    if options is not None and not isinstance(options, PipelineOptions):
        raise TypeError(
            f"options must be PipelineOptions, got {show(options)}; a mapping needs PipelineOptions.from_dict"
        )
    own = ("detect", "affect")
    named = {f"{name}_model": os.fspath(v) for name, v in given.items() if isinstance(v, (str, os.PathLike))}
    changed = {**overrides, **named}
    for name in own:
        _refuse_options(name, given[name], changed)
    switches = {f"{name}_enabled": v is not False for name, v in given.items() if name not in own and v is not None}
    made = (options or PipelineOptions()).override(**changed, **switches)
    return made.override(crop_keep=True) if made.explain.enabled else made

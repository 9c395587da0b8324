"""`FrameStages`: what a `Pipeline` asks about its frames: stages that it was given, and those opened as options ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._checks import show
from ..face.first_look import FirstLook
from ..models.file import ModelFile
from ..options import PipelineOptions
from ..runtime import Placement
from .given_stages import affect_stage, detect_stage, given_or_built, is_stage
from .stage_builder import StageBuilder
from .stages import BatchStage, DetectAdapter, check_places


@dataclass(frozen=True)
class FrameStages:
    """The stages of one pipeline; None where there is no such stage."""

    detector: BatchStage
    affect: BatchStage | None
    cues: BatchStage | None

    def named(self) -> Iterator[tuple[str, BatchStage]]:
        """Each one under its name, in the order in which a frame meets them."""
        yield "detect", self.detector
        if self.affect is not None:
            yield "affect", self.affect
        if self.cues is not None:
            yield "cues", self.cues

    def files(self) -> dict[str, ModelFile]:
        """Name -> the model's file, of those that have one."""
        files = {name: stage.model for name, stage in self.named() if stage.model is not None}
        if isinstance(self.affect, FirstLook):
            files["first_look"] = self.affect.first.model
        return files

    def opened(self, wanted: Mapping[str, Any]) -> list[BatchStage]:
        """Those to close with the pipeline: stages that the caller built stay the caller's."""
        return [stage for _, stage in self.named() if not any(stage is one for one in wanted.values())]


def wanted_stages(options: PipelineOptions, given: Mapping[str, Any]) -> dict[str, Any]:
    """Which stages there are to be: name -> what stands for it, an object, a model's name or path, or None.

    Args:
        options: that hold with `given`.
        given: what a pipeline was given as `detect`, `affect` and `cues`.

    Raises:
        TypeError: some of the objects take frames on a GPU, others on the host.
    """
    wanted: dict[str, Any] = {"detect": given["detect"]}
    if given["affect"] is not False:
        wanted["affect"] = given["affect"]
    if options.cues.enabled:
        wanted["cues"] = None if given["cues"] is True else given["cues"]
    check_places(wanted)
    return wanted


def open_stages(
    wanted: Mapping[str, Any], options: PipelineOptions, placement: Placement, build: StageBuilder
) -> FrameStages:
    """The stages that are wanted: objects as they are, the others opened where `placement` says.

    Raises:
        TypeError: an object lacks a stage's methods, or cannot be given frames that are turned.
        ModelNotFoundError, SpecError, DeviceError: a model cannot be used as asked.
    """
    stages = _on_device(wanted, options, placement) or FrameStages(
        detect_stage(wanted["detect"], build.detector),
        affect_stage(wanted["affect"], build.affect) if "affect" in wanted else None,
        _cues_stage(wanted["cues"], build) if "cues" in wanted else None,
    )
    if isinstance(stages.detector, DetectAdapter) and options.detect.camera_roll != 0:
        raise TypeError(
            f"camera_roll cannot turn frames for {show(wanted['detect'])}: turn them there, or take a FaceDetector"
        )
    return stages


def _on_device(wanted: Mapping[str, Any], options: PipelineOptions, placement: Placement) -> FrameStages | None:
    """Stages that take frames on a GPU; None where they are not asked for, or one of them is the caller's own."""
    if placement.kind != "cuda" or any(is_stage(stage) for stage in wanted.values()):
        return None
    from .device_stages import open_device_stages

    device = open_device_stages(options, affect="affect" in wanted, cues="cues" in wanted)
    return FrameStages(device.detector, device.affect, device.cues)


def _cues_stage(given: Any, build: StageBuilder) -> BatchStage:
    stage: BatchStage = given_or_built("cues", given if is_stage(given) else None, BatchStage, build.cues)
    return stage

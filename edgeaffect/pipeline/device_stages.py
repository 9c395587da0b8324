"""Opens the stages of a `Pipeline` on a GPU."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

from ..cuda import DeviceDetector, DeviceFaceModel, GpuContext, module
from ..cues import Cues
from ..face.affect import FaceAffect
from ..face.cues import FaceCues
from ..face.detector import FaceDetector
from ..options import PipelineOptions
from ..results import Affect
from ..runtime import Placement

_MAPPED = {"auto": None, "copy": False, "mapped": True}


@dataclass(frozen=True)
class DeviceStages:
    """The stages of one pipeline on a GPU; None where there is no such stage."""

    detector: DeviceDetector
    affect: DeviceFaceModel[Affect] | None
    cues: DeviceFaceModel[Cues] | None


def open_device_stages(options: PipelineOptions, *, affect: bool = True, cues: bool = False) -> DeviceStages:
    """What a `Pipeline` with `device="cuda"` consists of; closing the stages frees everything.

    Args:
        options: `device` names the GPU.
        affect: False reads no affect.
        cues: True reads cues.

    Raises:
        DependencyError: edgeaffect was built without CUDA.
        DeviceError: there is no such GPU, or no runtime that works on it.
    """
    index = Placement(options.device).index
    cuda = module.load_for(index)
    context = GpuContext(index, mapped=_MAPPED[options.gpu.upload], graphs=options.gpu.graphs, cuda=cuda)
    place: dict[str, Any] = {"device": context.place, "runtime": options.runtime, "threads": options.threads}
    with contextlib.ExitStack() as stack:
        stack.callback(context.close)
        detector = stack.enter_context(FaceDetector(options=options.detect, **place))
        affect_model = stack.enter_context(FaceAffect(options=options.affect, **place)) if affect else None
        cue_model = stack.enter_context(FaceCues(options=options.cues, **place)) if cues else None
        stages = DeviceStages(
            DeviceDetector(context, detector),
            None if affect_model is None else DeviceFaceModel(context, affect_model),
            None if cue_model is None else DeviceFaceModel(context, cue_model),
        )
        stack.pop_all()
    return stages

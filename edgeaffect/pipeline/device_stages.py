"""Opens the stages of a `Pipeline` on a GPU."""

from __future__ import annotations

import contextlib
from typing import Any

from ..cuda import DeviceDetector, DeviceFaceModel, GpuContext, module
from ..face.affect import FaceAffect
from ..face.detector import FaceDetector
from ..options import PipelineOptions
from ..results import Affect
from ..runtime import Placement

_MAPPED = {"auto": None, "copy": False, "mapped": True}


def open_device_stages(
    options: PipelineOptions, *, affect: bool = True
) -> tuple[DeviceDetector, DeviceFaceModel[Affect] | None]:
    """What a `Pipeline` with `device="cuda"` consists of; closing the stages frees everything.

    Args:
        options: `device` names the GPU.
        affect: False finds faces only.

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
        model = FaceDetector(options=options.detect, **place)
        stack.callback(model.close)
        detector = DeviceDetector(context, model)
        if not affect:
            stack.pop_all()
            return detector, None
        affect_model = FaceAffect(options=options.affect, **place)
        stack.callback(affect_model.close)
        reader = DeviceFaceModel(context, affect_model)
        stack.pop_all()
    return detector, reader

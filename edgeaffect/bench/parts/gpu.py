"""A pipeline on the GPU from end to end: host time and, beside it, the span on the stream by CUDA events.

Unverified on hardware until a machine with a GPU has run it.
"""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from ...face.affect import FaceAffect
from ...face.detector import FaceDetector
from ...image import Image
from ...results import Affect
from ...runtime import Placement
from ...runtime.cuda_driver import EventTimer
from ..context import Bench, frame_size
from ..frames import Clip
from ..stats.measurement import Measurement, record
from ..stats.timing import TimingPlan, measure

if TYPE_CHECKING:
    from ...cuda import DeviceDetector, DeviceFaceModel


def measurements(bench: Bench, plan: TimingPlan) -> list[Measurement]:
    """Frames on the host to faces and affect, on the device that `--device` names; nothing on a CPU."""
    if not bench.settings.device.startswith("cuda"):
        return []
    from ...cuda import DeviceDetector, DeviceFaceModel, GpuContext

    with contextlib.ExitStack() as stack:
        context = GpuContext(Placement(bench.settings.device).index)
        stack.callback(context.close)
        detector = stack.enter_context(FaceDetector(bench.models["face-detector"], **bench.place))
        affect = stack.enter_context(FaceAffect(bench.models["affect"], **bench.place))
        clock = EventTimer(context.stream.handle)
        stack.callback(clock.close)
        stack.callback(context.close)  # before the models that its programs run
        return timed(DeviceDetector(context, detector), DeviceFaceModel(context, affect), bench.clip(), clock, plan)


def timed(
    detector: DeviceDetector, affect: DeviceFaceModel[Affect], clip: Clip, clock: EventTimer, plan: TimingPlan
) -> list[Measurement]:
    """Two entries of the same calls: `gpu pipeline` by the host's clock, `gpu pipeline.stream` by events."""
    spans: list[float] = []
    index = 0

    def call() -> None:
        nonlocal index
        clock.start()
        frame = detector.context.upload(Image.of(clip.frames[index % len(clip.frames)], clip.color))
        affect.run_many([(frame, detector.run_many([frame])[0])])
        spans.append(clock.stop())
        index += 1

    timing = measure(call, plan)
    on_stream = dataclasses.replace(timing, seconds=np.array(spans[-len(timing.seconds) :]))
    width, height = frame_size(clip)
    size = f"{width}x{height}"
    return [
        record("gpu pipeline", "models", timing, size=size),
        record("gpu pipeline.stream", "models", on_stream, size=size),
    ]

"""The GPU pipeline from end to end: host time and, beside it, the span on the stream by CUDA events.

Events are from the driver's own library (CUDA Driver API, cuEventRecord and cuEventElapsedTime; resolution about half
a microsecond). Unverified on hardware until a machine with a GPU has run it.
"""

from __future__ import annotations

import ctypes
import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import DeviceError
from ...face.affect import FaceAffect
from ...face.detector import FaceDetector
from ..context import Bench, frame_size
from ..frames import Clip
from ..stats.method import Plan, measure, record

if TYPE_CHECKING:
    from ...cuda.context import GpuPipeline

_LIBRARY = "libcuda.so.1"


class EventClock:
    """Milliseconds between two points of one CUDA stream.

    Args:
        stream: handle of the stream; its context must be current in this thread.
        library: the driver's library.
    """

    def __init__(self, stream: int, library: Any = None) -> None:
        self._library = library or ctypes.CDLL(_LIBRARY)
        self._stream = ctypes.c_void_p(stream)
        self._events = (ctypes.c_void_p(), ctypes.c_void_p())
        for event in self._events:
            self._call("cuEventCreate", ctypes.byref(event), 0)

    def start(self) -> None:
        self._call("cuEventRecord", self._events[0], self._stream)

    def stop(self) -> float:
        """Seconds on the stream since `start`."""
        milliseconds = ctypes.c_float()
        self._call("cuEventRecord", self._events[1], self._stream)
        self._call("cuEventSynchronize", self._events[1])
        self._call("cuEventElapsedTime", ctypes.byref(milliseconds), *self._events)
        return milliseconds.value * 1e-3

    def close(self) -> None:
        for event in self._events:
            self._call("cuEventDestroy_v2", event)

    def _call(self, name: str, *arguments: Any) -> None:
        status = getattr(self._library, name)(*arguments)
        if status:
            raise DeviceError(f"{name} failed with CUDA error {status}; see cuda.h")


def measurements(bench: Bench, plan: Plan) -> list[dict[str, Any]]:
    """Frames on the host to faces and affect, on the device that `--device` names; nothing on a CPU."""
    if not bench.settings.device.startswith("cuda"):
        return []
    from ...cuda.context import GpuPipeline

    detector = FaceDetector(bench.models["face-detector"], **bench.place)
    affect = FaceAffect(bench.models["affect"], **bench.place)
    gpu = GpuPipeline(detector, affect)
    clock = EventClock(gpu.stream)
    try:
        return timed(gpu, bench.clip(), clock, plan)
    finally:
        clock.close()
        gpu.close()
        detector.close()
        affect.close()


def timed(gpu: GpuPipeline, clip: Clip, clock: EventClock, plan: Plan) -> list[dict[str, Any]]:
    """Two entries of the same calls: `gpu pipeline` by the host's clock, `gpu pipeline.stream` by events."""
    spans: list[float] = []
    index = 0

    def call() -> None:
        nonlocal index
        clock.start()
        gpu.process([clip.frames[index % len(clip.frames)]], clip.color)
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

"""The GPU part on a device that is stood in for on the host; its timer is tested in tests/runtime."""

from __future__ import annotations

import time
from pathlib import Path
from types import ModuleType

import pytest

from edgeaffect.bench import frames
from edgeaffect.bench.context import Bench, Settings
from edgeaffect.bench.parts import gpu as part_gpu
from edgeaffect.bench.stats.timing import TimingPlan
from edgeaffect.cuda import DeviceDetector, DeviceFaceModel, GpuContext
from edgeaffect.face.affect import FaceAffect
from edgeaffect.face.detector import FaceDetector
from edgeaffect.models import find


class _HostTimer:
    """Stands for the driver's events where the device is the host."""

    def start(self) -> None:
        self._start = time.perf_counter()

    def stop(self) -> float:
        return time.perf_counter() - self._start


def test_host_time_and_stream_time_of_the_same_calls(cuda: ModuleType) -> None:
    if cuda.__name__.endswith("_cuda"):
        pytest.skip("on a GPU events are the driver's own")
    clip = frames.Clip(frames.synthetic((160, 128), 1, 2), "bgr")
    context = GpuContext(cuda=cuda)
    detector = DeviceDetector(context, FaceDetector(find(None, "face-detector", float32=True).path))
    affect = DeviceFaceModel(context, FaceAffect(find(None, "affect", float32=True).path))
    plan = TimingPlan(warmup_count=2, warmup_limit=0.01, count=3, seconds=0.01)
    host, stream = part_gpu.timed(detector, affect, clip, _HostTimer(), plan)
    assert (host.name, stream.name) == ("gpu pipeline", "gpu pipeline.stream")
    assert host.params == stream.params == {"size": "160x128"}
    pairs = list(zip(host.latency.values, stream.latency.values, strict=True))
    assert len(pairs) >= 3 and all(0 < span <= whole for whole, span in pairs)
    context.close()


def test_nothing_is_measured_on_a_cpu(tmp_path: Path) -> None:
    bench = Bench(Settings(device="cpu"), tmp_path)
    assert part_gpu.measurements(bench, TimingPlan()) == []

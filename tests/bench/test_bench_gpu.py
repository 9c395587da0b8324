"""GPU timing by events, on a driver and a device that are stood in for on the host."""

from __future__ import annotations

import time
from pathlib import Path
from types import ModuleType

import pytest

from edgeaffect.bench import frames
from edgeaffect.bench.context import Bench, Settings
from edgeaffect.bench.parts import gpu as part_gpu
from edgeaffect.bench.stats.method import Plan
from edgeaffect.cuda.context import GpuPipeline
from edgeaffect.errors import DeviceError
from edgeaffect.face.affect import FaceAffect
from edgeaffect.face.detector import FaceDetector
from edgeaffect.models import find


class _Driver:
    """Stands for libcuda: events remember the time at which they were recorded."""

    def __init__(self, fail: str = "") -> None:
        self.times: dict[int, float] = {}
        self.made, self.fail = 0, fail

    def __getattr__(self, name: str) -> object:
        def call(*arguments: object) -> int:
            if name == self.fail:
                return 709
            if name == "cuEventCreate":
                self.made += 1
                arguments[0]._obj.value = self.made  # type: ignore[attr-defined]
            elif name == "cuEventRecord":
                self.times[arguments[0].value] = time.perf_counter()  # type: ignore[attr-defined]
            elif name == "cuEventElapsedTime":
                start, stop = (self.times[e.value] for e in arguments[1:])  # type: ignore[attr-defined]
                arguments[0]._obj.value = (stop - start) * 1e3  # type: ignore[attr-defined]
            elif name == "cuEventDestroy_v2":
                self.made -= 1
            return 0

        return call


def test_event_clock_takes_the_span_and_names_the_failure() -> None:
    library = _Driver()
    clock = part_gpu.EventClock(7, library)
    clock.start()
    time.sleep(0.02)
    assert 0.02 <= clock.stop() < 0.5
    clock.close()
    assert library.made == 0
    with pytest.raises(DeviceError, match="cuEventRecord failed with CUDA error 709"):
        part_gpu.EventClock(7, _Driver("cuEventRecord")).start()


def test_host_time_and_stream_time_of_the_same_calls(cuda: ModuleType) -> None:
    if cuda.__name__.endswith("_cuda"):
        pytest.skip("on a GPU events are the driver's own")
    clip = frames.Clip(frames.synthetic((160, 128), 1, 2), "bgr")
    gpu = GpuPipeline(
        FaceDetector(find(None, "face-detector", float32=True).path),
        FaceAffect(find(None, "affect", float32=True).path),
        cuda=cuda,
    )
    plan = Plan(warmup_count=2, warmup_limit=0.01, count=3, seconds=0.01)
    host, stream = part_gpu.timed(gpu, clip, part_gpu.EventClock(gpu.stream, _Driver()), plan)
    assert (host["name"], stream["name"]) == ("gpu pipeline", "gpu pipeline.stream")
    assert host["params"] == stream["params"] == {"size": "160x128"}
    pairs = list(zip(host["latency"]["values"], stream["latency"]["values"], strict=True))
    assert len(pairs) >= 3 and all(0 < span <= whole for whole, span in pairs)
    gpu.close()


def test_nothing_is_measured_on_a_cpu(tmp_path: Path) -> None:
    bench = Bench(Settings(device="cpu"), tmp_path)
    assert part_gpu.measurements(bench, Plan()) == []

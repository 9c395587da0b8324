"""What all sections work with: sizes, a GPU with one stream, and ways to time."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgeaffect.bench.stats.samples import summary

ROOT = Path(__file__).resolve().parents[2]
_ROWS = 5


@dataclass(frozen=True)
class Sizes:
    """How much to measure; the defaults are what RESULTS.md is made from."""

    frame: tuple[int, int] = (1920, 1080)
    faces: tuple[int, ...] = (1, 8, 64)
    crops: tuple[int, ...] = (48, 112, 224)
    colors: tuple[str, ...] = ("bgr", "nv12")
    cameras: tuple[int, ...] = (1, 4, 16)
    copy_bytes: int = 1 << 28
    launches: int = 200
    """Launches of a kernel in one row."""
    calls: int = 500
    """Calls of a pipeline."""


class Bench:
    """One GPU, one stream."""

    def __init__(self, module: ModuleType, sizes: Sizes | None = None) -> None:
        self.cuda, self.sizes = module, sizes or Sizes()
        self.stream = module.Stream(0)

    @property
    def place(self) -> str:
        """`device=` of models."""
        return str(self.cuda.device_name(0))

    def plain(self, launch: Callable[[], object], count: int) -> Callable[[], float]:
        """A function that gives seconds per launch, over a row of `count` launches one by one."""
        start, end = self.cuda.Event(0), self.cuda.Event(0)

        def seconds() -> float:
            start.record(self.stream)
            for _ in range(count):
                launch()
            end.record(self.stream)
            end.synchronize()
            return float(end.milliseconds_since(start)) / 1000 / count

        return seconds

    def recorded(self, launch: Callable[[], object], count: int) -> Callable[[], float]:
        """The same over a row recorded as one CUDA graph, as pipelines launch them: the CPU's part is not in it."""
        launch()
        self.stream.synchronize()
        self.stream.begin_capture()
        try:
            for _ in range(count):
                launch()
            graph = self.stream.end_capture()
        except BaseException:
            self.stream.abandon_capture()
            raise
        row = self.plain(lambda: graph.launch(self.stream), 1)
        return lambda: row() / count

    def kernel(self, launch: Callable[[], object]) -> float:
        """Seconds per launch: the minimum of several recorded rows."""
        seconds = self.recorded(launch, self.sizes.launches)
        return min(seconds() for _ in range(_ROWS))

    def wall(self, call: Callable[[], object]) -> dict[str, Any]:
        """Summary of seconds per call."""
        for _ in range(max(4, self.sizes.calls // 10)):
            call()
        times = []
        gc.collect()
        gc.disable()
        try:
            for _ in range(self.sizes.calls):
                start = time.perf_counter_ns()
                call()
                times.append((time.perf_counter_ns() - start) / 1e9)
        finally:
            gc.enable()
        result = summary(times)
        return {key: result.figure(key) for key in ("count", "min", "p50", "p90", "p99", "max")}

    def upload(self, array: NDArray[Any]) -> Any:
        """The array's bytes in device memory."""
        pinned = self.cuda.PinnedBuffer(array.nbytes, False, 0)
        np.frombuffer(pinned, np.uint8)[:] = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        buffer = self.cuda.DeviceBuffer(array.nbytes, 0)
        self.cuda.copy(buffer.address, pinned.address, array.nbytes, self.stream.handle)
        self.stream.synchronize()
        return buffer


def face_matrices(count: int, size: int, frame: tuple[int, int], *, small: bool = False) -> NDArray[np.float32]:
    """Crops of turned faces all over the frame, 80 to 400 pixels wide; `small`: no wider than the crop."""
    rng = np.random.default_rng(0)
    angle, side = rng.uniform(-0.4, 0.4, count), rng.uniform(80, 400, count)
    if small:
        side = rng.uniform(0.5 * size, size, count)
    center = rng.uniform((200, 200), (frame[0] - 200, frame[1] - 200), (count, 2))
    a, b = side / size * np.cos(angle), side / size * np.sin(angle)
    linear = np.stack([np.stack([a, -b], 1), np.stack([b, a], 1)], 1)
    shift = center - linear @ np.full(2, size / 2)
    return np.concatenate([linear, shift[:, :, None]], 2).astype(np.float32)


def picture(frame: tuple[int, int]) -> NDArray[np.uint8]:
    """BGR frame with faces: the public-domain portrait that the exporter ships, side by side."""
    import cv2

    portrait = cv2.imread(str(ROOT / "export" / "astronaut.jpg"))
    if portrait is None:
        raise FileNotFoundError(f"no export/astronaut.jpg in {ROOT}: run from a source tree")
    side = min(frame[1], 512)
    portrait = cv2.resize(portrait, (side, side), interpolation=cv2.INTER_AREA)
    tiles = np.tile(portrait, (-(-frame[1] // side), -(-frame[0] // side), 1))
    return np.ascontiguousarray(tiles[: frame[1], : frame[0]])

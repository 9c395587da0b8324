"""`Program`: every buffer and launch for batches of one shape, launched piece by piece or as one CUDA graph."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..runtime import Session
from .device_frame import DeviceFrame
from .graph import GraphRunner
from .memory import Arena, Layout


@dataclass(frozen=True)
class Shape:
    """The kind of batch that a program is made for."""

    count: int
    """Frames; a batch may have fewer."""
    size: tuple[int, int]
    """Width, height of every frame."""
    format: str
    """Pixel format of every frame."""
    still: bool = False
    """See `Image.still`."""
    roll: int = 0
    """See `Image.roll`."""

    def __str__(self) -> str:
        frames = ("still picture" if self.still else "frame") + ("" if self.count == 1 else "s")
        return f"{self.count} {self.format} {frames} of {self.size[0]}x{self.size[1]}"


def group_frames(frames: Iterable[DeviceFrame], *, stills: bool = False) -> dict[Shape, list[int]]:
    """Shape of batch -> positions of the frames in it.

    Args:
        frames: of any kind.
        stills: whether still pictures, and frames of each camera roll, are batches of their own.
    """
    groups: dict[Shape, list[int]] = {}
    for i, frame in enumerate(frames):
        shape = Shape(1, frame.size, frame.format, stills and frame.still, frame.roll if stills else 0)
        groups.setdefault(shape, []).append(i)
    return {replace(shape, count=len(rows)): rows for shape, rows in groups.items()}


class Program(ABC):
    """Frames on the GPU in, work, one copy back.

    Args:
        cuda: the native module.
        stream: its stream.
        session: the model; the program runs it in a context of its own.
        shape: of the batches to come.
        graphs: whether to record a CUDA graph.
    """

    verb: ClassVar[str]

    def __init__(self, cuda: ModuleType, stream: Any, session: Session, shape: Shape, *, graphs: bool) -> None:
        self._cuda, self._stream, self.shape, self._graphs = cuda, stream, shape, graphs
        self._session = session
        self._context = session.new_context()
        self._table = cuda.FrameTable(shape.count, shape.format, device=stream.device)

    def _allocate(self, work: Layout, results: Layout) -> None:
        """Buffers of the work, and of what is copied back."""
        device = self._stream.device
        self._work = Arena(self._cuda, work, device)
        self._results = Arena(self._cuda, results, device)
        self._runner = GraphRunner(
            self._stream, (self._enqueue, self._download), self._blank, self._snapshot, f"{self.verb} {self.shape}",
            self._graphs, self._refusal,
        )  # fmt: skip

    @abstractmethod
    def _enqueue(self) -> None:
        """Put the work before the copy back on the stream; must not wait."""

    def _run(self, frames: Sequence[DeviceFrame]) -> None:
        """One batch; waits until its results are there."""
        for row, f in enumerate(frames):
            self._table.set(row, f.address, f.width, f.height, f.stride, f.uv_address, f.uv_stride)
        self._runner.run()

    def describe(self) -> dict[str, Any]:
        """What it does for which batches, and how it runs."""
        s = self.shape
        return {
            "does": self.verb, "frames": s.count, "size": list(s.size), "format": s.format, "runs": self._runner.mode
        }  # fmt: skip

    def close(self) -> None:
        """Let go of graph and context; nothing may be running."""
        self._runner.close()
        if self._context is not self._session:
            self._context.close()

    def _download(self) -> None:
        self._results.download(self._stream.handle)

    def _blank(self) -> None:
        for arena in (self._work, self._results):
            arena.clear(self._stream.handle)

    def _snapshot(self) -> NDArray[np.float32]:
        """A copy of all that the work filled."""
        arenas = (self._work, self._results)
        for arena in arenas:
            arena.download(self._stream.handle)
        self._stream.synchronize()
        copy = np.concatenate([arena.numbers() for arena in arenas])
        self._work.drop_host()
        return copy

    def _refusal(self) -> str:
        return self._context.refusal(self._stream.handle)

"""Plans: every buffer and launch for batches of one shape. `Perceive` does all, `Find` and `Analyse` either half."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..face.affect import FaceAffect
from ..face.detector import FaceDetector
from ..image import Frame
from ..results import Affect, Faces
from ..runtime import Session
from .affect_program import AffectProgram
from .detect_program import Detection
from .device_frame import DeviceFrame
from .frame_buffers import FrameBuffers, Shape
from .graph import GraphRunner
from .memory import Arena, Layout

_NOWHERE = np.zeros((2, 3), np.float32)
Frames = Sequence[Frame | DeviceFrame]
Crop = tuple[NDArray[np.float32], int]
"""Matrix [2, 3] from the model's input to the frame, and the row of the frame in its batch."""


@dataclass(frozen=True)
class Models:
    """What all plans of a pipeline share."""

    cuda: ModuleType
    stream: Any
    detector: FaceDetector
    affect: FaceAffect | None
    mapped: bool
    graphs: bool


class Plan(ABC):
    """Frames in, work, one copy back; launched piece by piece or as one CUDA graph."""

    verb = ""

    def __init__(self, models: Models, shape: Shape) -> None:
        self.models, self.shape = models, shape
        self.buffers = FrameBuffers(models.cuda, models.stream, shape, models.mapped)
        self._arenas: list[Arena] = []
        self._sessions: list[tuple[Session, Session]] = []

    def _ready(self, layout: Layout) -> None:
        """After the parts are there: results, and the program that fills them."""
        models = self.models
        self._results = Arena(models.cuda, layout, models.stream.device)
        self._arenas.append(self._results)
        self._replay = GraphRunner(
            models.stream, (self._enqueue, self._download), self._blank, self._snapshot, f"{self.verb} {self.shape}",
            models.graphs, self._refusal,
        )  # fmt: skip

    @abstractmethod
    def _enqueue(self) -> None:
        """Put the work between upload and copy back on the stream; must not wait."""

    def run(self, frames: Frames) -> None:
        """One batch; waits until its results are there."""
        self.buffers.take(frames)
        self._replay.run()

    def describe(self) -> dict[str, Any]:
        s = self.shape
        return {
            "does": self.verb, "frames": s.count, "size": list(s.size), "color": s.color, "place": s.place,
            "runs": self._replay.mode,
        }  # fmt: skip

    def close(self) -> None:
        """Let go of graph and sessions; nothing may be running."""
        self._replay.close()
        for context, session in self._sessions:
            if context is not session:
                context.close()

    def _download(self) -> None:
        self._results.download(self.models.stream.handle)

    def _blank(self) -> None:
        for arena in self._arenas:
            arena.clear(self.models.stream.handle)

    def _snapshot(self) -> NDArray[np.float32]:
        """A copy of all that the work filled."""
        for arena in self._arenas:
            arena.download(self.models.stream.handle)
        self.models.stream.synchronize()
        copy = np.concatenate([arena.numbers() for arena in self._arenas])
        for arena in self._arenas:
            if arena is not self._results:
                arena.drop_host()
        return copy

    def _refusal(self) -> str:
        """Why a runtime will not be recorded, as far as it says so."""
        stream = self.models.stream.handle
        asked = (getattr(context, "refusal", None) for context, _ in self._sessions)
        return next((reason for ask in asked if ask is not None and (reason := ask(stream))), "")


class Find(Plan):
    """Frames to faces."""

    verb = "find"

    def __init__(self, models: Models, shape: Shape) -> None:
        super().__init__(models, shape)
        self._detection = Detection(models.cuda, models.stream, models.detector, self.buffers, None, 0)
        self._arenas.append(self._detection.arena)
        self._sessions.append((self._detection.session, models.detector.session))
        self._ready(self._detection.layout)

    def _enqueue(self) -> None:
        self.buffers.enqueue()
        self._detection.enqueue(self._results)

    def faces(self) -> list[Faces]:
        """Of the batch run last."""
        return [self._detection.read(self._results, i)[0] for i in range(self.shape.count)]


class Analyse(Plan):
    """Frames and crops to affect, at most `rows` of them."""

    verb = "analyse"

    def __init__(self, models: Models, shape: Shape, rows: int) -> None:
        super().__init__(models, shape)
        assert models.affect is not None
        self.rows = rows
        self._crops = models.cuda.CropTable(rows, shape.color, device=models.stream.device)
        self._reading = AffectProgram(models.cuda, models.stream, models.affect, self.buffers, rows)
        self._arenas.append(self._reading.arena)
        self._sessions.append((self._reading.session, models.affect.session))
        self._ready(self._reading.layout)

    def _enqueue(self) -> None:
        self.buffers.enqueue()
        self._crops.upload(self.models.stream.handle)
        self._reading.enqueue(self._crops, self._results)

    def read(self, frames: Frames, crops: Sequence[Crop]) -> list[Affect]:
        """Affect of each crop."""
        for row in range(self.rows):
            self._crops.set(row, *(crops[row] if row < len(crops) else (_NOWHERE, -1)))
        self.run(frames)
        return self._reading.read(self._results, np.arange(len(crops)))

    def describe(self) -> dict[str, Any]:
        return super().describe() | {"faces": self.rows}


class Perceive(Plan):
    """Frames to faces and the affect of the best `rows` of each frame."""

    verb = "perceive"

    def __init__(self, models: Models, shape: Shape, rows: int) -> None:
        super().__init__(models, shape)
        assert models.affect is not None
        affect = models.affect.model.spec
        self._detection = Detection(models.cuda, models.stream, models.detector, self.buffers, affect, rows)
        self._rows = self._detection.crop_rows
        self._reading = AffectProgram(models.cuda, models.stream, models.affect, self.buffers, shape.count * self._rows)
        self._arenas += [self._detection.arena, self._reading.arena]
        self._sessions += [
            (self._detection.session, models.detector.session), (self._reading.session, models.affect.session)
        ]  # fmt: skip
        self._ready({**self._detection.layout, **self._reading.layout})

    def _enqueue(self) -> None:
        self.buffers.enqueue()
        self._detection.enqueue(self._results)
        self._reading.enqueue(self._detection.crops, self._results)

    def found(self) -> list[tuple[Faces, list[Affect]]]:
        """Of the batch run last, per frame: faces, and the affect of those that were read: the first ones."""
        found = []
        for i in range(self.shape.count):
            faces, rows = self._detection.read(self._results, i)
            found.append((faces, self._reading.read(self._results, rows[rows >= 0] + i * self._rows)))
        return found

    def describe(self) -> dict[str, Any]:
        return super().describe() | {"faces": self._rows}

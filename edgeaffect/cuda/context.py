"""`GpuPipeline`: frames in host or GPU memory to faces and affect, without a stop on the CPU in between."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any, TypeVar

import numpy as np

from ..errors import DeviceError
from ..face.affect import FaceAffect
from ..face.alignment import alignment_matrices
from ..face.detector import FaceDetector
from ..image import Frame, check_frame
from ..results import Affect, Faces
from .device_frame import DeviceFrame
from .device_stages import GpuAffect, GpuDetector
from .frame_buffers import FrameBuffers, Shape, address_of
from .luma import Luma
from .programs import Analyse, Crop, Find, Models, Perceive, Plan

P = TypeVar("P", bound=Plan)

# Plans whose buffers and graphs are kept; a camera changes its size seldom, a folder of pictures often.
_PLANS = 16
# Faces per launch of `Analyse`; more take several.
_MOST_ROWS = 64
FUSED_FACES = 8
"""Faces per frame that `process` reads in its one launch."""


class GpuPipeline:
    """Detects faces and reads their affect on one GPU, for one frame or for one of each camera at once.

        gpu = GpuPipeline(FaceDetector(device="cuda"), FaceAffect(device="cuda"))
        [(faces, affects)] = gpu.process([frame])

    `Pipeline(device="cuda")` makes one by itself, to follow and smooth faces over time. Upload (if the frame is on
    the host), letterbox, detector, decode, crops, affect model and one small copy back run on one stream. Per shape of
    batch the first call launches them one by one, the second records a CUDA graph and proves it, later calls launch the
    graph; `describe` tells which. The results are those of `FaceDetector.detect` and `FaceAffect.predict`, up to
    rounding.

    Belongs to one thread. The two stages stay the caller's to close, after this.

    Args:
        detector: its session runs on the GPU.
        affect: likewise, on the same one; None finds faces only.
        fused_faces: faces per frame whose affect `process` reads in the same launch, whether they are there or not: the
            number of faces is not known when the work is enqueued. Faces beyond it take a second launch.
        mapped: let kernels read uploaded frames in host memory instead of copying them first; None does so where CPU
            and GPU share their memory (a Jetson).
        graphs: False keeps to plain launches, to measure what graphs gain or to look into a fault.
        cuda: the native module; None is edgeaffect's own.

    Raises:
        DeviceError: no such GPU, or a session that cannot work on its memory.
        DependencyError: edgeaffect was built without CUDA.
    """

    def __init__(
        self,
        detector: FaceDetector,
        affect: FaceAffect | None,
        *,
        fused_faces: int = FUSED_FACES,
        mapped: bool | None = None,
        graphs: bool = True,
        cuda: ModuleType | None = None,
    ) -> None:
        if fused_faces < 1:
            raise ValueError(f"fused_faces must be 1 or more; got {fused_faces!r}")
        stages = [stage for stage in (detector, affect) if stage is not None]
        places = {stage.session.describe()["device"] for stage in stages}
        if len(places) != 1:
            raise DeviceError(f"detector and affect model must be on one device, not on {', '.join(sorted(places))}")
        (place,) = places
        if cuda is None:
            from . import load_for

            if not place.startswith("cuda:"):
                raise DeviceError(f"GpuPipeline needs both models on a GPU, they are on {place}: open them with "
                                  "device='cuda'")  # fmt: skip
            cuda = load_for(int(place.removeprefix("cuda:")))
        index = int(place.removeprefix("cuda:")) if place.startswith("cuda:") else 0
        info = cuda.device_info(index)
        self.detector, self.affect = detector, affect
        self._stream = cuda.Stream(index)
        self._models = Models(
            cuda, self._stream, detector, affect, bool(info.integrated) if mapped is None else mapped, graphs
        )
        self._rows = fused_faces
        self._plans: OrderedDict[tuple[Any, ...], Plan] = OrderedDict()
        self._gpu = f"{info.name} ({place})"
        self._held: dict[int, tuple[Frame, DeviceFrame]] | None = None

    @property
    def stream(self) -> int:
        """Handle of the stream that everything runs on."""
        return int(self._stream.handle)

    def process(self, frames: Sequence[Any], color: str = "bgr") -> list[tuple[Faces, list[Affect]]]:
        """Faces, best score first, and the affect of each, per frame.

        Args:
            frames: all of one size, and all on the host (uint8 NumPy arrays as `frames.check_frame` takes them) or all
                on the GPU (`DeviceFrame`, or an array with `__dlpack__` or `__cuda_array_interface__`).
            color: of every frame that is not a `DeviceFrame`.

        Raises:
            TypeError, ValueError: a frame is not what `color` says, or the frames differ in size, colour or place.
            DeviceError: a frame is on another GPU.
        """
        if not len(frames):
            return []
        placed = [self.look(frame, color) for frame in frames]
        shapes = {self._shape(frame, color) for frame in placed}
        if {shape.place for shape in shapes} == {"host", "pinned"}:
            shapes = {dataclasses.replace(shape, place="host") for shape in shapes}
        if len(shapes) > 1:
            raise ValueError(
                "frames of one batch must agree in colour, size and place; got "
                + ", ".join(sorted(f"{s.color} {s.size[0]}x{s.size[1]} on the {s.place}" for s in shapes))
            )
        shape = dataclasses.replace(shapes.pop(), count=len(placed))
        if self.affect is None:
            return [(faces, []) for faces in self._find(shape, placed)]
        plan = self._plan(("perceive", shape), lambda: Perceive(self._models, shape, self._rows))
        self._stage(plan.buffers)
        plan.run(placed)
        found = plan.found()
        self._read_others(found, placed, plan.buffers)
        return found

    def find_many(self, frames: Sequence[tuple[Any, str]]) -> list[Faces]:
        """Faces of (frame, colour) each; frames that are alike are one batch. Errors as for `process`."""
        placed = [(self.look(frame, color), color) for frame, color in frames]
        found: dict[int, Faces] = {}
        for shape, rows in self._alike(placed).items():
            found.update(zip(rows, self._find(shape, [placed[i][0] for i in rows]), strict=True))
        return [found[i] for i in range(len(frames))]

    def predict_many(self, frames: Sequence[tuple[Any, Faces, str]]) -> list[list[Affect]]:
        """Affect of given faces, for (frame, faces, colour) each. Arguments and errors as for `process`."""
        if self.affect is None:
            raise ValueError("this pipeline was made without an affect model")
        spec = self.affect.model.spec
        placed = [(self.look(frame, color), color) for frame, _, color in frames]
        found: list[list[Affect]] = [[] for _ in frames]
        busy = [i for i, (_, faces, _) in enumerate(frames) if len(faces)]
        for shape, rows in self._alike([placed[i] for i in busy]).items():
            members = [busy[row] for row in rows]
            crops: list[Crop] = []
            for k, i in enumerate(members):
                faces = frames[i][1]
                matrices = alignment_matrices(spec.alignment, spec.image.size, shape.size, faces.boxes, faces.landmarks)
                crops += [(matrix, k) for matrix in matrices]
            affects = self._analyse(shape, [placed[i][0] for i in members], crops)
            for (_, k), affect in zip(crops, affects, strict=True):
                found[members[k]].append(affect)
        return found

    def look(self, frame: Any, color: str) -> Frame | DeviceFrame:
        """A frame as this pipeline takes it, checked: pixels on the host, or where they lie on the GPU."""
        if hasattr(frame, "__array_interface__"):
            return check_frame(frame, color)[0]
        if not isinstance(frame, DeviceFrame):
            frame = DeviceFrame.of(frame, color, stream=self.stream)
        device = self._models.cuda.device_of(frame.address) if frame.device is None else frame.device
        if device not in (-1, self._stream.device):  # -1: pinned memory of the host, which every GPU may read
            raise DeviceError(f"the frame is on cuda:{device}, this pipeline on cuda:{self._stream.device}")
        return frame

    def luma(self) -> Luma:
        """A reader of the brightness of frames on the GPU, for one camera."""
        return Luma(self._models.cuda, self._stream)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Promise that frames on the host keep their pixels meanwhile: each is uploaded once, whoever looks at it."""
        self._held = {}
        try:
            yield
        finally:
            self._held = None

    def stages(self) -> tuple[GpuDetector, GpuAffect | None]:
        """The two halves, to stand in a `Pipeline`, which follows and smooths on the CPU between them."""
        return GpuDetector(self), None if self.affect is None else GpuAffect(self)

    def describe(self) -> dict[str, Any]:
        """GPU, models, and how each shape of batch runs."""
        return {
            "gpu": self._gpu,
            "cuda": self._models.cuda.status(),
            "mapped_upload": self._models.mapped,
            "detector": self.detector.describe(),
            "affect": None if self.affect is None else self.affect.describe(),
            "plans": self.plans(),
        }

    def plans(self) -> list[dict[str, Any]]:
        """What is kept ready, and how it runs: plain launches or one CUDA graph, and why."""
        return [plan.describe() for plan in self._plans.values()]

    def place(self) -> dict[str, Any]:
        """Where preprocessing runs, in words."""
        return {"preprocessing": self._gpu, "mapped_upload": self._models.mapped}

    def close(self) -> None:
        """Free buffers and graphs; the stages stay open. Again is allowed."""
        self._stream.synchronize()
        while self._plans:
            self._plans.popitem()[1].close()

    # ---- batches of one shape ----

    def _find(self, shape: Shape, frames: Sequence[Frame | DeviceFrame]) -> list[Faces]:
        plan = self._plan(("find", shape), lambda: Find(self._models, shape))
        self._stage(plan.buffers)
        plan.run(frames)
        if self._held is not None:
            for row, frame in enumerate(frames):
                if not isinstance(frame, DeviceFrame):
                    self._held[id(frame)] = (frame, plan.buffers.uploaded(row))
        return plan.faces()

    def _analyse(self, shape: Shape, frames: Sequence[Frame | DeviceFrame], crops: Sequence[Crop]) -> list[Affect]:
        if self._held is not None and all(id(frame) in self._held for frame in frames):
            frames = [self._held[id(frame)][1] for frame in frames]
            shape = Shape(shape.count, shape.size, shape.color, "GPU")
        if shape.resident:  # places are cheap: fewer different batches, fewer graphs
            shape = Shape(_power_of_two(shape.count), shape.size, shape.color, "GPU")
        affects: list[Affect] = []
        for first in range(0, len(crops), _MOST_ROWS):
            part = crops[first : first + _MOST_ROWS]
            rows = _power_of_two(len(part))
            make = functools.partial(Analyse, self._models, shape, rows)
            plan = self._plan(("analyse", shape, rows), make)
            self._stage(plan.buffers)
            affects += plan.read(frames, part)
        return affects

    def _read_others(
        self, found: list[tuple[Faces, list[Affect]]], frames: Sequence[Frame | DeviceFrame], buffers: FrameBuffers
    ) -> None:
        """Affect of the faces that the launch had no room for, from where their frames lie now."""
        others = [i for i, (faces, affects) in enumerate(found) if len(affects) < len(faces)]
        if others:
            places = [f if isinstance(f := frames[i], DeviceFrame) else buffers.uploaded(i) for i in others]
            rest = [found[i][0][np.arange(len(found[i][1]), len(found[i][0]))] for i in others]
            tasks = [(place, faces, place.color) for place, faces in zip(places, rest, strict=True)]
            for i, affects in zip(others, self.predict_many(tasks), strict=True):
                found[i][1].extend(affects)

    def _stage(self, buffers: FrameBuffers) -> None:
        """An buffers is about to take other frames: what was uploaded to it is no longer there."""
        if self._held:
            self._held = {key: held for key, held in self._held.items() if held[1].owner is not buffers}

    def _shape(self, frame: Frame | DeviceFrame, color: str, count: int = 1) -> Shape:
        if isinstance(frame, DeviceFrame):
            return Shape(count, (frame.width, frame.height), frame.color, "GPU")
        height, width = frame.shape[:2]
        pinned = frame.flags.c_contiguous and self._models.cuda.pinned_on_device(address_of(frame))
        place = "pinned" if pinned else "host"
        return Shape(count, (width, height * 2 // 3 if color == "nv12" else height), color, place)

    def _alike(self, frames: Sequence[tuple[Frame | DeviceFrame, str]]) -> dict[Shape, list[int]]:
        """Shape of batch -> positions of the frames in it."""
        groups: dict[Shape, list[int]] = {}
        for i, (frame, color) in enumerate(frames):
            groups.setdefault(self._shape(frame, color), []).append(i)
        return {Shape(len(rows), one.size, one.color, one.place): rows for one, rows in groups.items()}

    def _plan(self, key: tuple[Any, ...], make: Callable[[], P]) -> P:
        if key in self._plans:
            self._plans.move_to_end(key)
        else:
            while len(self._plans) >= _PLANS:
                self._plans.popitem(last=False)[1].close()
            self._plans[key] = make()
        return self._plans[key]  # type: ignore[return-value]


def _power_of_two(count: int) -> int:
    """The least that is not below `count`."""
    return 1 << (count - 1).bit_length()

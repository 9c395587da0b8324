"""`GpuPipeline`: frames in host or GPU memory to faces and affect, without a stop on the CPU in between."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from ..affect import FaceAffect
from ..detect import FaceDetector
from ..errors import DeviceError
from ..frames import Frame, check_frame
from ..results import Affect, Faces
from .frame import DeviceFrame
from .plan import Plan, Shape
from .stages import GpuAffect, GpuDetector

log = logging.getLogger("edgeaffect.cuda")

# Shapes whose buffers and graphs are kept; a camera changes its size seldom, a folder of pictures often.
_PLANS = 8


class GpuPipeline:
    """Detects faces and reads their affect on one GPU, for one frame or for one of each camera at once.

        detector = FaceDetector(device="cuda", runtime="tensorrt")
        affect = FaceAffect(device="cuda", runtime="tensorrt")
        gpu = GpuPipeline(detector, affect)
        [(faces, affects)] = gpu.process([frame])

    Upload (if the frame is on the host), letterbox, detector, decode, crops, affect model and one small copy back run
    on one stream. Per shape of batch the first call launches them one by one, the second records a CUDA graph and
    proves it, later calls launch the graph; `describe` tells which. The results are those of
    `FaceDetector.detect` and `FaceAffect.predict`, up to rounding; every detected face costs the affect model a row
    whether it is there or not (`max_faces` of them).

    Belongs to one thread. The two stages stay the caller's to close, after this.

    Args:
        detector: its session runs on the GPU.
        affect: likewise, on the same one.
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
        affect: FaceAffect,
        *,
        mapped: bool | None = None,
        graphs: bool = True,
        cuda: ModuleType | None = None,
    ) -> None:
        places = {stage.session.describe()["device"] for stage in (detector, affect)}
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
        self._cuda = cuda
        self.detector, self.affect = detector, affect
        self._mapped = bool(info.integrated) if mapped is None else mapped
        self._graphs = graphs
        self._stream = cuda.Stream(index)
        self._plans: OrderedDict[Shape, Plan] = OrderedDict()
        self._gpu = f"{info.name} ({place})"

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
        plan, placed = self._place([(frame, color) for frame in frames])
        return plan.perceive(placed)

    def stages(self) -> tuple[GpuDetector, GpuAffect]:
        """The two halves, to stand in a `Pipeline`, which follows and smooths on the CPU between them:

            detect, affect = gpu.stages()
            pipeline = Pipeline(detect=detect, affect=affect)

        Each half uploads its frame; only `process` keeps it on the GPU from end to end.
        """
        return GpuDetector(self), GpuAffect(self)

    def find_many(self, frames: Sequence[tuple[Any, str]]) -> list[Faces]:
        """Faces of (frame, colour) each. Arguments and errors as for `process`."""
        plan, placed = self._place(frames)
        return plan.find(placed)

    def predict_many(self, frames: Sequence[tuple[Any, Faces, str]]) -> list[list[Affect]]:
        """Affect of given faces, for (frame, faces, colour) each. Arguments and errors as for `process`."""
        plan, placed = self._place([(frame, color) for frame, _, color in frames])
        return plan.analyse(placed, [faces for _, faces, _ in frames])

    def describe(self) -> dict[str, Any]:
        """GPU, models, and how each shape of batch runs."""
        return {
            "gpu": self._gpu,
            "cuda": self._cuda.status(),
            "mapped_upload": self._mapped,
            "detector": self.detector.describe(),
            "affect": self.affect.describe(),
            "shapes": [
                {"frames": s.count, "size": list(s.size), "color": s.color, "place": s.place, "runs": p.modes()}
                for s, p in self._plans.items()
            ],
        }

    def close(self) -> None:
        """Free buffers and graphs; the stages stay open."""
        self._stream.synchronize()
        self._plans.clear()

    def _place(self, frames: Sequence[tuple[Any, str]]) -> tuple[Plan, list[Frame | DeviceFrame]]:
        looked = [self._look(frame, color) for frame, color in frames]
        shapes = {shape for _, shape in looked}
        if len(shapes) > 1:
            raise ValueError(
                "frames of one batch must agree in colour, size and place; got "
                + ", ".join(sorted(f"{s.color} {s.size[0]}x{s.size[1]} on the {s.place}" for s in shapes))
            )
        (one,) = shapes
        return self._plan(Shape(len(frames), one.size, one.color, one.resident)), [frame for frame, _ in looked]

    def _look(self, frame: Any, color: str) -> tuple[Frame | DeviceFrame, Shape]:
        if hasattr(frame, "__array_interface__"):
            pixels, size = check_frame(frame, color)
            return pixels, Shape(1, size, color, False)
        if not isinstance(frame, DeviceFrame):
            frame = DeviceFrame.of(frame, color, stream=self.stream)
        if frame.device is not None and frame.device != self._stream.device:
            raise DeviceError(f"the frame is on cuda:{frame.device}, this pipeline on cuda:{self._stream.device}")
        return frame, Shape(1, (frame.width, frame.height), frame.color, True)

    def _plan(self, shape: Shape) -> Plan:
        if shape in self._plans:
            self._plans.move_to_end(shape)
        else:
            while len(self._plans) >= _PLANS:
                self._plans.popitem(last=False)
            self._plans[shape] = Plan(
                self._cuda, self._stream, self.detector, self.affect, shape, self._mapped, self._graphs
            )
        return self._plans[shape]

"""`Plan`: every buffer and launch for batches of one shape, from frames to results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..affect import FaceAffect
from ..backends import Session
from ..backends.base import TensorInfo
from ..detect import FaceDetector
from ..errors import Error
from ..frames import Frame
from ..geometry import framing_matrices
from ..models.spec import InputSpec
from ..results import Affect, Faces
from .frame import DeviceFrame
from .memory import Arena
from .replay import Replay

_NOWHERE = np.zeros((2, 3), np.float32)
_PIXEL_BYTES = {"bgr": 3, "rgb": 3, "bgra": 4, "gray": 1, "nv12": 1, "yuyv": 2}


@dataclass(frozen=True)
class Shape:
    """What a plan is made for."""

    count: int
    size: tuple[int, int]
    """Width, height of every frame."""
    color: str
    resident: bool
    """The frames are in GPU memory; else they are uploaded."""

    @property
    def place(self) -> str:
        return "GPU" if self.resident else "host"

    @property
    def rows(self) -> int:
        height = self.size[1]
        return height * 3 // 2 if self.color == "nv12" else height

    @property
    def stride(self) -> int:
        """Bytes per row of an uploaded frame."""
        return self.size[0] * _PIXEL_BYTES[self.color]


class Plan:
    """Upload, letterbox, detector, decode and framing, crops, affect model, one copy back; all of it or either half.

    Args:
        cuda: the native module.
        stream: its stream; everything runs there.
        detector: whose session runs on the same GPU.
        affect: likewise.
        shape: of the batches to come.
        mapped: let kernels read uploaded frames in pinned host memory, without a copy.
        graphs: record CUDA graphs.
    """

    def __init__(
        self,
        cuda: ModuleType,
        stream: Any,
        detector: FaceDetector,
        affect: FaceAffect,
        shape: Shape,
        mapped: bool,
        graphs: bool,
    ) -> None:
        self._cuda, self._stream, self._handle = cuda, stream, stream.handle
        self._detector, self._affect, self._shape = detector, affect, shape
        self._letterbox = detector.letterbox(*shape.size)
        self._faces = detector.options.max_faces
        device = stream.device
        self._frames = cuda.FrameTable(shape.count, shape.color, device=device)
        self._letterboxes = cuda.CropTable(shape.count, shape.color, device=device)
        self._crops = cuda.CropTable(shape.count * self._faces, shape.color, device=device)
        for i in range(shape.count):
            self._letterboxes.set(i, self._letterbox.matrix, i)
        self._uploads: list[tuple[Any, Any]] = []
        if not shape.resident:
            self._uploads = [self._staging(i, mapped, device) for i in range(shape.count)]
        self._prepare_detector(device)
        self._prepare_affect(device)
        self._graphs = graphs
        self._programs: dict[str, Replay] = {}

    # ---- set-up ----

    def _staging(self, row: int, mapped: bool, device: int) -> tuple[Any, Any]:
        """(pinned memory, device memory or None) of frame `row`, entered in the frame table."""
        size = self._shape.rows * self._shape.stride
        pinned = self._cuda.PinnedBuffer(size, mapped, device)
        memory = None if mapped else self._cuda.DeviceBuffer(size, device)
        self._set_frame(row, pinned.device_address if memory is None else memory.address)
        return pinned, memory

    def _set_frame(self, row: int, address: int) -> None:
        (width, height), stride = self._shape.size, self._shape.stride
        chroma = (address + height * stride, stride) if self._shape.color == "nv12" else (0, 0)
        self._frames.set(row, address, width, height, stride, *chroma)

    def _prepare_detector(self, device: int) -> None:
        spec = self._detector.model.spec
        facts = spec.detector
        assert facts is not None  # ModelSpec's own rule for this task
        count, (width, height) = self._shape.count, self._letterbox.size
        self._letterbox_kernel = self._kernel(spec.input, self._letterbox.size, "constant")
        infos = self._detector.session.outputs
        maps = [(height // s, width // s, s) for s in facts.strides]
        layout: dict[str, tuple[tuple[int, ...], Any]] = {
            "input": (_input_shape(spec.input, count, self._letterbox.size), spec.input.dtype)
        }
        for name, (rows, columns, _) in zip(self._detector.map_names, maps, strict=True):
            if infos[name].dtype != np.float32:
                raise Error(f"decoding on the GPU takes float32 maps; {name!r} of {spec.name} is {infos[name].dtype}")
            layout[name] = ((count, 15, rows, columns), np.float32)
        self._detection = Arena(self._cuda, layout, device)
        affect = self._affect.model.spec
        framing = self._cuda.Framing(
            affect.framing.kind, square=affect.framing.square, rotate=affect.framing.rotate,
            expand=affect.framing.expand, shift=affect.framing.shift, template=affect.framing.template or (),
            size=affect.input.size,
        )  # fmt: skip
        self._decode = self._cuda.DecodeFaces(
            maps, score_threshold=self._detector.score_threshold, iou_threshold=float(facts.nms["iou"]),
            top_k=int(facts.nms["top_k"]), max_faces=self._faces, framing=framing,
        )  # fmt: skip

    def _prepare_affect(self, device: int) -> None:
        spec, infos = self._affect.model.spec, self._affect.session.outputs
        rows = self._shape.count * self._faces
        self._crop_kernel = self._kernel(spec.input, spec.input.size, spec.framing.border)
        self._crop_input = Arena(
            self._cuda, {"input": (_input_shape(spec.input, rows, spec.input.size), spec.input.dtype)}, device
        )
        layout: dict[str, tuple[tuple[int, ...], Any]] = {
            "counts": ((self._shape.count,), np.int32),
            "faces": ((self._shape.count, self._faces, self._cuda.FACE_VALUES), np.float32),
        }
        for name in self._affect.readout.wanted:
            layout[_output(name)] = ((rows, *_fixed(infos[name])), infos[name].dtype)
        self._results = Arena(self._cuda, layout, device)

    def _kernel(self, spec: InputSpec, size: tuple[int, int], border: str) -> Any:
        return self._cuda.CropNormalize(
            self._shape.color, size, to=spec.color, scale=spec.scale, mean=spec.mean, std=spec.std, layout=spec.layout,
            dtype=spec.dtype, quant=spec.quant, border=border,
        )  # fmt: skip

    # ---- one batch ----

    def perceive(self, frames: Sequence[Frame | DeviceFrame]) -> list[tuple[Faces, list[Affect]]]:
        """Faces and their affect, per frame."""
        self._run("perceive", frames, (self._upload, self._find, self._analyse))
        found = [self._found(i) for i in range(self._shape.count)]
        return [(faces, self._affects(rows)) for faces, rows in found]

    def find(self, frames: Sequence[Frame | DeviceFrame]) -> list[Faces]:
        """Faces alone, per frame."""
        self._run("find", frames, (self._upload, self._find))
        return [self._found(i)[0] for i in range(self._shape.count)]

    def analyse(self, frames: Sequence[Frame | DeviceFrame], faces: Sequence[Faces]) -> list[list[Affect]]:
        """Affect of given faces, at most `max_faces` per frame."""
        spec, size = self._affect.model.spec, self._shape.size
        rows = []
        for i, some in enumerate(faces):
            first = i * self._faces
            if len(some) > self._faces:
                raise ValueError(f"at most {self._faces} faces per frame (detect.max_faces); got {len(some)}")
            matrices = framing_matrices(spec.framing, spec.input.size, size, some.boxes, some.landmarks)
            for k in range(self._faces):
                present = k < len(some)
                self._crops.set(first + k, matrices[k] if present else _NOWHERE, i if present else -1)
            rows.append(np.arange(first, first + len(some)))
        self._run("analyse", frames, (self._upload, self._upload_crops, self._analyse))
        return [self._affects(some) for some in rows]

    def modes(self) -> dict[str, str]:
        """Program -> how it runs."""
        return {name: replay.mode for name, replay in self._programs.items()}

    def _run(self, name: str, frames: Sequence[Frame | DeviceFrame], parts: Sequence[Callable[[], None]]) -> None:
        for row, frame in enumerate(frames):
            if isinstance(frame, DeviceFrame):
                self._frames.set(
                    row, frame.address, frame.width, frame.height, frame.stride, frame.uv_address, frame.uv_stride
                )
                if frame.wait_for is not None:
                    self._stream.wait_for(frame.wait_for)
            else:
                staging = np.frombuffer(self._uploads[row][0], np.uint8)
                np.copyto(staging[: frame.size].reshape(frame.shape), frame)
        if name not in self._programs:
            shape = self._shape
            what = f"{name} of {shape.count} {shape.color} frames of {shape.size[0]}x{shape.size[1]}"
            work = (*parts, lambda: self._results.download(self._handle))
            self._programs[name] = Replay(self._stream, work, self._blank, self._snapshot, what, self._graphs)
        self._programs[name].run()

    def _upload(self) -> None:
        for pinned, memory in self._uploads:
            if memory is not None:
                self._cuda.copy(memory.address, pinned.address, pinned.bytes, self._handle)
        self._frames.upload(self._handle)

    def _find(self) -> None:
        count, stream, detection, results = self._shape.count, self._handle, self._detection, self._results
        self._letterboxes.upload(stream)
        self._letterbox_kernel.launch(self._frames, self._letterboxes, count, detection.address("input"), stream)
        maps = {name: name for name in self._detector.map_names}
        _infer(self._detector.session, detection, detection, maps, count, stream)
        self._decode.launch(
            [detection.address(name) for name in maps], self._frames, self._letterboxes, count,
            results.address("faces"), results.address("counts"), self._crops, stream,
        )  # fmt: skip

    def _upload_crops(self) -> None:
        self._crops.upload(self._handle)

    def _analyse(self) -> None:
        rows = self._shape.count * self._faces
        self._crop_kernel.launch(self._frames, self._crops, rows, self._crop_input.address("input"), self._handle)
        outputs = {name: _output(name) for name in self._affect.readout.wanted}
        _infer(self._affect.session, self._crop_input, self._results, outputs, rows, self._handle)

    def _blank(self) -> None:
        for arena in (self._detection, self._crop_input, self._results):
            arena.clear(self._handle)

    def _snapshot(self) -> NDArray[np.float32]:
        for arena in (self._detection, self._crop_input):
            arena.download(self._handle)
        self._stream.synchronize()
        return np.concatenate([a.numbers() for a in (self._detection, self._crop_input, self._results)])

    def _found(self, row: int) -> tuple[Faces, NDArray[np.intp]]:
        """Faces of one frame, and the rows of the affect model's batch that belong to them."""
        count = int(self._results.host["counts"][row])
        if count < 0:
            name = self._detector.model.spec.name
            raise Error(f"{name} returned values that are not finite; check the file with: edgeaffect models verify")
        # A copy: the pinned memory is overwritten by the next batch.
        values = self._results.host["faces"][row, :count].copy()
        inside = self._letterbox.holds(values[:, :4])
        boxes = self._letterbox.clip(values[inside, :4])
        faces = Faces(boxes, values[inside, 4], values[inside, 5:].reshape(-1, 5, 2))
        return faces, np.flatnonzero(inside) + row * self._faces

    def _affects(self, rows: NDArray[np.intp]) -> list[Affect]:
        readout, host = self._affect.readout, self._results.host
        return readout.read({name: host[_output(name)][rows] for name in readout.wanted}) if len(rows) else []


def _output(name: str) -> str:
    """Key of a model's output among the results, apart from the detector's own two."""
    return f"output:{name}"


def _input_shape(spec: InputSpec, count: int, size: tuple[int, int]) -> tuple[int, ...]:
    (w, h), c = size, spec.channels
    return (count, c, h, w) if spec.layout == "nchw" else (count, h, w, c)


def _fixed(info: TensorInfo) -> tuple[int, ...]:
    """Shape of one row of an output."""
    row = info.shape[1:]
    if None in row:
        raise Error(f"output {info.name!r} has a free shape {info.shape}; on the GPU only its batch may be free")
    return tuple(n for n in row if n is not None)


def _infer(session: Session, source: Arena, target: Arena, outputs: Mapping[str, str], count: int, stream: int) -> None:
    """Run a model on `count` rows of source["input"]: in one batch if its batch is free, else in its own batches."""
    (name,) = session.inputs
    step = session.inputs[name].shape[0] or count
    if count % step:
        raise Error(f"the model takes batches of {step}, which do not divide {count}: export it with a free batch")
    for first in range(0, count, step):
        rows = slice(first, first + step)
        session.run_device(
            {name: source.pointer("input", rows)},
            {output: target.pointer(key, rows) for output, key in outputs.items()},
            stream,
        )

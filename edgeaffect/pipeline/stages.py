"""What a stage must offer to stand in a `Pipeline`.

Stages with a model answer items in batches (`BatchStage`), about frames on the host or in GPU memory (`DeviceStage`).
An object with only `detect(frame, color)` or `predict(frame, faces, color)` will do too: `DetectAdapter` and
`AffectAdapter` turn it into a `BatchStage`, once, when the pipeline is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar, runtime_checkable

from numpy import bool_, floating, uint8
from numpy.typing import NDArray

from .._stage_timer import StageTimer
from ..image import Frame, Image
from ..models import ModelFile
from ..results import Affect, Faces

V = TypeVar("V")


@runtime_checkable
class BatchStage(Protocol):
    """A stage with a model: `FaceDetector` (an image -> `Faces`), `FaceAffect` ((image, faces) -> list of `Affect`)."""

    @property
    def model(self) -> ModelFile | None:
        """The model's file, for the results and for licences; None where there is none."""

    @property
    def timer(self) -> StageTimer:
        """Where the time of the last call went."""

    def run_many(self, items: Sequence[Any]) -> Sequence[Any]:
        """One answer per item, in their order."""

    def describe(self) -> dict[str, Any]:
        """What really runs."""

    def close(self) -> None:
        """Release the model; safe to call twice."""


class DeviceImage(Protocol):
    """A frame in GPU memory (`cuda.DeviceFrame`)."""

    @property
    def size(self) -> tuple[int, int]:
        """Width, height in pixels."""

    @property
    def still(self) -> bool:
        """See `Image.still`."""

    @property
    def roll(self) -> int:
        """See `Image.roll`."""


class LumaReader(Protocol):
    """Reads the brightness of frames on a GPU, for what looks at pixels on the CPU."""

    def read(self, frame: Any) -> Frame:
        """uint8 [h, w], valid until the next call."""


class DeviceContext(Protocol):
    """Brings frames to a GPU, once each, for every stage that shares it (`cuda.GpuContext`)."""

    def upload(self, image: Image) -> DeviceImage:
        """Bring pixels to the GPU; they stay there as long as somebody holds the answer."""

    def locate(self, array: Any, format: str = "bgr", *, still: bool = False, roll: int = 0) -> DeviceImage:
        """A frame that is there already (CuPy, PyTorch, Numba, `cuda.DeviceFrame`), checked.

        Raises:
            TypeError, ValueError: it is not what `format` says.
            DeviceError: it is on another GPU.
        """

    def luma(self) -> LumaReader:
        """A reader for one camera."""

    def cut(self, frame: Any, matrices: NDArray[floating[Any]], side: int) -> NDArray[uint8]:
        """BGR crops [n, side, side, 3] of a frame on the GPU; `matrices` [n, 2, 3] map crop to frame pixels."""


@runtime_checkable
class DeviceStage(BatchStage, Protocol):
    """A stage whose items are frames in GPU memory (`cuda.DeviceDetector`, `cuda.DeviceFaceModel`)."""

    warmup_calls: int
    """How often it must run before it is as fast as it gets."""

    @property
    def context(self) -> DeviceContext:
        """Where its frames lie."""


@runtime_checkable
class TrackStage(Protocol):
    """Follows the faces of one camera."""

    missed: NDArray[bool_]
    """[n] for the faces returned last: True where the newest detection did not find this face."""

    def update(self, faces: Faces, timestamp: float, size: tuple[int, int], image: Image | None = None) -> Faces:
        """Take over a detection; faces to report now, with `track_ids`."""

    def predict(self, timestamp: float, size: tuple[int, int], image: Image | None = None) -> Faces:
        """Faces to report at a moment without a detection."""

    def alive(self) -> set[int]:
        """Ids that may still come back."""

    def reset(self) -> None:
        """Forget every face."""


@runtime_checkable
class SmoothStage(Protocol[V]):
    """Steadies one kind of reading over time."""

    def update(self, track_id: int, value: V, timestamp: float) -> V:
        """The smoothed counterpart of one new reading."""

    def keep(self, track_ids: Iterable[int]) -> None:
        """Forget every face that is not among these."""

    def reset(self) -> None:
        """Forget every face."""


@runtime_checkable
class Describes(Protocol):
    """An object that tells what it is."""

    def describe(self) -> dict[str, Any]:
        """Plain values."""


@runtime_checkable
class HasTimer(Protocol):
    """An object that times its own parts."""

    timer: StageTimer


@runtime_checkable
class HasModel(Protocol):
    """An object that names its model."""

    model: Any


@runtime_checkable
class Detects(Protocol):
    """A detector of the user's own."""

    def detect(self, frame: Frame, color: str = "bgr") -> Faces:
        """Faces of one frame, best score first."""


@runtime_checkable
class Predicts(Protocol):
    """An affect stage of the user's own."""

    def predict(self, frame: Frame, faces: Faces, color: str = "bgr") -> list[Affect]:
        """One `Affect` per face, in their order."""


def describe(stage: object) -> dict[str, Any]:
    """What a stage says about itself; of one that says nothing, its class."""
    return stage.describe() if isinstance(stage, Describes) else {"class": type(stage).__qualname__}


def check_places(given: Mapping[str, object]) -> None:
    """Refuse stages that cannot take the same frames, before the first one comes.

    Args:
        given: name -> what stands for the stage; whatever is no `DeviceStage` takes frames on the host.

    Raises:
        TypeError: some take frames on a GPU and others on the host, or on GPU contexts of their own.
    """
    contexts = {name: stage.context for name, stage in given.items() if isinstance(stage, DeviceStage)}
    if not contexts:
        return
    remedy = "make every stage a DeviceDetector or DeviceFaceModel on one GpuContext, or none (docs/cuda.md)"
    on_host = [name for name in given if name not in contexts]
    if on_host:
        raise TypeError(f"frames would be on the GPU for {_both(contexts)}, on the host for {_both(on_host)}: {remedy}")
    if len({id(context) for context in contexts.values()}) > 1:
        raise TypeError(f"{_both(contexts)} have GPU contexts of their own: {remedy}")


def _both(names: Iterable[str]) -> str:
    return " and ".join(names)


class _Adapter:
    """A user's object as a `BatchStage`; it stays the user's to close."""

    def __init__(self, stage: Any) -> None:
        self.stage = stage
        """The object itself."""
        self.timer = stage.timer if isinstance(stage, HasTimer) else StageTimer()
        self.model: ModelFile | None = (
            stage.model if isinstance(stage, HasModel) and isinstance(stage.model, ModelFile) else None
        )

    def describe(self) -> dict[str, Any]:
        """What the object says about itself."""
        return describe(self.stage)

    def close(self) -> None:
        """Nothing: the object belongs to whoever made it."""


class DetectAdapter(_Adapter):
    """A `Detects` as a `BatchStage`."""

    def run_many(self, items: Sequence[Image]) -> list[Faces]:
        """One call of `detect` per image."""
        return [self.stage.detect(image.pixels, image.format) for image in items]


class AffectAdapter(_Adapter):
    """A `Predicts` as a `BatchStage`."""

    def run_many(self, items: Sequence[tuple[Image, Faces]]) -> list[list[Affect]]:
        """One call of `predict` per image."""
        return [self.stage.predict(image.pixels, faces, image.format) for image, faces in items]

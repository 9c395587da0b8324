"""`FaceAffect`: expression distribution and valence/arousal/dominance of every face in a frame, in one batch."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from ..image import Frame
from ..options import AffectOptions
from ..results import Affect
from ..runtime import Placement
from .face_model import Crops, FaceModel, Outputs
from .postprocess import AffectPostprocess


class FaceAffect(FaceModel[Affect]):
    """Reads affect from faces. Belongs to one thread.

    Args:
        model: bundled name, path to an ONNX file that carries a `ModelSpec`, or None for the default.
        options: thresholds of `is_sure`.
        device: `auto | cpu | cuda | cuda:N`.
        runtime: `auto | onnxruntime | tensorrt`.
        threads: intra-op threads on the CPU.

    Raises:
        ValueError: options that name a first model: those are for `FirstLook`.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | None = None,
        *,
        options: AffectOptions | None = None,
        device: str = "auto",
        runtime: str = "auto",
        threads: int = 1,
    ) -> None:
        options = options or AffectOptions()
        if options.first is not None:
            raise ValueError(f"FaceAffect has one model, so affect.first must be None; got {options.first!r}: take a "
                             "`FirstLook`, or give first_look= to a Pipeline")  # fmt: skip
        super().__init__(model if model is not None else options.model, "affect", Placement(device, runtime, threads))
        self.postprocess = AffectPostprocess(self.model, options)

    def predict_crops(self, crops: Iterable[Frame], color: str = "bgr") -> list[Affect]:
        """Affect of face crops: each is resized as a whole to the model's input, without alignment.

        Args:
            crops: uint8 [h, w, 3], or [h, w] gray whatever `color` says.
            color: format of the crops.

        Raises:
            TypeError, ValueError: one crop instead of several, or one that is not what `color` says.
        """
        return self.run_crops(crops, color)

    def wanted(self) -> Sequence[str]:
        """Names of the outputs that the distributions come from."""
        return self.postprocess.wanted

    def read(self, outputs: Outputs, crops: Crops) -> list[Affect]:
        """One `Affect` per row."""
        return self.postprocess.read(outputs)

    def __enter__(self) -> FaceAffect:
        return self

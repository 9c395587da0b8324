"""`Vision`: the encoder of a bundle, one face at a time: its own cues, visible facts, and what the decoder looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError, SpecError
from ..face.alignment import alignment_matrices
from ..image import Image
from ..models.file import ModelFile
from ..models.inputs import FeatureInput, ImageInput
from ..models.preprocess import crop_to_input
from ..results import Affect, Face
from ..runtime import Placement, open_session
from .cues import CUES, FACTS
from .flat_regions import covered

IMAGE, AFFECT, CHANGE = "image", "affect", "change"
MEMORY, OWN_CUES, OWN_FACTS = "keys_values", "cues", "facts"
AFFECT_FEATURES = 12

LEAST_CONTRAST = 1.0
"""Standard deviation of a crop in gray levels below which it shows no face, whatever a network makes of it: a lens cap,
a frame of one tone. Of 300 faces darkened as in the training the lowest has 1.8, of those as they are 11.8."""
_CERTAIN = 50.0  # logit


@dataclass(frozen=True, eq=False)
class Look:
    """What the encoder sees in one face."""

    memory: NDArray[np.float32]
    """[1, L, 2, H, S, dh], for the decoder."""
    cues: Mapping[str, float]
    """Cue -> logit."""
    facts: Mapping[str, float]
    """Fact -> logit."""


class Vision:
    """Looks at faces. Belongs to one thread.

    Args:
        model: encoder of a bundle.
        placement: where it runs.

    Raises:
        SpecError: it is no encoder as `decoder.py` describes it.
    """

    def __init__(self, model: ModelFile, placement: Placement) -> None:
        inputs = {given.name: given for given in model.spec.inputs}
        image, affect, change = inputs.get(IMAGE), inputs.get(AFFECT), inputs.get(CHANGE)
        if not isinstance(image, ImageInput) or not isinstance(affect, FeatureInput) or affect.axes != (12,):
            raise SpecError(f"{model.path}: an encoder takes {IMAGE} and {AFFECT} [1, {AFFECT_FEATURES}]")
        if not isinstance(change, FeatureInput) or len(change.labels) != change.axes[0]:
            raise SpecError(f"{model.path}: an encoder takes {CHANGE}, whose labels name the cues")
        outputs = {output.name: output for output in model.spec.outputs}
        if missing := [name for name in (MEMORY, OWN_CUES, OWN_FACTS) if name not in outputs]:
            raise SpecError(f"{model.path}: an encoder gives {', '.join(missing)} too")
        self._cues, self._facts = tuple(outputs[OWN_CUES].labels), tuple(outputs[OWN_FACTS].labels)
        self._moved = tuple(change.labels)
        for names, known in ((self._cues, CUES), (self._facts, FACTS), (self._moved, CUES)):
            if not set(names) <= set(known):
                raise SpecError(f"{model.path} names {sorted(set(names) - set(known))}; known are {', '.join(known)}")
        self._model, self._image = model, image
        self._gray_levels = abs(image.std[0] / image.scale)  # that a step of 1 in the input stands for
        self._wanted = [MEMORY, OWN_CUES, OWN_FACTS]
        self.session = open_session(model, placement)
        self._pixels = np.zeros(image.shape(1), image.dtype)
        self._affect = np.zeros((1, AFFECT_FEATURES), np.float32)
        self._change = np.zeros((1, len(self._moved)), np.float32)

    def look(self, image: Image, face: Face, affect: Affect, change: Mapping[str, float]) -> Look:
        """Look at one face.

        Args:
            image: that it is in.
            face: with box and landmarks.
            affect: what was read of it.
            change: cue -> its probability now minus a little earlier; empty where that is not known.

        Raises:
            ValueError: the face has no place or size.
            ModelError: the encoder gives numbers that are none.
        """
        pixels, matrix = self.crop(image, face)
        self._affect[0] = (*affect.votes, affect.valence, affect.arousal, affect.entropy, affect.confidence)
        np.nan_to_num(self._affect, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        self._change[0] = [change.get(name, 0.0) for name in self._moved]
        said = self.session.run({IMAGE: pixels, AFFECT: self._affect, CHANGE: self._change}, self._wanted)
        if not all(np.isfinite(said[name]).all() for name in self._wanted):
            raise ModelError(f"{self._model.path} gives numbers that are none: fetch the bundle again")
        facts = dict(zip(self._facts, said[OWN_FACTS][0].tolist(), strict=True))
        if float(pixels.std()) * self._gray_levels < LEAST_CONTRAST and "no_face" in facts:
            facts["no_face"] = _CERTAIN
        points = in_crop(face.landmarks, matrix)
        facts.update(dict.fromkeys(covered(pixels[0, 0] * self._gray_levels, points), _CERTAIN))
        return Look(
            memory=said[MEMORY],
            cues=dict(zip(self._cues, said[OWN_CUES][0].tolist(), strict=True)),
            facts=facts,
        )

    def crop(self, image: Image, face: Face) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The encoder's input [1, 1, 96, 96], valid until the next call, and the matrix [2, 3] of its pixels."""
        spec = self._model.spec
        matrix = alignment_matrices(spec.alignment, self._image.size, image.size, face.box[None], face.landmarks[None])
        crop_to_input(
            self._image, image.pixels, matrix, color=image.format, border=spec.alignment.border, out=self._pixels
        )
        return self._pixels, matrix[0]

    def close(self) -> None:
        """Release the model."""
        self.session.close()


def in_crop(points: NDArray[np.float32], matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Points [n, 2] of a frame in pixels of its crop; `matrix` [2, 3] maps these to pixels of the frame."""
    found: NDArray[np.float32] = np.linalg.solve(matrix[:, :2], (points - matrix[:, 2]).T).T.astype(np.float32)
    return found

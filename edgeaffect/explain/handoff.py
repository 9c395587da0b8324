"""`describe_face`: a larger model on this machine describes a face, and every clause of it is checked."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from ..face.alignment import box_matrix
from ..image import Frame, Image
from ..models.inputs import ImageInput
from ..models.preprocess import crop_to_input
from ..results import Face
from .client import LocalServer
from .explainer import Explainer
from .result import Explanation

SIDE = 224
_EXPAND = 1.6
_ASKED = "Describe what this face shows and why."


def describe_face(
    explainer: Explainer,
    server: LocalServer,
    frame: Frame | Image,
    face: Face,
    *,
    question: str = _ASKED,
    color: str = "bgr",
) -> Explanation:
    """What a local model says of a face, without what the face does not bear out.

    The server gets a crop of the face and the facts of `Explanation.to_prompt`; its answer goes through
    `Explainer.check`. A question that a face cannot answer is refused before anything is sent, and where no face can be
    seen nothing is sent at all.

    Args:
        explainer: checks.
        server: answers; it got its address from the caller.
        frame: see `Explainer.explain`.
        face: see `Explainer.explain`.
        question: for the server.
        color: format of the frame.

    Raises:
        ServerError: the server cannot be reached, is too slow, or gives no answer.
        TypeError, ValueError: as for `Explainer.ask`; also a box that is none.
    """
    image = Image.of(frame, color)
    known = explainer.explain(image, face)
    if question != _ASKED and (refusal := explainer.refusal(question)) is not None:
        return dataclasses.replace(known, text=refusal, refused=refusal, cues_used=(), parts=())
    if known.evidence is not None and not known.evidence.known.has_face:
        return known
    if not np.isfinite(face.box).all():
        raise ValueError(f"the face's box {face.box.tolist()} has no place: a crop of it cannot be sent")
    said = server.complete(f"{known.to_prompt()}\n\n{question}", crop_of(image, face))
    return explainer.check(said, image, face)


def crop_of(image: Image, face: Face) -> NDArray[np.uint8]:
    """[224, 224, 3] BGR: a square of 1.6 times the face's box, upright, its border repeated beyond the frame."""
    wanted = ImageInput("crop", (SIDE, SIDE), color="bgr", layout="nhwc", dtype="uint8", scale=1.0)
    matrix = box_matrix(face.box[None], (SIDE, SIDE), expand=_EXPAND).astype(np.float32)
    crop: NDArray[np.uint8] = crop_to_input(wanted, image.pixels, matrix, color=image.format, border="replicate")[0]
    return crop

"""`Sight`: one face as an explainer is to look at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .._checks import show
from ..cues import Cues
from ..image import Frame, Image
from ..results import Face
from .view import View


@dataclass(frozen=True, eq=False)
class Sight:
    """A face, the picture that it is in, and what else is known of it.

    Attributes:
        frame: an `Image`, or pixels as `Image.of` takes them.
        face: of a result; box and landmarks are pixels of this frame.
        color: format of the pixels.
        before: cues of the same face one to five seconds ago, the newest last.
        view: the frame that the face's cues were measured in; None is this one.

    Raises:
        TypeError: one of these is something else.
    """

    frame: Frame | Image
    face: Face
    color: str = "bgr"
    before: Sequence[Cues] = ()
    view: View | None = None

    def __post_init__(self) -> None:
        face, before = self.face, self.before
        if not isinstance(face, Face):
            raise TypeError(f"face must be a Face, such as result.faces[0]; got {show(face)}")
        for name, value in (("box", face.box), ("landmarks", face.landmarks)):
            if not isinstance(value, np.ndarray):
                raise TypeError(f"the face's {name} must be an array, as in a result; got {show(value)}")
        if not isinstance(before, Sequence) or not all(isinstance(moment, Cues) for moment in before):
            raise TypeError(f"before must be a list of Cues; got {show(before)}")
        if self.view is not None and not isinstance(self.view, View):
            raise TypeError(f"view must be a View or None; got {show(self.view)}")

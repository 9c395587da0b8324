"""`Fusion`: what a face and a voice say together, and how far they say the same."""

from __future__ import annotations

from ..affect import Affect
from ..heard import Voice
from ..options.joint import FusionOptions
from ..results import Face
from .protocols import Fused


class Fusion:
    """Joins the affect of a face with that of the voice that is its own. Holds no state.

    Args:
        options: when both belong to one moment, and from where on they differ.
    """

    def __init__(self, options: FusionOptions | None = None) -> None:
        self.options = options or FusionOptions()

    def __call__(self, face: Face, voice: Voice | None, *, timestamp: float | None = None) -> Fused | None:
        """Join a face and the voice that is its own.

        Args:
            face: its `affect`; `raw_cues` or `cues` say how well it is seen.
            voice: None where nothing was heard.
            timestamp: of the frame, seconds on the voice's clock; None takes both for one moment.

        Returns:
            None where either side is missing, silent or too old.
        """
        raise NotImplementedError

    def combine(
        self,
        face: Affect | None,
        voice: Affect | None,
        *,
        face_quality: float | None = None,
        cue_stability: float = 1.0,
        speech_level: float | None = None,
        age: float = 0.0,
    ) -> Fused | None:
        """The rule behind `__call__`, over two affects.

        Args:
            face: canonical labels.
            voice: canonical labels, with calm and boredom in `extra`.
            face_quality: 0..1; None takes `face.quality`.
            cue_stability: 0 (cues are a guess) to 1.
            speech_level: dBFS of the window; None where it is not known.
            age: seconds from the voice to the face.

        Raises:
            ValueError: a number is NaN or outside its range.
        """
        raise NotImplementedError

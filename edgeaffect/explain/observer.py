"""`Observer`: a face in a picture -> what is known of it, and what the decoder looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..cues import Cues
from ..face.affect import FaceAffect
from ..face.cues import FaceCues
from ..image import Image
from ..results import Affect, Face, Faces
from .evidence import Evidence
from .evidence_rules import EvidenceRules
from .frame_at_work import FrameAtWork
from .sight import Sight
from .view import View
from .vision import Look, Vision

# Earlier moments that are measured in one step: about as long as a token takes.
_AT_ONCE = 4


class Observer:
    """Looks at faces with the encoder, and reads cues and affect of one that comes without. Belongs to one thread.

    Args:
        vision: encoder of a bundle; stays the caller's to close.
        rules: of the same bundle.
        place: `device`, `runtime` and `threads` of the models that read cues and affect; these are opened when a face
            lacks them.
        frame_at_work: passes before each step.
    """

    def __init__(
        self, vision: Vision, rules: EvidenceRules, place: Mapping[str, Any], frame_at_work: FrameAtWork
    ) -> None:
        self._vision, self._rules = vision, rules
        self._place, self._frame_at_work = dict(place), frame_at_work
        self._cues: FaceCues | None = None
        self._affect: FaceAffect | None = None

    def observe(self, sight: Sight) -> tuple[Evidence, Look]:
        """Look at one face.

        Raises:
            TypeError, ValueError: the frame is not what its color says, or the face has no place or size.
            ModelError: the encoder gives numbers that are none.
        """
        face, image = sight.face, Image.of(sight.frame, sight.color)
        cues, affect = self._read(image, face)
        view = sight.view or View(image.size)
        cues = view.facing(cues)
        past = self._measured(view, sight.before)
        self._frame_at_work.let_pass()
        look = self._vision.look(image, face, affect, self._change(cues, past))
        return self._rules.judge(cues, affect, encoder=look.cues, facts=look.facts, before=past), look

    def _read(self, image: Image, face: Face) -> tuple[Cues, Affect]:
        """Cues and affect of a face, read here where it has none."""
        faces = Faces(face.box[None], np.array([face.score], np.float32), face.landmarks[None])
        cues, affect = face.cues or face.raw_cues, face.affect or face.raw
        if cues is None:
            self._frame_at_work.let_pass()
            self._cues = self._cues or FaceCues(**self._place)
            cues = self._cues.run_many([(image, faces)])[0][0]
        if affect is None:
            self._frame_at_work.let_pass()
            self._affect = self._affect or FaceAffect(**self._place)
            affect = self._affect.run_many([(image, faces)])[0][0]
        return cues, affect

    def _measured(self, view: View, before: Sequence[Cues]) -> list[dict[str, float]]:
        """Probabilities of cues at earlier moments, a few in each step."""
        past = []
        for i, moment in enumerate(before):
            if i % _AT_ONCE == 0:
                self._frame_at_work.let_pass()
            past.append(self._rules.measured(view.facing(moment)))
        return past

    def _change(self, cues: Cues, past: Sequence[Mapping[str, float]]) -> dict[str, float]:
        """Probabilities now minus those that differ most from them before."""
        if not past:
            return {}
        now = self._rules.measured(cues)
        return {name: max((p - moment[name] for moment in past), key=abs) for name, p in now.items()}

    def close(self) -> None:
        """Release the models that were opened here."""
        for stage in (self._cues, self._affect):
            if stage is not None:
                stage.close()

"""`Attribution`: whose voice it is, and how it fits that face; for the faces of one camera."""

from __future__ import annotations

import dataclasses

from ..heard import Voice
from ..results import Face
from ..voice.protocols import Fuse, SpeakerFinder
from .hearing import Cursor, Hearing

_MEMORY = 10.0
"""Seconds before a frame from which on speech can still tell who speaks."""


class Attribution:
    """Joins the faces of one camera with the sound of its pipeline.

    Args:
        hearing: the sound.
        finder: finds whose mouth moves with it; of this camera. None: nobody is known to speak.
        fuse: joins a face and its voice.
    """

    def __init__(self, hearing: Hearing, finder: SpeakerFinder | None, fuse: Fuse | None) -> None:
        self._hearing, self._finder, self._fuse = hearing, finder, fuse
        self._heard: Cursor | None = None

    def join(
        self, faces: tuple[Face, ...], now: float, clock: str
    ) -> tuple[Voice | None, int | None, tuple[Face, ...]]:
        """What was heard last, who speaks, and the faces with what face and voice say together.

        Raises:
            ValueError: frames and sound are on different clocks.
        """
        voice = self._hearing.newest(now, clock)
        speaker = None
        if self._finder is not None:
            parts, self._heard = self._hearing.speech_since(self._heard)
            for part in parts:
                if part.times[-1] >= now - _MEMORY:
                    self._finder.hear(part)
            speaker = self._finder.see(now, faces)
        if speaker is None or voice is None or voice.affect is None or self._fuse is None:
            return voice, speaker, faces
        return (
            voice,
            speaker,
            tuple(self._with_voice(face, voice) if face.track_id == speaker else face for face in faces),
        )

    def _with_voice(self, face: Face, voice: Voice) -> Face:
        assert self._fuse is not None
        fused = self._fuse(face, voice)
        if fused is None:
            return face
        return dataclasses.replace(face, fused=fused.affect, agreement=fused.agreement, disagreement=fused.disagreement)

    def reset(self) -> None:
        """Forget who spoke."""
        if self._finder is not None:
            self._finder.reset()

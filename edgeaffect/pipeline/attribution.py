"""`Attribution`: whose voice it is, and how it fits that face; for the faces of one camera."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

from ..heard import Voice
from ..results import Face
from ..voice.protocols import Fuse, SpeakerFinder
from .hearing import Cursor, Hearing

_MEMORY = 10.0
"""Seconds before a frame from which on speech can still tell who speaks."""
_QUIET = 0.2
"""Probability of speech below which a moment counts as noise ..."""
_NOISE_FRAMES = 300.0
"""... of which the mean follows the last so many frames (10 ms)."""
_NOISE_DBFS = -75.0
"""Noise that is taken for granted before a moment without speech was heard."""


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
        self._noise: float | None = None
        self._room: object = None  # the sound whose noise it is

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
            self._listen(self._finder, now)
            speaker = self._finder.see(now, faces)
            faces = tuple(_with_probability(face, self._finder.probability) for face in faces)
        if speaker is None or voice is None or voice.affect is None:
            return voice, speaker, faces
        joined = (self._with_voice(face, voice, now) if face.track_id == speaker else face for face in faces)
        return voice, speaker, tuple(joined)

    def _listen(self, finder: SpeakerFinder, now: float) -> None:
        before = self._heard
        parts, self._heard = self._hearing.speech_since(before)
        if before is not None and before.sound is not self._heard.sound:
            finder.reset()  # its time may lie before that of the sound until now
        if self._heard.sound is not self._room:  # another recording was made in another room
            self._room, self._noise = self._heard.sound, None
        for part in parts:
            if part.times[-1] >= now - _MEMORY:
                finder.hear(part)
            quiet = part.level_dbfs[part.probability < _QUIET]
            if len(quiet):
                share = 1.0 if self._noise is None else 1 - math.exp(-len(quiet) / _NOISE_FRAMES)
                self._noise = (1 - share) * (self._noise or 0.0) + share * float(quiet.mean())

    def _with_voice(self, face: Face, voice: Voice, now: float) -> Face:
        noise = _NOISE_DBFS if self._noise is None else self._noise
        fused = None if self._fuse is None else self._fuse(face, voice, timestamp=now, noise_dbfs=noise)
        if fused is None:
            return face
        return dataclasses.replace(face, fused=fused.affect, agreement=fused.agreement, disagreement=fused.disagreement)

    def reset(self) -> None:
        """Forget who spoke; the sound of the last seconds and the noise of the room stay."""
        self._heard = None
        if self._finder is not None:
            self._finder.reset()


def _with_probability(face: Face, told: Mapping[int, float]) -> Face:
    """The face with the probability that it is the one heard in its smoothed cues, where that is known."""
    if face.cues is None or face.track_id is None or face.track_id not in told:
        return face
    extra = {**face.cues.extra, "speaker": told[face.track_id]}
    return dataclasses.replace(face, cues=dataclasses.replace(face.cues, extra=extra))

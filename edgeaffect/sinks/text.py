"""`Text`: one readable line a frame."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from ..heard import Voice
from ..results import Face, Result
from .base import TakenFrame


class Text:
    """Prints to a stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, frame: TakenFrame, result: Result) -> bool:
        """Print one line."""
        place = printable(Path(result.source).name) if frame.still else f"{result.timestamp:9.3f} s"
        faces = "; ".join(describe_face(face) for face in result.faces) or "no face"
        heard = "" if result.voice is None else f"; {describe_voice(result.voice)}"
        print(f"{place}  {faces}{heard}", file=self._stream, flush=True)
        return True

    def close(self) -> str:
        """Leave the stream open: it is the caller's."""
        return ""


def describe_face(face: Face) -> str:
    """One face in a few words."""
    number = "" if face.track_id is None else f"#{face.track_id} "
    x0, y0, x1, y1 = (round(float(v)) for v in face.box)
    place = f"at {x0},{y0} {x1 - x0}x{y1 - y0}"
    if face.affect is None:
        return f"{number}face {place}"
    affect = face.affect
    doubt = "" if affect.is_sure else " (unsure)"
    return (
        f"{number}{printable(affect.label)} {affect.confidence:.0%}{doubt}, valence {affect.valence:+.2f}, "
        f"arousal {affect.arousal:+.2f}, {place}"
    )


def describe_voice(voice: Voice) -> str:
    """What was heard in a few words."""
    level = f"{voice.level_dbfs:.0f} dBFS"
    if voice.affect is None:
        return f"no speech, {level}"
    affect = voice.affect
    doubt = "" if affect.is_sure else " (unsure)"
    return (
        f"voice {printable(affect.label)} {affect.confidence:.0%}{doubt}, valence {affect.valence:+.2f}, "
        f"arousal {affect.arousal:+.2f}, {level}"
    )


def printable(text: str) -> str:
    """Names with control characters shown, not obeyed by the terminal; bytes that are no text stay as they are."""
    return "".join(c if c.isprintable() or "\udc80" <= c <= "\udcff" else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")

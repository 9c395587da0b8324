"""`to_rows`: one flat row per face, for pandas, Polars, databases and spreadsheets."""

from __future__ import annotations

from typing import Any

from .._json import plain
from .._names import text_name
from ..affect import Affect
from ..circumplex import DIMENSIONS, EMOTIONS
from ..cues import Cues
from ..results import Face, Result

_FRAME = ("source", "frame", "time", "wall_time", "width", "height")
_FACE = ("track_id", "x0", "y0", "x1", "y1", "score")
_AFFECT = (
    "label",
    "probability",
    "is_sure",
    "quality",
    "entropy",
    *DIMENSIONS,
    *(f"{name}_std" for name in DIMENSIONS),
)
_CUES = (
    "head_yaw", "head_pitch", "head_roll", "gaze_yaw", "gaze_pitch", "looking_at_camera", "eyes_open", "mouth_open",
    "speaking",
)  # fmt: skip
_VOICE = ("voice_is_speech", "voice_label", "voice_probability", "is_speaker", "agreement")
COLUMNS = (*_FRAME, *_FACE, *_AFFECT, *(f"p_{name}" for name in EMOTIONS), *_CUES, *_VOICE)
"""Keys of every row, in this order. Times in seconds, boxes in pixels of the frame, angles in degrees."""


def to_rows(result: Result) -> list[dict[str, Any]]:
    """One dictionary per face with the keys of `COLUMNS`: numbers, texts, truth values, or None where nothing is known.

    `pandas.DataFrame([row for result in results for row in to_rows(result)])` is a table; so is
    `polars.DataFrame(...)`. A frame without a face gives no row.
    """
    frame = (
        text_name(result.source), result.frame_index, float(result.timestamp), float(result.wall_time), *result.size
    )  # fmt: skip
    return [_row(face, frame, result) for face in result.faces]


def _row(face: Face, frame: tuple[Any, ...], result: Result) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row.update(zip(_FRAME, frame, strict=True))
    row.update(zip(_FACE, (face.track_id, *map(float, face.box), float(face.score)), strict=True))
    if face.affect is not None:
        row.update(_affect(face.affect))
    if face.cues is not None:
        row.update(_cues(face.cues))
    row["agreement"] = plain(face.agreement)
    if (voice := result.voice) is not None:
        row["voice_is_speech"], row["voice_label"] = voice.is_speech, voice.label
        row["voice_probability"] = plain(voice.probability)
        row["is_speaker"] = face.track_id is not None and face.track_id == result.speaker
    return row


def _affect(affect: Affect) -> dict[str, Any]:
    values = {name: getattr(affect, name) for name in _AFFECT if name != "probability"}
    values["probability"] = affect.confidence
    shares = zip(EMOTIONS, affect.probabilities.tolist(), strict=True)
    values.update({f"p_{name}": value for name, value in shares})
    written: dict[str, Any] = plain(values)
    return written


def _cues(cues: Cues) -> dict[str, Any]:
    head, gaze = cues.head_pose, cues.gaze
    values = (
        head.yaw, head.pitch, head.roll, gaze.yaw, gaze.pitch, cues.looking_at_camera, cues.eyes_open, cues.mouth_open,
        cues.speaking,
    )  # fmt: skip
    written: dict[str, Any] = plain(dict(zip(_CUES, values, strict=True)))
    return written

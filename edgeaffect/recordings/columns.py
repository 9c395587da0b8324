"""The one table of columns: name, kind, unit, what it means, and how it is read from a result.

The tables themselves, their metadata and `docs/recordings.md` are made from it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .._names import text_name
from ..action_units import ACTION_UNITS, BLENDSHAPES
from ..affect import Affect
from ..circumplex import DIMENSIONS, EMOTIONS, VOICE_ANCHORS
from ..cues import Cues
from ..heard import Voice
from ..results import Face

KINDS = ("text", "whole", "flag", "float", "seconds")
"""UTF-8, int64, true or false, float32, float64. Each may be missing."""


@dataclass(frozen=True)
class Subject:
    """What a row is about: a face in a frame, a frame without one, or a window of sound."""

    recording: str
    source: str
    frame: int
    time: float
    face: Face | None = None
    number: int | None = None
    """Track id; among the faces of a still picture its place, from 1."""
    voice: Voice | None = None
    speaker: int | None = None


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: str
    kind: str
    unit: str
    text: str
    read: Callable[[Any], Any]
    """Value from what the group's `part` gives; None and NaN stand for a missing one."""


@dataclass(frozen=True)
class Group:
    """Columns that are there, or missing, together."""

    name: str
    part: Callable[[Subject], Any]
    """What the columns are read from; None: all of them are missing in this row."""
    columns: tuple[Column, ...]


def _share(name: str, text: str, read: Callable[[Any], Any]) -> Column:
    return Column(name, "float", "0..1", text, read)


def _at(index: int, field: str) -> Callable[[Affect], float]:
    return lambda affect: float(getattr(affect, field)[index])


def _field(name: str) -> Callable[[Any], Any]:
    return lambda part: getattr(part, name)


def _affect_columns(prefix: str, whose: str, *, complete: bool = False) -> tuple[Column, ...]:
    """Columns of an `Affect`; the complete set also tells votes, entropy, quality and foreign labels."""
    dimensions = [
        column
        for name in DIMENSIONS
        for column in (
            Column(f"{prefix}{name}", "float", "-1..1", f"{name} {whose}", _field(name)),
            Column(f"{prefix}{name}_std", "float", "-1..1", f"its standard deviation: ambiguity of {name}, not error",
                   _field(f"{name}_std")),
        )
    ]  # fmt: skip
    columns = [
        Column(f"{prefix}label", "text", "", f"most probable emotion {whose}", _field("label")),
        _share(f"{prefix}probability", "probability of that label", _field("confidence")),
        Column(f"{prefix}is_sure", "flag", "", "false: too little confidence or quality to rely on", _field("is_sure")),
        *(_share(f"{prefix}p_{name}", f"probability that the majority says {name}", _at(i, "probabilities"))
          for i, name in enumerate(EMOTIONS)),
        *dimensions,
    ]  # fmt: skip
    if complete:
        columns += [
            *(_share(f"{prefix}votes_{name}", f"share of raters who would say {name}", _at(i, "votes"))
              for i, name in enumerate(EMOTIONS)),
            _share(f"{prefix}entropy", "of the votes: 0 all raters agree, 1 uniform", _field("entropy")),
            _share(f"{prefix}quality", "chance that the whole face would have the same label", _field("quality")),
            Column(f"{prefix}extra", "text", "JSON", "probabilities of labels outside the eight, by name",
                   lambda affect: json.dumps(dict(affect.extra), sort_keys=True) if affect.extra else None),
        ]  # fmt: skip
    return tuple(columns)


def _in_cues(path: str) -> Callable[[Cues], Any]:
    """Reads `head_pose.yaw`, or `std.head_pose.yaw`; None where a step is None."""
    names = path.split(".")

    def read(cues: Cues) -> Any:
        value: Any = cues
        for name in names:
            if value is None:
                return None
            value = getattr(value, name)
        return value

    return read


def _extra(name: str) -> Callable[[Cues], Any]:
    return lambda cues: cues.extra.get(name)


def _mapped(field: str, key: Any) -> Callable[[Cues], Any]:
    return lambda cues: getattr(cues, field).get(key)


def _mapped_std(field: str, key: Any) -> Callable[[Cues], Any]:
    return lambda cues: None if cues.std is None else getattr(cues.std, field).get(key)


def _angle(name: str, path: str, text: str) -> tuple[Column, ...]:
    return (
        Column(name, "float", "degrees", text, _in_cues(path)),
        Column(f"{name}_std", "float", "degrees", "its standard deviation", _in_cues(f"std.{path}")),
    )


def _with_std(name: str, text: str) -> tuple[Column, ...]:
    return (
        _share(name, text, _in_cues(name)),
        _share(f"{name}_std", "its standard deviation", _in_cues(f"std.{name}")),
    )


def _point(index: int, axis: int) -> Callable[[Cues], float]:
    return lambda cues: float(cues.landmarks68[index, axis])


def _box(index: int) -> Callable[[Subject], float]:
    return lambda subject: float(subject.face.box[index])  # type: ignore[union-attr]


def _of_face(name: str) -> Callable[[Subject], Any]:
    return lambda subject: None if subject.face is None else getattr(subject.face, name)


def _foreign(name: str) -> Callable[[Affect], Any]:
    return lambda affect: affect.extra.get(name)


def _of_voice(subject: Subject) -> Affect | None:
    return None if subject.voice is None else subject.voice.affect


GROUPS: tuple[Group, ...] = (
    Group("place", lambda subject: subject, (
        Column("recording", "text", "", "name of the recording within the job, as its files are called",
               _field("recording")),
        Column("source", "text", "", "file it was read from", lambda subject: text_name(subject.source)),
        Column("frame", "whole", "", "number of the frame, picture or window of sound, from 0", _field("frame")),
        Column("time", "seconds", "s", "position in the recording; 0 for still pictures; end of a window of sound",
               _field("time")),
    )),
    Group("face", lambda subject: subject if subject.face is not None else None, (
        Column("face", "whole", "", "number of the face, the same from frame to frame while it is followed, new after "
               "a cut; of a still picture its place; missing in a frame without a face", _field("number")),
        *(Column(name, "float", "px", f"{what} edge of the box, pixels of the upright frame", _box(i))
          for i, (name, what) in enumerate(zip(("x0", "y0", "x1", "y1"), ("left", "upper", "right", "lower"),
                                               strict=True))),
        _share("score", "score of the last detection", lambda subject: subject.face.score),
    )),
    Group("affect", _of_face("affect"), _affect_columns("", "of the face, smoothed over time", complete=True)),
    Group("raw", _of_face("raw"), _affect_columns("raw_", "of this frame alone, calibrated, not smoothed",
                                                  complete=True)),
    Group("cues", _of_face("cues"), (
        *_angle("head_yaw", "head_pose.yaw", "head; positive turns to the image's right"),
        *_angle("head_pitch", "head_pose.pitch", "head; positive turns up"),
        *_angle("head_roll", "head_pose.roll", "head; positive leans clockwise as seen in the image"),
        *_angle("gaze_yaw", "gaze.yaw", "look, head and eyes together; positive to the image's right"),
        *_angle("gaze_pitch", "gaze.pitch", "look; positive up"),
        _share("looking_at_camera", "probability that the look meets the camera", _in_cues("looking_at_camera")),
        *_with_std("eyes_open", "0 closed, 1 open"),
        *_with_std("mouth_open", "0 closed, 1 open"),
        _share("speaking", "probability that the mouth moved as in speech over the last second", _in_cues("speaking")),
        _share("nod", "nodding over the last moments", _extra("nod")),
        _share("shake", "shaking of the head, likewise", _extra("shake")),
        Column("blink_rate", "float", "1/min", "blinks over the last minute", _extra("blink_rate")),
        _share("eyes_closed_share", "share of the last minute with closed eyes", _extra("eyes_closed_share")),
        _share("is_heard", "probability that the voice heard is this face's", _extra("speaker")),
    )),
    Group("action_units", _of_face("cues"), tuple(
        column
        for unit in ACTION_UNITS
        for column in (
            _share(f"AU{unit.number}", f"{unit.name}, derived from blendshapes, coded by nobody",
                   _mapped("action_units", unit.number)),
            _share(f"AU{unit.number}_std", "its standard deviation", _mapped_std("action_units", unit.number)),
        )
    )),
    Group("blendshapes", _of_face("cues"), tuple(
        _share(f"blend_{name}", f"blendshape {name}; left and right are the person's own", _mapped("blendshapes", name))
        for name in BLENDSHAPES
    )),
    Group("landmarks", _of_face("cues"), tuple(
        Column(f"{axis}_{index}", "float", "px", f"landmark {index} of 68, iBUG order, pixel centres at +0.5",
               _point(index, "xy".index(axis)))
        for axis in "xy" for index in range(68)
    )),
    Group("voice", _field("voice"), (
        Column("voice_start", "seconds", "s", "begin of the last window of sound before this frame",
               lambda voice: voice.window[0]),
        Column("voice_end", "seconds", "s", "its end", lambda voice: voice.window[1]),
        Column("voice_speech", "flag", "", "whether somebody speaks in it", _field("is_speech")),
        Column("voice_level", "float", "dBFS", "its level", _field("level_dbfs")),
    )),
    Group("voice_affect", _of_voice, (
        *_affect_columns("voice_", "of the voice"),
        *(_share(f"voice_p_{name}", f"probability of {name}", _foreign(name))
          for name in VOICE_ANCHORS),
    )),
    Group("speaker", lambda subject: None if subject.face is None or subject.voice is None else subject, (
        Column("is_speaker", "flag", "", "whether this face is known to speak",
               lambda subject: subject.speaker is not None and subject.speaker == subject.face.track_id),
    )),
    Group("fused", _of_face("fused"), _affect_columns("fused_", "of face and voice together")),
    Group("agreement", _field("face"), (
        _share("agreement", "how well face and voice fit together; missing where either is silent or unsure",
               _field("agreement")),
        Column("disagreement", "text", "", "on which side they differ", _field("disagreement")),
    )),
)  # fmt: skip
"""All groups, in the order of their columns."""

_CUES = ("cues", "action_units", "blendshapes", "landmarks")
_EXTRA = ("raw", "blendshapes", "landmarks")
_SOUND = ("voice", "voice_affect", "speaker", "fused", "agreement")


def groups_of(extra: Sequence[str], *, cues: bool, sound: bool, affect: bool = True) -> tuple[Group, ...]:
    """The groups of a job.

    Args:
        extra: those on request.
        cues: whether cues are read.
        sound: whether voices are heard.
        affect: whether affect is read.
    """

    def is_wanted(name: str) -> bool:
        if name in _EXTRA and name not in extra:
            return False
        if name in ("affect", "raw"):
            return affect
        return cues if name in _CUES else sound if name in _SOUND else True

    return tuple(group for group in GROUPS if is_wanted(group.name))


def columns_of(groups: Sequence[Group]) -> tuple[Column, ...]:
    """Columns of some groups, in order."""
    return tuple(column for group in groups for column in group.columns)


def row_of(groups: Sequence[Group], subject: Subject) -> list[Any]:
    """Values of one row, in the order of `columns_of`; NaN becomes None."""
    row: list[Any] = []
    for group in groups:
        part = group.part(subject)
        if part is None:
            row += [None] * len(group.columns)
            continue
        for column in group.columns:
            value = column.read(part)
            row.append(None if value is None or value != value else value)
    return row


EVENT_COLUMNS: tuple[Column, ...] = (
    Column("recording", "text", "", "name of the recording", lambda pair: pair[0]),
    Column("id", "whole", "", "number of the event within the recording, in the order of its start",
           lambda pair: pair[1].id),
    Column("event", "text", "", "name of the rule, such as smile", lambda pair: pair[1].name),
    Column("face", "whole", "", "number of the face", lambda pair: pair[1].track_id),
    Column("start", "seconds", "s", "when the signal passed the rule's start", lambda pair: pair[1].start),
    Column("end", "seconds", "s", "when the signal, or its face, was last past the rule's stop",
           lambda pair: pair[1].end),
    Column("peak", "float", "of the signal", "signal at its furthest", lambda pair: pair[1].peak),
)  # fmt: skip
"""One row per event, read from (recording, the event's end)."""

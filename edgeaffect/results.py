"""What comes out: frozen results with units, plain JSON, one schema version.

Coordinates are pixels of the frame that was given, xyxy, pixel centres at +0.5. Times are seconds.
The JSON Schema of `Result.to_dict()` is `edgeaffect/result.schema.json`. Results are compared by identity: they hold
arrays, which have no one truth value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._fields import Fields
from ._json import load_json, plain
from ._names import text_name
from .affect import Affect
from .cues import Cues
from .heard import CLOCKS, Voice

__all__ = ["RESULT_SCHEMA", "Affect", "Cues", "Face", "Faces", "Result", "Voice"]

RESULT_SCHEMA = "edgeaffect.result/1"
# Most characters of a line that is read; a face with all its cues takes 25,000.
_LONGEST_LINE = 64 << 20
# Fields of `Faces`, and the shape of what they hold of one face.
_ROWS: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("boxes", (4,)),
    ("scores", ()),
    ("landmarks", (5, 2)),
    ("track_ids", ()),
)


@dataclass(frozen=True, repr=False, eq=False)
class Face:
    """One face in one frame."""

    box: NDArray[np.float32]
    """[4] x0, y0, x1, y1."""
    score: float
    """Detector's score, 0..1, of the last detection."""
    landmarks: NDArray[np.float32]
    """[5, 2]: image-left eye, image-right eye, nose tip, image-left and image-right corner of the mouth."""
    track_id: int | None = None
    affect: Affect | None = None
    """Smoothed over the track; None while this face has not been analysed yet."""
    raw: Affect | None = None
    """This frame's own output, calibrated, not smoothed; None in frames where this face was not analysed."""
    cues: Cues | None = None
    """What the face does, smoothed over the track; None while it has not been read, or without `cues=True`."""
    raw_cues: Cues | None = None
    """This frame's own cues; None in frames where this face was not read."""
    fused: Affect | None = None
    """`affect` and the affect of the voice together; None where the voice is not known to be this face's."""
    agreement: float | None = None
    """How well face and voice fit together, 0 to 1; None when either side is missing, silent or unsure."""
    disagreement: str | None = None
    """On which side they differ, such as "face positive, voice tense"; None where they do not."""

    @property
    def label(self) -> str | None:
        """Label of `affect`."""
        return self.affect.label if self.affect else None

    @property
    def probability(self) -> float | None:
        """Probability of that label."""
        return self.affect.confidence if self.affect else None

    def __repr__(self) -> str:
        x0, y0, x1, y1 = (round(float(v)) for v in self.box)
        return f"Face(id {self.track_id}, [{x0} {y0} {x1} {y1}], score {self.score:.2f}, {self.affect!r})"

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Face:
        """Inverse of `to_dict`; null numbers are NaN. Errors as for `Result.from_json`."""
        return cls.from_fields(Fields(data, "face"))

    @classmethod
    def from_fields(cls, fields: Fields) -> Face:
        """`from_dict`, for a face inside of something else."""
        return cls(
            box=fields.array("box", 4),
            score=fields.share("score"),
            landmarks=fields.array("landmarks", 5, 2),
            track_id=None if fields.is_null("track_id") else fields.count("track_id", 1),
            affect=fields.optional("affect", Affect.from_fields),
            raw=fields.optional("raw", Affect.from_fields),
            cues=fields.optional("cues", Cues.from_fields),
            raw_cues=fields.optional("raw_cues", Cues.from_fields),
            fused=fields.added("fused", lambda: fields.optional("fused", Affect.from_fields)),
            agreement=fields.added("agreement", lambda: fields.share("agreement")),
            disagreement=fields.added("disagreement", lambda: fields.text("disagreement")),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "track_id": self.track_id,
            "box": plain(self.box),
            "score": plain(self.score),
            "landmarks": plain(self.landmarks),
            "label": self.label,
            "probability": plain(self.probability),
            "affect": self.affect.to_dict() if self.affect else None,
            "raw": self.raw.to_dict() if self.raw else None,
            "cues": plain(self.cues.to_dict()) if self.cues else None,
            "raw_cues": plain(self.raw_cues.to_dict()) if self.raw_cues else None,
            "fused": self.fused.to_dict() if self.fused else None,
            "agreement": plain(self.agreement),
            "disagreement": self.disagreement,
        }


@dataclass(frozen=True, repr=False, eq=False)
class Faces:
    """Detections as a struct of arrays."""

    boxes: NDArray[np.float32]
    """[n, 4] xyxy."""
    scores: NDArray[np.float32]
    """[n], descending when they come from the detector."""
    landmarks: NDArray[np.float32]
    """[n, 5, 2]."""
    track_ids: NDArray[np.int64] | None = None
    """[n] or None before tracking."""

    def __post_init__(self) -> None:
        n = len(self.boxes)
        for name, row in _ROWS:
            value, shape = getattr(self, name), (n, *row)
            if value is None and name == "track_ids":
                continue
            if not isinstance(value, np.ndarray):
                raise TypeError(f"{name} must be a NumPy array of shape {shape}, got {type(value).__name__}")
            if value.shape != shape:
                raise ValueError(f"{name} needs shape {shape}, got {value.shape}")

    @classmethod
    def empty(cls) -> Faces:
        """No face."""
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros((0, 5, 2), np.float32))

    def __len__(self) -> int:
        return len(self.boxes)

    def __getitem__(self, index: Any) -> Faces:
        """Faces at an integer, slice, integer array or boolean mask; always a `Faces`."""
        rows = np.atleast_1d(np.arange(len(self))[index])
        ids = None if self.track_ids is None else self.track_ids[rows]
        return Faces(self.boxes[rows], self.scores[rows], self.landmarks[rows], ids)

    def __iter__(self) -> Iterator[Faces]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"Faces({len(self)})"


@dataclass(frozen=True, repr=False, eq=False)
class Result:
    """Everything perceived at one moment of one source."""

    source: str
    frame_index: int
    """Number of the frame among the source's own, dropped ones counted."""
    timestamp: float
    """Seconds on `clock`."""
    clock: str
    """`monotonic` (live source), `media` (position in a file) or `user` (given to `process`)."""
    wall_time: float
    """Seconds since 1970 when the frame was taken over."""
    size: tuple[int, int]
    """Width, height of the frame."""
    faces: tuple[Face, ...]
    dropped_frames: int = 0
    """Frames the source produced that were never processed, since its start: overwritten ones of a live source, those
    above `max_fps`, those that `on_time_jump="drop"` left out."""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds of the stages that ran: `detect`, `turn`, `track`, `crop`, `affect`, `smooth`, and `total`; dotted
    names are parts of the stage before the dot. `capture` came before `total` began, in the thread of a live source."""
    models: Mapping[str, str] = field(default_factory=dict)
    """Stage -> name and version of the model."""
    voice: Voice | None = None
    """What was heard last before this frame; None without `voice=True`, and before the first window of sound."""
    speaker: int | None = None
    """Track id of the face that speaks; None where no face in view is known to."""
    schema: str = RESULT_SCHEMA

    def __repr__(self) -> str:
        return f"Result({self.source} #{self.frame_index} t={self.timestamp:.3f}s, {list(self.faces)})"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as the JSON Schema describes them."""
        own = {
            "source": text_name(self.source),
            "faces": [face.to_dict() for face in self.faces],
            "voice": self.voice.to_dict() if self.voice else None,
        }
        names = ["schema", *(name for name in self.__dataclass_fields__ if name != "schema")]
        return {name: own[name] if name in own else plain(getattr(self, name)) for name in names}

    def to_json(self, *, compact: bool = False) -> str:
        """One line of JSON, no NaN; `compact`: the short form of `to_compact`."""
        values = self.to_compact() if compact else self.to_dict()
        return json.dumps(values, allow_nan=False, separators=(",", ":"))

    def to_compact(self) -> dict[str, Any]:
        """What most programs want of each face: id, box, label, probability, valence, arousal, whether it is sure.

        With a voice also what it says in the same words, and who speaks.
        """
        short: dict[str, Any] = {
            "source": text_name(self.source),
            "frame": self.frame_index,
            "time": plain(self.timestamp),
            "faces": [
                {
                    "id": face.track_id,
                    "box": [round(float(value), 1) for value in face.box],
                    **_short(face.affect),
                }
                for face in self.faces
            ],
        }
        if self.voice is not None:
            short["voice"] = {"speech": self.voice.is_speech, **_short(self.voice.affect)}
            short["speaker"] = self.speaker
        return short

    @classmethod
    def from_json(cls, text: str | bytes) -> Result:
        """Read a line that `to_json` wrote (not the short form). Fields that are not known are left out.

        Raises:
            ValueError: not JSON, another schema, or a field is missing, of a wrong kind or shape, or outside its range;
                the message names it.
        """
        try:
            data = load_json(text, limit=_LONGEST_LINE, finite=False)
        except ValueError as error:
            raise ValueError(f"a result is one JSON object a line: {error}") from error
        return cls.from_dict(data)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Result:
        """Inverse of `to_dict`; errors as for `from_json`."""
        fields = Fields(data, "result")
        fields.choice("schema", (RESULT_SCHEMA,))
        return cls(
            source=fields.text("source"),
            frame_index=fields.count("frame_index"),
            timestamp=fields.seconds("timestamp"),
            clock=fields.choice("clock", CLOCKS),
            wall_time=fields.seconds("wall_time"),
            size=fields.size("size"),
            faces=fields.objects("faces", Face.from_fields),
            dropped_frames=fields.count("dropped_frames"),
            timings_ms=fields.numbers("timings_ms", 0),
            models=fields.texts("models"),
            voice=fields.added("voice", lambda: fields.optional("voice", Voice.from_fields)),
            speaker=fields.added("speaker", lambda: fields.count("speaker", 1)),
        )


def _short(affect: Affect | None) -> dict[str, Any]:
    """An affect in the compact form."""
    return {
        "label": None if affect is None else affect.label,
        "probability": None if affect is None else round(affect.confidence, 4),
        "valence": None if affect is None else plain(round(affect.valence, 4)),
        "arousal": None if affect is None else plain(round(affect.arousal, 4)),
        "sure": affect is not None and affect.is_sure,
    }

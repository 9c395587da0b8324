"""What comes out: frozen results with units, plain JSON, one schema version.

Coordinates are pixels of the frame that was given, xyxy, pixel centres at +0.5. Times are seconds.
The JSON Schema of `Result.to_dict()` is `edgeaffect/result.schema.json`. Results are compared by identity: they hold
arrays, which have no one truth value.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .circumplex import EMOTIONS
from .cues import Cues

RESULT_SCHEMA = "edgeaffect.result/1"


def _json(value: Any) -> Any:
    """Plain JSON values; NaN and infinities become null. The commonest kinds come first: this runs on every frame."""
    if isinstance(value, (float, np.floating)):
        return round(float(value), 6) if math.isfinite(value) else None
    if value is None or isinstance(value, (str, int)):  # bool is an int
        return value
    if isinstance(value, np.ndarray):
        return _json(value.tolist())
    if isinstance(value, (list, tuple)):
        return [_json(v) for v in value]
    if isinstance(value, Mapping):
        return {str(k): _json(v) for k, v in value.items()}
    if isinstance(value, (np.integer, np.bool_)):
        return value.item()
    return value


def entropy(distribution: NDArray[np.floating[Any]]) -> float:
    """Shannon entropy in nats divided by ln(n): 0 = certain, 1 = uniform."""
    values = distribution.tolist()  # of a handful of numbers NumPy would take three times as long
    return float(sum(-p * math.log(p) for p in values if p > 0) / math.log(len(values)))


@dataclass(frozen=True, repr=False, eq=False)
class Affect:
    """Affect of one face (or one window of voice)."""

    probabilities: NDArray[np.float32]
    """[8] posterior of the majority label, in `circumplex.EMOTIONS` order."""
    votes: NDArray[np.float32]
    """[8] expected share of raters who would choose each emotion."""
    label: str
    """Most probable label; with smoothing, after hysteresis."""
    confidence: float
    """Probability of `label`."""
    entropy: float
    """Of `votes`, 0 (all raters agree) to 1 (uniform)."""
    valence: float
    arousal: float
    dominance: float
    """Each in [-1, 1]."""
    valence_std: float
    arousal_std: float
    dominance_std: float
    va_source: str
    """`derived` (from votes by anchors) or `rated` (a head trained on human ratings)."""
    quality: float
    """0..1: share of raters who would see a usable face; NaN when the model does not say."""
    is_sure: bool
    """False = abstain: confidence or quality is below the options' thresholds, or `calibrated` is False."""
    extra: Mapping[str, float] = field(default_factory=dict)
    """Probabilities of labels outside the canonical eight, under their own names."""
    calibrated: bool | None = None
    """Whether `probabilities` (of `raw`) were fitted to faces with known labels; None where the model does not say."""

    def __post_init__(self) -> None:
        for name in ("probabilities", "votes"):
            if getattr(self, name).shape != (len(EMOTIONS),):
                raise ValueError(f"{name} needs shape ({len(EMOTIONS)},), got {getattr(self, name).shape}")

    def probability(self, label: str) -> float:
        """Probability of one label, also of those in `extra`.

        Raises:
            KeyError: no such label; the message lists them.
        """
        if label in EMOTIONS:
            return float(self.probabilities[EMOTIONS.index(label)])
        if label in self.extra:
            return float(self.extra[label])
        raise KeyError(f"no label {label!r}: choose {', '.join((*EMOTIONS, *self.extra))}")

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Affect:
        """Inverse of `to_dict`; null is NaN."""
        no_numbers = ("label", "va_source", "calibrated")
        values: dict[str, Any] = {
            name: math.nan if data[name] is None and name not in no_numbers else data[name]
            for name in cls.__dataclass_fields__
        }
        for name in ("probabilities", "votes"):
            values[name] = np.array([data[name][emotion] for emotion in EMOTIONS], np.float32)
        return cls(**values)

    def __repr__(self) -> str:
        sure = "" if self.is_sure else ", unsure"
        return f"Affect({self.label} {self.confidence:.2f}, V {self.valence:+.2f}, A {self.arousal:+.2f}{sure})"

    def to_dict(self) -> dict[str, Any]:
        """Plain values; distributions by name."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        values["probabilities"] = dict(zip(EMOTIONS, self.probabilities.tolist(), strict=True))
        values["votes"] = dict(zip(EMOTIONS, self.votes.tolist(), strict=True))
        plain: dict[str, Any] = _json(values)
        return plain


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
        """Inverse of `to_dict`."""
        affect, raw, cues, raw_cues = data["affect"], data["raw"], data["cues"], data["raw_cues"]
        return cls(
            box=np.array(data["box"], np.float32),
            score=math.nan if data["score"] is None else float(data["score"]),
            landmarks=np.array(data["landmarks"], np.float32),
            track_id=data["track_id"],
            affect=None if affect is None else Affect.from_dict(affect),
            raw=None if raw is None else Affect.from_dict(raw),
            cues=None if cues is None else Cues.from_dict(cues),
            raw_cues=None if raw_cues is None else Cues.from_dict(raw_cues),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "track_id": self.track_id,
            "box": _json(self.box),
            "score": _json(self.score),
            "landmarks": _json(self.landmarks),
            "label": self.label,
            "probability": _json(self.probability),
            "affect": self.affect.to_dict() if self.affect else None,
            "raw": self.raw.to_dict() if self.raw else None,
            "cues": _json(self.cues.to_dict()) if self.cues else None,
            "raw_cues": _json(self.raw_cues.to_dict()) if self.raw_cues else None,
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
        wanted = {"boxes": (n, 4), "scores": (n,), "landmarks": (n, 5, 2), "track_ids": (n,)}
        for name, shape in wanted.items():
            value = getattr(self, name)
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
    """Of the source's own frames, dropped ones counted."""
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
    """Frames the source produced that were never processed, since its start."""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds of the stages that ran: `detect`, `track`, `crop`, `affect`, `smooth`, and `total`; dotted names are
    parts of the stage before the dot. `capture` came before `total` began, in the thread of a live source."""
    models: Mapping[str, str] = field(default_factory=dict)
    """Stage -> name and version of the model."""
    schema: str = RESULT_SCHEMA

    def __repr__(self) -> str:
        return f"Result({self.source} #{self.frame_index} t={self.timestamp:.3f}s, {list(self.faces)})"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as the JSON Schema describes them."""
        plain = {"faces": [face.to_dict() for face in self.faces]}
        names = ["schema", *(name for name in self.__dataclass_fields__ if name != "schema")]
        return {name: plain[name] if name in plain else _json(getattr(self, name)) for name in names}

    def to_json(self, *, compact: bool = False) -> str:
        """One line of JSON, no NaN; `compact`: the short form of `to_compact`."""
        values = self.to_compact() if compact else self.to_dict()
        return json.dumps(values, allow_nan=False, separators=(",", ":"))

    def to_compact(self) -> dict[str, Any]:
        """What most programs want of each face: id, box, label, probability, valence, arousal, whether it is sure."""
        return {
            "source": self.source,
            "frame": self.frame_index,
            "time": _json(self.timestamp),
            "faces": [
                {
                    "id": face.track_id,
                    "box": [round(float(value), 1) for value in face.box],
                    "label": face.label,
                    "probability": None if face.affect is None else round(face.affect.confidence, 4),
                    "valence": None if face.affect is None else _json(round(face.affect.valence, 4)),
                    "arousal": None if face.affect is None else _json(round(face.affect.arousal, 4)),
                    "sure": face.affect is not None and face.affect.is_sure,
                }
                for face in self.faces
            ],
        }

    @classmethod
    def from_json(cls, text: str | bytes) -> Result:
        """Read a line that `to_json` wrote (not the short form).

        Raises:
            ValueError: not JSON, another schema, or a field is missing or wrong; the message names it.
        """
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"a result is one JSON object a line: {error}") from error
        return cls.from_dict(data)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Result:
        """Inverse of `to_dict`; errors as for `from_json`."""
        if not isinstance(data, Mapping) or data.get("schema") != RESULT_SCHEMA:
            found = data.get("schema") if isinstance(data, Mapping) else type(data).__name__
            raise ValueError(f"a result has the schema {RESULT_SCHEMA!r}; got {found!r}")
        try:
            values = {name: data[name] for name in cls.__dataclass_fields__}
            values["faces"] = tuple(Face.from_dict(face) for face in data["faces"])
            values["size"] = tuple(data["size"])
            return cls(**values)
        except KeyError as error:
            raise ValueError(f"the result lacks {error.args[0]!r}") from error
        except (TypeError, AttributeError) as error:
            raise ValueError(f"the result has a field of a wrong kind: {error}") from error

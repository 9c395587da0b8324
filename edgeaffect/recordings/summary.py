"""`Summary`: one recording in a few numbers, as a whole and for each face."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from ..circumplex import DIMENSIONS, EMOTIONS
from ..events import Event
from .columns import Column, Subject

_CUT = 0.5
"""Probability from which on a face counts as looking, or speaking."""


def _column(name: str, kind: str, unit: str, text: str) -> Column:
    return Column(name, kind, unit, text, lambda row: row.get(name))


SUMMARY_COLUMNS: tuple[Column, ...] = (
    _column("recording", "text", "", "name of the recording"),
    _column("source", "text", "", "file, or folder of pictures"),
    _column("kind", "text", "", "film, sound or pictures"),
    _column("face", "whole", "", "number of the face; missing: the recording as a whole, with all its faces"),
    _column("rows", "whole", "", "rows of the table that are about it; of the whole: frames, pictures or windows"),
    _column("first", "seconds", "s", "time of the first of them"),
    _column("last", "seconds", "s", "time of the last"),
    _column("faces", "whole", "", "faces that were followed, or seen in still pictures; of the whole only"),
    _column("face_share", "float", "0..1", "share of the rows with a face; of the whole only"),
    _column("label", "text", "", "commonest label"),
    _column("sure_share", "float", "0..1", "share of the rows with a face that are sure"),
    *(_column(f"p_{name}", "float", "0..1", f"mean probability of {name}") for name in EMOTIONS),
    *(
        column
        for name in DIMENSIONS
        for column in (
            _column(f"{name}_mean", "float", "-1..1", f"mean {name}"),
            _column(f"{name}_sd", "float", "-1..1", "its standard deviation over time (n - 1)"),
        )
    ),
    _column("looking_share", "float", "0..1", "share of the rows with `looking_at_camera` of 0.5 or more"),
    _column("speaking_share", "float", "0..1", "share of the rows with `speaking` of 0.5 or more"),
    _column("agreement_mean", "float", "0..1", "mean agreement of face and voice"),
    _column("speech_share", "float", "0..1", "share of the rows with speech in the last window of sound"),
    _column("events", "text", "JSON", "number of events by name"),
)


@dataclass
class _Mean:
    """Running mean and spread (Welford 1962)."""

    count: int = 0
    mean: float = 0.0
    _squares: float = 0.0

    def add(self, value: float | None) -> None:
        if value is None or value != value:
            return
        self.count += 1
        step = value - self.mean
        self.mean += step / self.count
        self._squares += step * (value - self.mean)

    @property
    def value(self) -> float | None:
        return self.mean if self.count else None

    @property
    def sd(self) -> float | None:
        return sqrt(self._squares / (self.count - 1)) if self.count > 1 else None


@dataclass
class _Part:
    """One face, or all."""

    rows: int = 0
    first: float | None = None
    last: float | None = None
    labels: Counter[str] = field(default_factory=Counter)
    means: dict[str, _Mean] = field(default_factory=dict)

    def moment(self, time: float) -> None:
        self.rows += 1
        self.first = time if self.first is None else self.first
        self.last = time

    def add(self, name: str, value: float | None) -> None:
        self.means.setdefault(name, _Mean()).add(value)

    def face(self, subject: Subject) -> None:
        face = subject.face
        if face is None:
            return
        if face.affect is not None:
            affect = face.affect
            self.labels[affect.label] += 1
            self.add("sure_share", float(affect.is_sure))
            for name, value in zip(EMOTIONS, affect.probabilities.tolist(), strict=True):
                self.add(f"p_{name}", value)
            for name in DIMENSIONS:
                self.add(name, float(getattr(affect, name)))
        if face.cues is not None:
            self.add("looking_share", float(face.cues.looking_at_camera >= _CUT))
            speaking = face.cues.speaking
            self.add("speaking_share", None if speaking is None else float(speaking >= _CUT))
        self.add("agreement_mean", face.agreement)

    def voice(self, subject: Subject) -> None:
        if subject.voice is not None:
            self.add("speech_share", float(subject.voice.is_speech))

    def to_dict(self) -> dict[str, Any]:
        values: dict[str, Any] = {"rows": self.rows, "first": self.first, "last": self.last}
        # Of equally common labels the first by name: the order of rows must not decide.
        values["label"] = min(self.labels, key=lambda name: (-self.labels[name], name)) if self.labels else None
        for name, mean in self.means.items():
            if name in DIMENSIONS:
                values[f"{name}_mean"], values[f"{name}_sd"] = mean.value, mean.sd
            else:
                values[name] = mean.value
        return values


class Summary:
    """Takes the rows of a recording's table, in order.

    Args:
        recording: its name.
        source: its file or folder.
        kind: `film`, `sound` or `pictures`.
    """

    def __init__(self, recording: str, source: str, kind: str) -> None:
        self._head = {"recording": recording, "source": source, "kind": kind}
        self._whole, self._faces = _Part(), dict[int, _Part]()
        self._is_still = kind == "pictures"
        self._seen = 0

    def frame(self, subjects: Sequence[Subject]) -> None:
        """The rows of one frame; one without a face is one row."""
        first = subjects[0]
        self._whole.moment(first.time)
        self._whole.voice(first)
        self._whole.add("face_share", float(first.face is not None))
        for subject in subjects:
            if subject.face is None:
                continue
            self._seen += 1
            self._whole.face(subject)
            if subject.number is not None and not self._is_still:
                part = self._faces.setdefault(subject.number, _Part())
                part.moment(subject.time)
                part.face(subject)
                part.voice(subject)

    def rows(self, events: Sequence[Event]) -> list[dict[str, Any]]:
        """One row for the whole, and one for each face of a film."""
        seen = self._seen if self._is_still else len(self._faces)
        whole = {**self._head, "face": None, **self._whole.to_dict(), "faces": seen}
        rows = [{**whole, "events": _counts(events)}]
        for number, part in sorted(self._faces.items()):
            own = [event for event in events if event.track_id == number]
            rows.append({**self._head, "face": number, **part.to_dict(), "events": _counts(own)})
        return rows


def _counts(events: Sequence[Event]) -> str:
    return json.dumps(dict(sorted(Counter(event.name for event in events).items())))

"""`SpeakerFinder`: whose mouth moves with the voice.

The features of `lip_sync` go through a small network (`speaker.json`, made by training/voice/speaks.py on rendered
faces). A face is the speaker only when its own mouth fits the sound: one face in view and a voice off screen is not
that face's voice.
"""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .._checks import check, is_number
from ..cues import Cues
from ..options import SpeakerOptions
from ..results import Face
from .lip_sync import FEATURES, LAGS, STEP, features, loudness
from .protocols import Speech

Array = NDArray[np.float64]

CONSTANTS = Path(__file__).with_name("speaker.json")

# Pairs of points of the inner lips that lie above each other, iBUG order.
_INNER_LIPS = ((61, 67), (62, 66), (63, 65))
# What a whole `jawOpen` counts as an opening of the lips, in distances between the eyes: both are read by the same
# network and err in different ways.
_JAW = 0.4
_LONGEST_GAP = 0.35  # seconds between two looks over which a mouth is interpolated
_MOST_LOOKS = 2048
_HISTORY = 5.0  # seconds over which the loudest speech is looked for
_LEAST_SPEECH = 0.24  # seconds of speech in the window before anything is told
_LATE = 1.0  # seconds that sound may lag behind the picture


@dataclass(frozen=True)
class Mouth:
    """What a mouth does at one moment."""

    jaw: float
    """`jawOpen`, 0..1."""
    gap: float
    """Between the inner lips, in distances between the eyes' outer corners."""
    width: float
    """Between the mouth's corners, likewise."""

    def __post_init__(self) -> None:
        for name in ("jaw", "gap", "width"):
            check(is_number(getattr(self, name)), f"mouth.{name}", getattr(self, name), "a finite number")

    @property
    def opening(self) -> float:
        """Lips and jaw in one number, in distances between the eyes."""
        return self.gap + _JAW * self.jaw

    @classmethod
    def of(cls, cues: Cues) -> Mouth:
        """The mouth of one reading of cues.

        Raises:
            ValueError: a point or `mouth_open` is not finite.
        """
        points = cues.landmarks68
        eyes = max(math.dist(points[36].tolist(), points[45].tolist()), 1e-3)
        gaps = (math.dist(points[upper].tolist(), points[lower].tolist()) for upper, lower in _INNER_LIPS)
        width = math.dist(points[48].tolist(), points[54].tolist())
        return cls(cues.mouth_open, sum(gaps) / len(_INNER_LIPS) / eyes, width / eyes)


@dataclass(frozen=True)
class Speakers:
    """Who speaks at one moment."""

    probability: Mapping[int, float]
    """Track id -> probability that this face is the one heard; only faces that can be told, and none in silence."""
    speaker: int | None
    """Track id of the speaker after hysteresis; None where nobody in view is known to speak."""


@dataclass
class _Track:
    """What is remembered of one face."""

    looks: deque[tuple[float, float, float]] = field(default_factory=lambda: deque(maxlen=_MOST_LOOKS))
    """(time, opening, width)."""
    told: float = -math.inf
    """When the probability was worked out."""
    probability: float | None = None
    above: float | None = None
    """Since when it is at `start` or more."""
    below: float | None = None
    """Since when it is below `stop`."""


class SpeakerFinder:
    """Compares the mouths of one camera's faces with one sound. Memory is bounded by the window and the faces.

    Sound and looks may come in any order and any chunks, each in the order of its own time, on one clock.

    Args:
        options: window, thresholds with hysteresis in seconds.
    """

    def __init__(self, options: SpeakerOptions | None = None) -> None:
        self.options = options or SpeakerOptions()
        self._cells = round(self.options.window / STEP)
        self.reset()

    def reset(self) -> None:
        """Forget faces and sound."""
        self._tracks: dict[int, _Track] = {}
        self._heard_until = -math.inf
        self._seen_until = -math.inf
        # Cells of sound from `_first` on: sums of level and of speech probability, and how many frames they hold.
        self._first = 0
        self._sound = np.zeros((0, 3))
        self._speaker: int | None = None
        self._told = Speakers({}, None)

    @property
    def probability(self) -> Mapping[int, float]:
        """`Speakers.probability` of the last answer."""
        return self._told.probability

    def hear(self, speech: Speech) -> None:
        """Take over speech that is new since the last call; any chunking gives the same answers.

        Raises:
            ValueError: not [n] values each, times that do not increase, or a value that is not finite.
        """
        times, level = np.asarray(speech.times, np.float64), np.asarray(speech.level_dbfs, np.float64)
        probability = np.asarray(speech.probability, np.float64)
        if not times.ndim == 1 or not times.shape == level.shape == probability.shape:
            raise ValueError(f"speech needs [n] values each; got {times.shape}, {probability.shape}, {level.shape}")
        if not len(times):
            return
        if not all(np.isfinite(values).all() for values in (times, level, probability)):
            raise ValueError("times, probability and level_dbfs of speech must be finite; got NaN or infinity")
        if times[0] <= self._heard_until or (np.diff(times) <= 0).any():
            raise ValueError(f"times of speech must increase: got {times[0]} after {self._heard_until}")
        self._heard_until = float(times[-1])
        cells = np.floor(times / STEP).astype(np.int64)
        if not len(self._sound) or cells[0] - self._first > len(self._sound) + self._kept:
            self._first, self._sound = int(cells[0]), np.zeros((0, 3))  # a long silence of the line: nothing fits it
        self._first, self._sound = self._grown(int(cells[-1]))
        keep = cells >= self._first
        np.add.at(self._sound, cells[keep] - self._first, np.stack([level, probability, np.ones(len(level))], 1)[keep])

    @property
    def _kept(self) -> int:
        """Most cells of sound that are kept."""
        return round((self.options.window + _HISTORY + _LATE) / STEP) + len(LAGS)

    def _grown(self, last: int) -> tuple[int, Array]:
        """First cell and cells, with room for cell `last` and without those that are too old."""
        first = max(self._first, last + 1 - self._kept)
        grown = np.zeros((last + 1 - first, 3))
        old = self._sound[first - self._first :]
        grown[: len(old)] = old
        return first, grown

    def watch(self, track_id: int, time: float, mouth: Mouth) -> None:
        """Take over one look at one face, later than the last one of this face.

        Raises:
            ValueError: the time is not finite, or not later.
        """
        check(is_number(time), "time", time, "a finite number of seconds")
        track = self._tracks.setdefault(track_id, _Track())
        if track.looks and time <= track.looks[-1][0]:
            raise ValueError(f"times of a face must increase: got {time} after {track.looks[-1][0]}")
        track.looks.append((float(time), mouth.opening, mouth.width))
        oldest = time - self.options.window - _LATE - _LONGEST_GAP
        while track.looks[0][0] < oldest:
            track.looks.popleft()

    def see(self, timestamp: float, faces: Sequence[Face]) -> int | None:
        """`watch` every face that was read in this frame, then `read`: the speaker's track id, or None.

        Faces without a track or without `raw_cues` are passed over.
        """
        for face in faces:
            if face.track_id is not None and face.raw_cues is not None:
                self.watch(face.track_id, timestamp, Mouth.of(face.raw_cues))
        return self.read(timestamp).speaker

    def read(self, time: float) -> Speakers:
        """Who speaks at `time`, seconds on the clock of both; the window ends where sound and picture do.

        Raises:
            ValueError: the time is not finite, or earlier than at the last call.
        """
        check(is_number(time), "time", time, "a finite number of seconds")
        if time < self._seen_until:
            raise ValueError(f"times must not go back: got {time} after {self._seen_until}; call reset() first")
        self._seen_until = time
        gone = [key for key, track in self._tracks.items() if time - track.looks[-1][0] > self.options.window]
        self.forget(gone)
        if not self._is_spoken(time):
            self._speaker = None
            for track in self._tracks.values():
                track.probability, track.above, track.below, track.told = None, None, None, -math.inf
            self._told = Speakers({}, None)
            return self._told
        for track in self._tracks.values():
            self._update(track, time)
        known = {key: track.probability for key, track in self._tracks.items() if track.probability is not None}
        self._speaker = self._chosen(time, known)
        self._told = Speakers(known, self._speaker)
        return self._told

    def forget(self, track_ids: Iterable[int]) -> None:
        """Forget these faces."""
        for key in track_ids:
            self._tracks.pop(key, None)
            if self._speaker == key:
                self._speaker = None

    def _is_spoken(self, time: float) -> bool:
        """Whether there was speech within the last `pause` seconds of a sound that still comes."""
        if time - self._heard_until > _LATE:
            return False
        since = math.floor((min(time, self._heard_until) - self.options.pause) / STEP)
        recent = self._sound[max(0, since - self._first) :]
        return bool((recent[:, 1] > 0.5 * recent[:, 2]).any())

    def _update(self, track: _Track, time: float) -> None:
        """Work the probability out anew when it is due, and follow how long it has been high or low."""
        if time - track.told >= self.options.interval:
            track.told = time
            track.probability = self._probability(track, time)
        value = track.probability
        is_high = value is not None and value >= self.options.start
        is_low = value is None or value < self.options.stop
        track.above = (time if track.above is None else track.above) if is_high else None
        track.below = (time if track.below is None else track.below) if is_low else None

    def _probability(self, track: _Track, time: float) -> float | None:
        values = self._features(track, time)
        return None if values is None else probability_of(values)

    def features(self, track_id: int, time: float) -> Array | None:
        """[14] `lip_sync.features` of a face, on which its probability rests; None where `read` tells none.

        Raises:
            KeyError: no such face.
        """
        return self._features(self._tracks[track_id], time) if self._is_spoken(time) else None

    def _features(self, track: _Track, time: float) -> Array | None:
        """None where mouth or sound were not there for long enough."""
        last = math.floor(min(time, self._heard_until - LAGS.start * STEP) / STEP)
        first = last - self._cells
        opening, width = self._mouth(track, first)
        seen = np.isfinite(opening)
        if seen.sum() * STEP < self.options.least:
            return None
        level, speech = self._heard(first - (LAGS.stop - 1), self._cells + len(LAGS) - 1)
        is_speech = speech > 0.5
        if is_speech.sum() * STEP < _LEAST_SPEECH:
            return None
        history = self._sound[self._sound[:, 1] > 0.5 * self._sound[:, 2]]
        loudest = float(np.percentile(history[:, 0] / history[:, 2], 95))
        return features(opening, width, loudness(level, speech, loudest), speech)

    def _mouth(self, track: _Track, first: int) -> tuple[Array, Array]:
        """Opening and width [cells] from a cell on, between looks by straight lines; NaN where a gap is too long."""
        times, opening, width = np.array(track.looks).T
        centres = (first + np.arange(self._cells) + 0.5) * STEP
        after = np.searchsorted(times, centres)
        inside = (after > 0) & (after < len(times))
        index = np.clip(after, 1, max(len(times) - 1, 1))
        if len(times) > 1:
            inside &= times[index] - times[index - 1] <= _LONGEST_GAP
        found = [np.where(inside, np.interp(centres, times, values), np.nan) for values in (opening, width)]
        return found[0], found[1]

    def _heard(self, first: int, count: int) -> tuple[Array, Array]:
        """Level and probability of speech of so many cells from a cell on; NaN where nothing was heard."""
        index = first + np.arange(count) - self._first
        inside = (index >= 0) & (index < len(self._sound))
        cells = np.where(inside[:, None], self._sound[np.clip(index, 0, len(self._sound) - 1)], 0.0)
        frames = np.where(cells[:, 2] > 0, cells[:, 2], np.nan)
        return cells[:, 0] / frames, cells[:, 1] / frames

    def _chosen(self, time: float, known: Mapping[int, float]) -> int | None:
        """The speaker after hysteresis."""
        options = self.options
        current = self._tracks.get(self._speaker) if self._speaker is not None else None
        if current is not None and current.below is not None and time - current.below >= options.hold:
            current = None
        candidates = [
            key for key in known
            if (above := self._tracks[key].above) is not None and time - above >= options.hold
        ]  # fmt: skip
        best = max(candidates, key=known.__getitem__, default=None)
        if current is None:
            return best
        # Another face takes over only when it fits better.
        return best if best is not None and known[best] > (current.probability or 0.0) else self._speaker


@cache
def _constants() -> tuple[Array, Array, Array, Array, Array, float]:
    """Mean and scale of the features, then weights and biases of both layers."""
    data = json.loads(CONSTANTS.read_text("utf-8"))
    if tuple(data["features"]) != FEATURES:
        raise ValueError(f"{CONSTANTS.name} was made for other features: run python -m training.voice.speaks")
    mean, scale, hidden, hidden_bias, out = (
        np.array(data[name]) for name in ("mean", "scale", "hidden", "hidden_bias", "out")
    )
    return mean, scale, hidden, hidden_bias, out, float(data["out_bias"])


def probability_of(values: Array) -> float:
    """Probability that a mouth makes the sound it is compared with: a network with one hidden layer (tanh).

    Args:
        values: [14] `lip_sync.features`.
    """
    mean, scale, hidden, hidden_bias, out, out_bias = _constants()
    inner = np.tanh(((values - mean) / scale).clip(-4, 4) @ hidden + hidden_bias)
    return float(1 / (1 + np.exp(-(inner @ out + out_bias))))

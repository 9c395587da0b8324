"""Signals over time from the cues of one face: speaking, blinks, closed eyes, nod and shake. All windows are seconds.

The smallest swings of a mouth and of a head, their number, and the limits of a shut eye were chosen on people of the
training part, rendered from stills (training/cues/events.py), those of the eye also on real frames; the other constants
are round. docs/cues.md says which errors were measured.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

# Speaking: mouths open and close 2 to 7 times a second in speech (Chandrasekaran et al., PLoS Comput. Biol. 2009).
_SPEAK_SECONDS = 1.0
_SPEAK_SWING = 0.03  # smallest half swing of `mouth_open` that counts
_SPEAK_RATE = 3.0  # half swings a second at which speech is as likely as not
_SPEAK_SLOPE = 1.5
# Blinks: an eye is shut below the first value until it is above the second; most blinks last 0.1 to 0.4 s. Shut eyes
# of training clips read 0.2 to 0.6, the most open frame of each clip 0.7 and more: nobody sticks at shut.
_SHUT, _OPEN = 0.6, 0.65
_LONGEST_BLINK = 0.5
_MINUTE = 60.0
_LEAST_SECONDS = 5.0  # of observation, before a rate is told
# Nod and shake: half swings of at least so many degrees within the window. Three would do for a nod, but a look to the
# side and back can move the pitch that often.
_SWING_DEGREES = 2.25
_MOTION_SECONDS = 1.5
_HALF_SWINGS = 4  # down, up, down, up
# A longer pause between two looks starts the windows anew.
_LONGEST_GAP = 0.5


@dataclass(frozen=True)
class Signals:
    """Signals of one face at one moment."""

    speaking: float | None
    """Probability that the mouth moved as in speech over the last second; None before there is a second."""
    nod: float
    """0..1: share of a full nod (down, up, down, up) seen within the last 1.5 s."""
    shake: float
    """0..1, likewise for left, right, left, right."""
    blink_rate: float | None
    """Blinks per minute over the last minute; None before 5 s were seen."""
    eyes_closed_share: float | None
    """Share of the last minute with closed eyes; None before 5 s were seen."""


class Swings:
    """Turning points of a signal: a new one counts when the signal has moved by `threshold` since the last extreme."""

    def __init__(self, threshold: float, seconds: float) -> None:
        self._threshold, self._seconds = threshold, seconds
        self._direction = 0
        self._extreme = math.nan
        self._times: deque[float] = deque()

    def update(self, value: float, timestamp: float) -> None:
        """Take one value."""
        if math.isnan(self._extreme):
            self._extreme = value
        step = value - self._extreme
        if self._direction and step * self._direction > 0:
            self._extreme = value  # goes on in the same direction
        elif abs(step) >= self._threshold:
            self._direction = 1 if step > 0 else -1
            self._extreme = value
            self._times.append(timestamp)
        while self._times and timestamp - self._times[0] > self._seconds:
            self._times.popleft()

    @property
    def count(self) -> int:
        """Half swings within the window."""
        return len(self._times)


@dataclass
class _Track:
    """What is remembered of one face."""

    first: float
    last: float
    mouth: Swings = field(default_factory=lambda: Swings(_SPEAK_SWING, _SPEAK_SECONDS))
    pitch: Swings = field(default_factory=lambda: Swings(_SWING_DEGREES, _MOTION_SECONDS))
    yaw: Swings = field(default_factory=lambda: Swings(_SWING_DEGREES, _MOTION_SECONDS))
    shut_since: float | None = None
    blinks: deque[float] = field(default_factory=deque)
    closed: deque[tuple[float, float]] = field(default_factory=deque)
    """(end of a stretch with closed eyes, its length)."""


class CueSignals:
    """Follows the cues of every face; keyed by track id."""

    def __init__(self) -> None:
        self._tracks: dict[int, _Track] = {}

    def update(
        self, track_id: int, timestamp: float, *, mouth_open: float, eyes_open: float, yaw: float, pitch: float
    ) -> Signals:
        """Signals after one more look at a face.

        Args:
            track_id: whose face it is.
            timestamp: seconds, later than the last one of this face.
            mouth_open: 0..1.
            eyes_open: 0..1.
            yaw: of the head, degrees.
            pitch: of the head, degrees.
        """
        track = self._tracks.get(track_id)
        if track is None or timestamp - track.last > _LONGEST_GAP:
            track = self._tracks[track_id] = _Track(timestamp, timestamp)
        _close(track, eyes_open, timestamp)
        track.mouth.update(mouth_open, timestamp)
        track.pitch.update(pitch, timestamp)
        track.yaw.update(yaw, timestamp)
        track.last = timestamp
        seen = min(timestamp - track.first, _MINUTE)
        nod, shake = track.pitch.count, track.yaw.count
        return Signals(
            speaking=_speaking(track.mouth.count) if seen >= _SPEAK_SECONDS else None,
            nod=min(nod / _HALF_SWINGS, 1.0) if nod > shake else 0.0,
            shake=min(shake / _HALF_SWINGS, 1.0) if shake > nod else 0.0,
            blink_rate=len(track.blinks) * _MINUTE / seen if seen >= _LEAST_SECONDS else None,
            eyes_closed_share=_closed_seconds(track, timestamp) / seen if seen >= _LEAST_SECONDS else None,
        )

    def keep(self, track_ids: Iterable[int]) -> None:
        """Forget every face that is not among these."""
        ids = set(track_ids)
        self._tracks = {key: value for key, value in self._tracks.items() if key in ids}

    def reset(self) -> None:
        """Forget every face."""
        self._tracks.clear()


def _speaking(half_swings: int) -> float:
    """Logistic in the number of half swings of the last second."""
    return 1 / (1 + math.exp(-_SPEAK_SLOPE * (half_swings / _SPEAK_SECONDS - _SPEAK_RATE)))


def _close(track: _Track, eyes_open: float, timestamp: float) -> None:
    """Follow the lids."""
    if track.shut_since is None:
        if eyes_open < _SHUT:
            track.shut_since = timestamp
    elif eyes_open > _OPEN:
        length = timestamp - track.shut_since
        track.closed.append((timestamp, length))
        if length <= _LONGEST_BLINK:
            track.blinks.append(timestamp)
        track.shut_since = None
    start = timestamp - _MINUTE
    while track.blinks and track.blinks[0] < start:
        track.blinks.popleft()
    while track.closed and track.closed[0][0] < start:
        track.closed.popleft()


def _closed_seconds(track: _Track, timestamp: float) -> float:
    start = max(timestamp - _MINUTE, track.first)
    total = sum(min(length, end - start) for end, length in track.closed)
    return total + (timestamp - max(track.shut_since, start) if track.shut_since is not None else 0.0)

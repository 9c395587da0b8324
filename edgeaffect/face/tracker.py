"""`Tracker`: stable ids over time, and boxes and landmarks predicted for moments without a detection.

Every face is a Kalman filter with a constant-velocity model: centre (pixels), log width, log height, and the five
landmarks relative to the box. All lengths are in units of the face's own size, so one set of gains serves all of
them and a face 16 px wide is treated like one that fills the frame. Process noise is white in acceleration and
continuous in time, which makes the estimate independent of how often it is asked for.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import native
from ..image import Image
from ..options import TrackOptions
from ..results import Faces
from .patch_tracker import PatchTracker

Array = NDArray[np.float64]

# Variance of the unknown speed of a face seen for the first time, (face sizes / s)^2: walking pace close by.
_FIRST_SPEED_VARIANCE = 4.0
# Arrays of a tracker with one row per track.
_PER_TRACK = ("_ids", "_state", "_velocity", "_covariance", "_anchor", "_scores", "_time", "_seen", "_born", "_missed")
# Frame distances for which a lost face is kept at least.
_FRAMES_KEPT = 3
# Largest ratio of sides of a detection and a track that may be joined by distance alone.
_MAX_SIZE_RATIO = 1.6


class Tracker:
    """Joins detections over time.

    Give every detection to `update`, and call `predict` for frames in between. Both return the faces to report at
    that moment, with `track_ids`; ids count up from 1 and are never used twice, not even after `reset`. Given the
    frames too, `predict` looks where each face went (`options.follow_pixels`); else motion alone must tell.

    A track that a detection missed is reported for `coast` more seconds and can be found again under its id for
    `max_age` seconds. A track whose predicted centre leaves the frame ends at once.
    """

    def __init__(self, options: TrackOptions | None = None) -> None:
        self.options = options or TrackOptions()
        self._next_id = 1
        self._patches = PatchTracker()
        self.reset()

    def reset(self) -> None:
        """Forget every face."""
        self._ids = np.zeros(0, np.int64)
        self._state = np.zeros((0, 14))
        self._velocity = np.zeros((0, 14))
        # Variance of position, covariance of position and speed, variance of speed; in face sizes and seconds.
        self._covariance = np.zeros((0, 3))
        # State at the last detection, where the templates of registration were taken.
        self._anchor = np.zeros((0, 14))
        self._scores = np.zeros(0, np.float32)
        # Time of the state, and of the last detection.
        self._time = np.zeros(0)
        self._seen = np.zeros(0)
        self._born = np.zeros(0)
        self._missed = np.zeros(0, bool)
        self._now = -math.inf
        self._steps: deque[float] = deque(maxlen=3)
        self._patience = self.options.max_age
        self._patches.reset()
        self.missed: NDArray[np.bool_] = np.zeros(0, bool)
        """[n] faces returned last: True where the newest detection did not find this face."""

    def update(self, faces: Faces, timestamp: float, size: tuple[int, int], image: Image | None = None) -> Faces:
        """Take over one detection.

        Args:
            faces: what was found.
            timestamp: seconds, later than in any call before.
            size: (width, height) of the frame in pixels.
            image: the frame itself, to take templates from.
        """
        self._advance(timestamp)
        self._keep(timestamp - self._seen <= self._patience)
        predicted, boxes = self._predicted(timestamp)
        self._missed[:] = True
        measured = native.track_states(_floats(faces.boxes), _floats(faces.landmarks))
        taken = set()
        if len(boxes) and len(faces):
            aimed, chosen = predicted.copy(), np.zeros(len(boxes), bool)
            for track, detection in match(boxes, faces.boxes, self.options):
                aimed[track], chosen[track] = measured[detection], True
                self._scores[track] = faces.scores[detection]
                self._seen[track], self._missed[track] = timestamp, False
                taken.add(detection)
            self._correct(predicted, aimed, chosen, timestamp)
        for detection in range(len(faces)):
            if detection not in taken:
                self._start(measured[detection], faces.scores[detection], timestamp)
        self._anchor = self._state.copy()
        if image is not None and self.options.follow_pixels:
            seen = ~self._missed
            ids = self._ids[seen].tolist()
            self._patches.remember(image, ids, self._predicted(timestamp)[1][seen])
        return self._report(timestamp, size)

    def predict(self, timestamp: float, size: tuple[int, int], image: Image | None = None) -> Faces:
        """Faces at a moment without a detection. Arguments as for `update`."""
        self._advance(timestamp)
        options = self.options
        if image is not None and options.follow_pixels and len(self._ids):
            native.follow_tracks(
                image.pixels, *self._patches.templates, self._patches.rows(self._ids.tolist()),
                self._anchor, self._state, self._velocity, self._covariance, self._time, self._seen,
                color=image.format, now=timestamp, coast=options.coast, process_noise=options.process_noise,
                measurement_noise=options.measurement_noise,
            )  # fmt: skip
        return self._report(timestamp, size)

    def alive(self) -> set[int]:
        """Ids that may still come back."""
        return set(self._ids.tolist())

    def _advance(self, timestamp: float) -> None:
        if not timestamp > self._now:
            raise ValueError(f"timestamps must increase: got {timestamp} after {self._now}; reset() starts anew")
        if math.isfinite(self._now):
            self._steps.append(timestamp - self._now)
        self._now = timestamp
        # Frames may be further apart than `max_age`: then a face may miss a few of them all the same. The shortest of
        # the last steps, since one long one is a pause.
        self._patience = max(self.options.max_age, _FRAMES_KEPT * min(self._steps, default=0.0))

    def _predicted(self, timestamp: float) -> tuple[Array, Array]:
        """States now and their boxes; `coast` seconds after a detection a face is taken to stand."""
        return native.predict_tracks(
            self._state, self._velocity, self._time, self._seen, now=timestamp, coast=self.options.coast
        )

    def _correct(self, predicted: Array, measured: Array, chosen: NDArray[np.bool_], timestamp: float) -> None:
        """One Kalman step of the chosen tracks."""
        native.correct_tracks(
            self._state, self._velocity, self._covariance, self._time, predicted, measured, chosen,
            now=timestamp, process_noise=self.options.process_noise,
            measurement_noise=self.options.measurement_noise,
        )  # fmt: skip

    def _start(self, state: Array, score: float, timestamp: float) -> None:
        self._ids = np.append(self._ids, self._next_id)
        self._next_id += 1
        self._state = np.vstack([self._state, state])
        self._velocity = np.vstack([self._velocity, np.zeros(14)])
        self._covariance = np.vstack(
            [self._covariance, [self.options.measurement_noise**2, 0.0, _FIRST_SPEED_VARIANCE]]
        )
        self._anchor = np.vstack([self._anchor, state])
        self._scores = np.append(self._scores, np.float32(score))
        self._time = np.append(self._time, timestamp)
        self._seen = np.append(self._seen, timestamp)
        self._born = np.append(self._born, timestamp)
        self._missed = np.append(self._missed, False)

    def _keep(self, mask: NDArray[np.bool_]) -> None:
        if mask.all():
            return
        for name in _PER_TRACK:
            setattr(self, name, getattr(self, name)[mask])

    def _report(self, timestamp: float, size: tuple[int, int]) -> Faces:
        # Until the next detection nobody knows whether a face is gone: only one that a detection missed coasts.
        options = self.options
        kept, visible, boxes, landmarks = native.report_tracks(
            self._state, self._velocity, self._time, self._seen, self._born, self._missed, now=timestamp,
            coast=options.coast, patience=self._patience, min_age=options.min_age, size=size,
        )  # fmt: skip
        self.missed = self._missed[visible]
        faces = Faces(boxes, self._scores[visible], landmarks, self._ids[visible])
        self._keep(kept)
        return faces


def match(tracks: Array, detections: NDArray[np.float32], options: TrackOptions) -> list[tuple[int, int]]:
    """Pairs (track, detection) with the largest sum of affinities.

    Affinity is the overlap (IoU) where that reaches `iou_threshold`; below, boxes of similar size whose centres are
    at most `max_distance` face sizes apart still pair, with less affinity than any overlapping pair: a small face
    that moves fast does not overlap its last box.

    Args:
        tracks: [n, 4] predicted boxes, xyxy.
        detections: [m, 4].
    """
    if not len(tracks) or not len(detections):
        return []
    affinity = native.box_affinities(
        tracks, _floats(detections), iou_threshold=options.iou_threshold, max_distance=options.max_distance,
        max_size_ratio=_MAX_SIZE_RATIO,
    )  # fmt: skip
    return [(i, j) for i, j in assign(-affinity) if affinity[i, j] > 0]


def assign(cost: Array) -> list[tuple[int, int]]:
    """Optimal assignment: pairs (row, column), min(n, m) of them, with the least sum of `cost` [n, m].

    Shortest augmenting paths with potentials (Jonker & Volgenant 1987), O(n^2 m); written for a handful of faces.
    """
    if cost.shape[0] > cost.shape[1]:
        return sorted((row, column) for column, row in assign(cost.T))
    if len(cost) == 1:  # one face, the usual case
        return [(0, int(cost.argmin()))]
    n, m = cost.shape
    potential_row, potential_column = np.zeros(n + 1), np.zeros(m + 1)
    # Column 0 is the virtual start of every path; row_of[j] is the row (1-based) that owns column j, 0 = free.
    row_of = np.zeros(m + 1, int)
    for row in range(1, n + 1):
        row_of[0] = row
        column = 0
        least = np.full(m + 1, np.inf)
        used = np.zeros(m + 1, bool)
        previous = np.zeros(m + 1, int)
        while row_of[column]:
            used[column] = True
            current = row_of[column]
            slack = cost[current - 1] - potential_row[current] - potential_column[1:]
            better = ~used[1:] & (slack < least[1:])
            least[1:][better] = slack[better]
            previous[1:][better] = column
            following = 1 + int(np.argmin(np.where(used[1:], np.inf, least[1:])))
            delta = least[following]
            potential_row[row_of[used]] += delta
            potential_column[used] -= delta
            least[~used] -= delta
            column = following
        while column:
            row_of[column] = row_of[previous[column]]
            column = previous[column]
    return sorted((int(row_of[j]) - 1, j - 1) for j in range(1, m + 1) if row_of[j])


def _floats(values: NDArray[Any]) -> NDArray[np.float32]:
    """As the native core takes them: a detector of the user's own may give others."""
    return np.ascontiguousarray(values, np.float32)

"""`UnchangedFaces`: which faces need no second reading, because nothing about their pixels has changed.

The rule: a reading is given again while every byte that it could have looked at is what it was, and the face's crop is
cut by the very matrix of that reading: the model's input is then the same, byte for byte. Screens, paused films and
generated pictures give such frames; a camera never does, by its noise, and pays for one row of pixels per face and
reading. A bound on how far the crop may move is no way out: an int8 network rounds, and was seen to answer by 0.02
differently after a hundred-thousandth of the crop's side.

Only the second of two equal readings takes a copy of the pixels: in a moving scene none is ever made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..image import FORMATS, Frame, Image

Matrix = NDArray[np.floating[Any]]

# Frame pixels that a bilinear sample reaches beyond the crop; chroma that two by two pixels share doubles it.
_REACH = 2
# Further pixels around it that are watched too, so that a face that settles finds its pixels watched.
_SLACK = 2
_MOST_VALUES = 8


@dataclass
class _Standing:
    """Pixels that do not change, and what was read in them."""

    place: tuple[int, int, int, int]
    pixels: list[Frame]
    values: dict[bytes, Any]
    """Matrix [2, 3] from crop to frame, as bytes -> the reading. The tracker goes to and fro between a few."""

    def is_in(self, image: Image) -> bool:
        """Whether the pixels are there still."""
        parts = _parts(image, self.place)
        return all(np.array_equal(part, kept) for part, kept in zip(parts, self.pixels, strict=True))


@dataclass
class _Seen:
    """A face as it was read."""

    format: str
    size: tuple[int, int]
    probe: tuple[int, int, int]
    """Row of the frame through the middle of its box, and the columns of the box."""
    row: bytes
    """The pixels there."""
    standing: _Standing | None = None
    """None until two readings in a row had an equal `row`."""

    def is_probed(self, image: Image) -> bool:
        """Whether the one row is what it was."""
        if self.size != image.size or self.format != image.format:
            return False
        return _row(image, self.probe) == self.row


class UnchangedFaces:
    """The faces of one camera, as one model read them.

    Args:
        size: width, height of the model's input.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        width, height = size
        self._ends = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1]], np.float64)
        self._seen: dict[int, _Seen] = {}

    def find(self, image: Image, track_id: int, matrix: Callable[[], Matrix]) -> Any:
        """Its last reading, if it still holds; else None.

        Args:
            image: the frame.
            track_id: whose face it is.
            matrix: gives [2, 3] from its crop to the frame; only asked where one row of pixels is what it was.
        """
        seen = self._seen.get(track_id)
        if seen is None or seen.standing is None or not seen.is_probed(image):
            return None
        value = seen.standing.values.get(matrix().tobytes())
        return value if value is not None and seen.standing.is_in(image) else None

    def keep(
        self, image: Image, track_id: int, box: NDArray[np.floating[Any]], matrix: Callable[[], Matrix], value: Any
    ) -> None:
        """Take over a reading of the face at `box` [4]. Other arguments as for `find`."""
        before = self._seen.get(track_id)
        standing = None
        if before is not None and before.is_probed(image):
            now = matrix()
            standing, place = before.standing, _place(self._ends @ np.asarray(now, np.float64).T, image.size)
            if standing is None or not _holds(standing.place, place) or not standing.is_in(image):
                place = _widened(place, image.size)
                standing = _Standing(place, [part.copy() for part in _parts(image, place)], {})
            if len(standing.values) == _MOST_VALUES:
                del standing.values[next(iter(standing.values))]
            standing.values[now.tobytes()] = value
            probe = before.probe
        else:
            x0, y0, x1, y1 = box.tolist()
            width, height = image.size
            left = min(max(int(x0), 0), width - 1)
            probe = (min(max(int((y0 + y1) / 2), 0), height - 1), left, max(int(x1), left + 1))
        self._seen[track_id] = _Seen(image.format, image.size, probe, _row(image, probe), standing)

    def forget_except(self, track_ids: Iterable[int]) -> None:
        """Forget every face that is not among these."""
        ids = set(track_ids)
        if not self._seen.keys() <= ids:
            self._seen = {key: value for key, value in self._seen.items() if key in ids}


def _row(image: Image, probe: tuple[int, int, int]) -> bytes:
    y, x0, x1 = probe
    return image.pixels[y, x0:x1].tobytes()


def _place(corners: NDArray[np.float64], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 of whole, even pixels of the frame that hold all samples; at least two by two of them."""
    fourth = corners[1] + corners[2] - corners[0]
    low = np.floor(np.minimum(corners.min(0), fourth)) - _REACH
    high = np.ceil(np.maximum(corners.max(0), fourth)) + _REACH
    ends: list[int] = []
    for first, last, length in zip(low.tolist(), high.tolist(), size, strict=True):
        # Beyond the frame samples repeat its border, or are none of its pixels.
        start = int(min(max(first, 0), max(length - 2, 0))) // 2 * 2
        ends += [start, min(max(int(min(last, length)) + 1, start + 2) // 2 * 2, length)]
    return ends[0], ends[2], max(ends[1], ends[0] + 1), max(ends[3], ends[2] + 1)


def _holds(outer: tuple[int, int, int, int], inner: tuple[int, int, int, int]) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]


def _widened(place: tuple[int, int, int, int], size: tuple[int, int]) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = place
    return max(x0 - _SLACK, 0), max(y0 - _SLACK, 0), min(x1 + _SLACK, size[0]), min(y1 + _SLACK, size[1])


def _parts(image: Image, place: tuple[int, int, int, int]) -> list[Frame]:
    """Views of the pixels of a place, plane by plane."""
    x0, y0, x1, y1 = place
    parts = [image.pixels[y0:y1, x0:x1]]
    if FORMATS[image.format].is_planar:
        height = image.size[1]
        parts.append(image.pixels[height + y0 // 2 : height + (y1 + 1) // 2, x0:x1])
    return parts

"""Mouths that move in stills: jaws drop, lips part, spread and round, chins chew. They are synthetic.

A still and its 68 points are warped by thin plate splines, as in `training.cues.sequences`; what an open mouth shows is
painted.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.cues.labels import split_of
from training.cues.sequences import Picture, Points, Still, spline, turned

SIDE = 256  # longest side of a rendered frame, pixels
_CORNERS = ((48, 60), (54, 64))
_INNER = slice(60, 68)
# Share of the drop of the jaw that each point takes: lips, then the chin from ear to ear.
_LOWER = {56: 0.8, 57: 0.85, 58: 0.8, 55: 0.45, 59: 0.45, 65: 0.85, 66: 0.9, 67: 0.85}
_UPPER = {50: 0.1, 51: 0.1, 52: 0.1, 61: 0.1, 62: 0.1, 63: 0.1}
_CHIN = {4: 0.2, 5: 0.45, 6: 0.65, 7: 0.75, 8: 0.8, 9: 0.75, 10: 0.65, 11: 0.45, 12: 0.2}
# A mouth is taken for shut when the gap of its lips is below this share of the distance between the eyes' corners.
_SHUT = 0.06
_LEAST_SPAN, _MOST_TURN = 45.0, 0.2
_MARGIN = 0.25  # around a face, in sizes of the face: a spline of the whole picture would cost more


@dataclass(frozen=True)
class Lips:
    """What a mouth and its head do in one frame; lengths are widths of the mouth at rest."""

    jaw: float = 0.0
    """Drop of the lower lip with the lips apart."""
    spread: float = 0.0
    """How much wider the mouth is; below 0 it is round."""
    smile: float = 0.0
    """How far the corners go up and out."""
    chew: float = 0.0
    """Drop of the chin with the lips shut."""
    side: float = 0.0
    """Shift of the chin to the image's right."""
    yaw: float = 0.0
    """Degrees, added to the still's own head pose."""
    pitch: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)
    """Where the face is, pixels from its place in the still."""


@dataclass(frozen=True)
class Person:
    """A face that can speak."""

    name: str
    pool: str
    still: Still
    look: int
    """Seed of what its open mouth shows."""


def people(data: Path, split: str) -> Iterator[Person]:
    """One still with a shut mouth of each person of one part (`train`, `dev`, `test`: `labels.split_of`).

    Frames of YouTube Faces come with people's 68 points. The cue models have seen nobody of the test part.
    """
    seen: set[str] = set()
    with zipfile.ZipFile(data / "faces_68points.zip") as archive:
        for row in csv.DictReader(io.TextIOWrapper(archive.open("labels.csv"), "utf-8")):
            points = np.array([(float(row[f"x{i}"]), float(row[f"y{i}"])) for i in range(68)])
            if row["clip"] in seen or split_of(row["clip"]) != split or not _fits(points):
                continue
            seen.add(row["clip"])
            yield Person(row["clip"], "youtube", _still(archive, row["file"], points), zlib.crc32(row["clip"].encode()))


def portraits(data: Path, split: str) -> Iterator[tuple[str, Picture]]:
    """Name and portrait at rest of each person of webmorph of one part; their points come from the cue model."""
    with zipfile.ZipFile(data / "faces_webmorph.zip") as archive:
        for row in csv.DictReader(io.TextIOWrapper(archive.open("labels.csv"), "utf-8")):
            if row["expression"] == "neutral" and split_of(row["person"]) == split:
                yield row["person"], _picture(archive, row["file"])


def _fits(points: Points) -> bool:
    span = float(np.linalg.norm(points[36] - points[45]))
    turn = abs(float(points[30, 0] - points[[36, 45], 0].mean())) / max(span, 1.0)
    gap = float(np.linalg.norm(points[62] - points[66])) / max(span, 1.0)
    return span > _LEAST_SPAN and turn < _MOST_TURN and gap < _SHUT


def _picture(archive: zipfile.ZipFile, name: str) -> Picture:
    return np.asarray(cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_COLOR), np.uint8)


def _still(archive: zipfile.ZipFile, name: str, points: Points) -> Still:
    picture = _picture(archive, name)
    scale = SIDE / max(picture.shape[:2])
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    return Still(np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), np.uint8), points * scale)


class LipRenderer:
    """Renders one person.

    Args:
        person: a still at rest.
    """

    def __init__(self, person: Person) -> None:
        picture, points = person.still.picture, person.still.points
        random = np.random.default_rng(person.look)
        low, high = points.min(0), points.max(0)
        room = _MARGIN * (high - low).max()
        self._x, self._y = (max(0, int(value - room)) for value in low)
        right, bottom = (int(np.ceil(value + room)) for value in high)
        self._picture = picture
        self._part = picture[self._y : bottom, self._x : right]
        height, width = self._part.shape[:2]
        self._size = (width, height)
        edge = np.linspace(0, 1, 5)
        sides = [(x, y) for x in edge for y in (0, 1)] + [(x, y) for x in (0, 1) for y in edge[1:-1]]
        self._border = np.array(sides) * self._size
        self._points = points - (self._x, self._y)
        self._mouth = float(np.linalg.norm(points[48] - points[54]))
        down = points[8] - points[[36, 45]].mean(0)
        self._down = down / np.linalg.norm(down)
        self._right = np.array([self._down[1], -self._down[0]])
        bright = float(np.median(self._part)) / 130
        self._dark = tuple(float(v * bright * random.uniform(0.6, 1.4)) for v in (45, 30, 60))
        self._teeth = tuple(float(v * bright) for v in (170, 185, 190)) if random.random() < 0.5 else None

    def frame(self, lips: Lips) -> Picture:
        """One frame, uint8 [h, w, 3], of the still's size."""
        moved = turned(self._moved(lips), lips.yaw, lips.pitch)
        target, source = (np.concatenate([some, self._border]) for some in (moved, self._points))
        places = spline(target, source, self._size) - np.float32(0.5)
        face = np.asarray(cv2.remap(self._part, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
        if lips.jaw > 0:
            self._open(face, moved[_INNER])
        frame = self._picture.copy()
        frame[self._y : self._y + face.shape[0], self._x : self._x + face.shape[1]] = face
        if any(lips.shift):
            matrix = np.array([[1, 0, lips.shift[0]], [0, 1, lips.shift[1]]])
            frame = np.asarray(cv2.warpAffine(frame, matrix, frame.shape[1::-1], borderMode=cv2.BORDER_REPLICATE))
        return frame.astype(np.uint8, copy=False)

    def _moved(self, lips: Lips) -> Points:
        points = self._points.copy()
        down, right = self._down * self._mouth, self._right * self._mouth
        for shares, sign in ((_LOWER, 1.0), (_UPPER, -1.0)):
            for i, share in shares.items():
                points[i] += sign * share * lips.jaw * down
        for i, share in _CHIN.items():
            points[i] += share * ((lips.jaw + lips.chew) * down + lips.side * right)
        for i in (56, 57, 58):
            points[i] += 0.35 * lips.chew * down + 0.5 * lips.side * right
        for corner, sign in zip(_CORNERS, (-1.0, 1.0), strict=True):
            out = sign * (0.5 * lips.spread + 0.12 * lips.smile)
            # Corners follow the jaw a little, and come in as it drops.
            points[list(corner)] += (out - sign * 0.12 * lips.jaw) * right + (0.3 * lips.jaw - 0.14 * lips.smile) * down
        for i, sign in ((49, -1.0), (59, -1.0), (53, 1.0), (55, 1.0)):
            points[i] += 0.25 * sign * lips.spread * right - 0.06 * lips.smile * down
        return points

    def _open(self, face: Picture, inner: Points) -> None:
        """Paint what shows between the lips."""
        cv2.fillPoly(face, [_fixed(inner)], self._dark, cv2.LINE_AA, 3)
        if self._teeth is not None:
            upper, lower = inner[:5], inner[[0, 7, 6, 5, 4]]
            edge = upper + 0.3 * (lower - upper)
            cv2.fillPoly(face, [_fixed(np.concatenate([upper, edge[::-1]]))], self._teeth, cv2.LINE_AA, 3)


def _fixed(points: Points) -> NDArray[np.int32]:
    """With three fractional bits, as OpenCV draws them."""
    return np.round(points * 8).astype(np.int32)

"""Moving faces rendered from stills: heads turn, lids fall, irises move, smiles grow, jaws drop. They are synthetic.

A still and its 68 points are warped by thin plate splines (Bookstein 1989); heads turn by the depth of the rigid head.
Nothing new comes into sight, so turns stay within `MOST_TURN` degrees.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeaffect.face import head_pose

Picture = NDArray[np.uint8]
Points = NDArray[np.float64]
Map = NDArray[np.float32]

MOST_TURN = 30.0
# The head turns about a point behind the face, centimetres in the frame of the rigid head.
_NECK = np.array([0.0, 4.0, 9.0])
_GRID = 24  # nodes of a map along each side; between them it is linear
_LOWER_LIP, _CHIN, _INNER_LIPS = [56, 57, 58, 65, 66, 67], slice(4, 13), slice(60, 68)
_MOUTH = (45, 30, 50)  # BGR of what an open mouth shows
# How far an iris moves to the side for a look 30 degrees away, in widths of the eye.
_IRIS_TRAVEL = 0.35
# In heights of the open eye: skin above it that the falling lid stretches, and how far it covers the lower lid's edge.
_SKIN, _COVER = 1.4, 0.2


@dataclass(frozen=True)
class Moment:
    """What a face does in one frame. Lids and eyes move at rest only, not while a smile is on."""

    yaw: float = 0.0
    """Degrees, added to the still's own head pose, signs as in `HeadPose`."""
    pitch: float = 0.0
    eyes: float = 0.0
    """Yaw of the eyes relative to the head, degrees."""
    lids: float = 0.0
    """0 (as in the still) to 1 (closed)."""
    smile: float = 0.0
    """0 (the first still) to 1 (the second)."""
    jaw: float = 0.0
    """Drop of the lower lip, in heights of the mouth."""

    def __post_init__(self) -> None:
        if max(abs(self.yaw), abs(self.pitch)) > MOST_TURN:
            raise ValueError(f"a still turns by at most {MOST_TURN} degrees; got yaw {self.yaw}, pitch {self.pitch}")
        if self.smile and (self.lids or self.eyes):
            raise ValueError(f"lids and eyes move at rest only; got a smile of {self.smile}")


@dataclass(frozen=True)
class Eye:
    """Edges of the lids from the image's left corner to the right one, [n, 2] each."""

    upper: Points
    lower: Points


def eyes_of_68(points: Points) -> tuple[Eye, Eye]:
    """Both eyes of 68 points."""
    return Eye(points[36:40], points[[36, 41, 40, 39]]), Eye(points[42:46], points[[42, 47, 46, 45]])


@dataclass(frozen=True)
class Still:
    """A picture, uint8 [h, w, 3], its 68 points [68, 2] in pixels, and the lids where they are known better."""

    picture: Picture
    points: Points
    eyes: tuple[Eye, Eye] | None = None


class Renderer:
    """Renders one person.

    Args:
        rest: the face at rest.
        smiling: the same person smiling, in a picture of the same size; None where smiles are not asked for.
    """

    def __init__(self, rest: Still, smiling: Still | None = None) -> None:
        self._rest, self._smiling = rest, smiling
        height, width = rest.picture.shape[:2]
        self._size = (width, height)
        edge = np.linspace(0, 1, 5)
        sides = [(x, y) for x in edge for y in (0, 1)] + [(x, y) for x in (0, 1) for y in edge[1:-1]]
        self._border = np.array(sides) * self._size

    def frame(self, moment: Moment) -> Picture:
        """One frame, uint8 [h, w, 3]."""
        picture, points = self._morphed(moment.smile)
        for eye in self._rest.eyes or eyes_of_68(points):
            picture = _with_iris_moved(picture, eye, moment.eyes)
            picture = _with_lid_closed(picture, eye, moment.lids)
        moved = turned(self._with_jaw(points, moment.jaw), moment.yaw, moment.pitch)
        if not np.array_equal(moved, points):
            picture = _sampled(picture, self._spline(moved, points))
        if moment.jaw > 0:
            lips = np.round(moved[_INNER_LIPS] * 8).astype(np.int32)  # three fractional bits
            cv2.fillPoly(picture, [lips], _MOUTH, cv2.LINE_AA, 3)
        return picture

    def _morphed(self, share: float) -> tuple[Picture, Points]:
        """The still between rest and smile."""
        if share <= 0 or self._smiling is None:
            return self._rest.picture, self._rest.points
        points = (1 - share) * self._rest.points + share * self._smiling.points
        both = [
            _sampled(still.picture, self._spline(points, still.points)).astype(np.float32)
            for still in (self._rest, self._smiling)
        ]
        return np.round((1 - share) * both[0] + share * both[1]).astype(np.uint8), points

    def _with_jaw(self, points: Points, drop: float) -> Points:
        moved = points.copy()
        down = np.array([0, drop * (points[57, 1] - points[51, 1])])
        moved[_LOWER_LIP] += down
        moved[_CHIN] += 0.8 * down
        return moved

    def _spline(self, target: Points, source: Points) -> Map:
        """Map from frame pixels to picture pixels: `target` points show what lies at `source`; the border stays."""
        return spline(np.concatenate([target, self._border]), np.concatenate([source, self._border]), self._size)


def turned(points: Points, yaw: float, pitch: float) -> Points:
    """68 points of a face in the image after the head has turned by so many degrees (weak perspective)."""
    _, model = head_pose.canonical_head()
    spans = [np.linalg.norm(p[36] - p[45]) for p in (points, model[:, :2])]
    scale = spans[0] / spans[1]
    middle = points[[36, 45]].mean(0) - scale * model[[36, 45], :2].mean(0)
    solid = np.concatenate([(points - middle) / scale, model[:, 2:]], 1) - _NECK
    solid = solid @ head_pose.rotation([yaw, pitch, 0.0]).T + _NECK
    return solid[:, :2] * scale + middle


def spline(target: Points, source: Points, size: tuple[int, int]) -> Map:
    """Thin plate spline that maps `target` [n, 2] to `source` [n, 2], as a map [h, w, 2] of the frame.

    Args:
        target: points of the frame.
        source: what they show.
        size: width, height of the frame.
    """
    count = len(target)
    system = np.zeros((count + 3, count + 3))
    system[:count, :count] = _bending(target, target) + 1e-3 * np.eye(count)
    system[:count, count], system[:count, count + 1 :] = 1, target
    system[count:, :count] = system[:count, count:].T
    weights = np.linalg.solve(system, np.concatenate([source, np.zeros((3, 2))]))
    x, y = (np.linspace(0, length, _GRID) for length in size)
    nodes = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    rows = np.concatenate([_bending(nodes, target), np.ones((len(nodes), 1)), nodes], 1)
    coarse = (rows @ weights).reshape(_GRID, _GRID, 2).astype(np.float32)
    # Pixel centres of the frame, in units of the grid's nodes.
    across, down = (((np.arange(length) + 0.5) * (_GRID - 1) / length).astype(np.float32) for length in size)
    return cv2.remap(coarse, *np.meshgrid(across, down), cv2.INTER_LINEAR)


def _bending(a: Points, b: Points) -> Points:
    """r^2 log r between points of two sets [len(a), len(b)]."""
    square = (a[:, None, 0] - b[:, 0]) ** 2 + (a[:, None, 1] - b[:, 1]) ** 2
    result: Points = 0.5 * square * np.log(np.maximum(square, 1e-12))
    return result


def _sampled(picture: Picture, places: Map) -> Picture:
    moved = cv2.remap(picture, places - 0.5, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)


def _around(eye: Eye) -> tuple[Map, NDArray[np.float64], NDArray[np.float64]]:
    """Pixel centres around an eye [h, w, 2], and the heights of both lids in each column [w]."""
    low, high = (limit(np.concatenate([eye.upper, eye.lower]), 0) for limit in (np.min, np.max))
    room = _SKIN * (high[1] - low[1])
    x = np.arange(np.floor(low[0]), np.ceil(high[0])) + 0.5
    y = np.arange(np.floor(low[1] - room), np.ceil(high[1] + room)) + 0.5
    places = np.stack(np.meshgrid(x, y), -1).astype(np.float32)
    return places, np.interp(x, *eye.upper.T), np.interp(x, *eye.lower.T)


def _pasted(picture: Picture, places: Map, moved: Map) -> Picture:
    """A copy in which the pixels at `places` show what lies at `moved`."""
    result = picture.copy()
    (x, y), (height, width) = places[0, 0].astype(int), places.shape[:2]
    result[y : y + height, x : x + width] = _sampled(picture, moved)
    return result


def _with_lid_closed(picture: Picture, eye: Eye, closed: float) -> Picture:
    """The upper lid slides over the eye; the skin above it is stretched."""
    if closed <= 0:
        return picture
    places, upper, lower = _around(eye)
    opening = float((lower - upper).max())
    edge, top = upper + closed * (lower - upper + _COVER * opening), upper - _SKIN * opening
    y = places[..., 1]
    moved = places.copy()
    stretched = top + (y - top) * (upper - top) / (edge - top)
    moved[..., 1] = np.where((y > top) & (y < edge), stretched, y)
    return _pasted(picture, places, moved)


def _with_iris_moved(picture: Picture, eye: Eye, yaw: float) -> Picture:
    """What lies between the lids moves to the side, most in the middle and not at all at the corners."""
    if not yaw:
        return picture
    places, upper, lower = _around(eye)
    left, right = eye.upper[0, 0], eye.upper[-1, 0]
    share = np.clip((places[..., 0] - left) / (right - left), 0, 1)
    shift = yaw / MOST_TURN * _IRIS_TRAVEL * (right - left)
    moved = places.copy()
    inside = (places[..., 1] > upper) & (places[..., 1] < lower)
    moved[..., 0] = np.where(inside, places[..., 0] - shift * 4 * share * (1 - share), places[..., 0])
    return _pasted(picture, places, moved)

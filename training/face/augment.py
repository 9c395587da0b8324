"""Makes training crops: random windows, mosaics and pasted faces, then photometric damage.

Every crop comes with the faces that are visible in it. All geometry is one affine map per source picture, so that
boxes and points follow exactly; a rolled box is the bounding box of the ellipse that the face box encloses.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from training.face.teacher import MIRROR

# Columns of a face row: box (4), score, points weight, points (10).
FACE_COLUMNS = 16
# Side (square root of the area) below which a face is neither a target nor background, in crop pixels.
SMALLEST_TARGET = 5.5
# Faces of a lower score are doubtful: neither a target nor background.
CERTAIN = 0.45
# A face cut off at the border counts while this share of it is visible, and is ignored below.
VISIBLE = 0.35
# Share of the crops with a hard place, once there are any.
HARD = 0.12


@dataclass
class Source:
    """A picture as a pyramid of halved copies, with its faces [n, 16]."""

    levels: list[np.ndarray]
    faces: np.ndarray
    dataset: str
    key: str = ""

    @classmethod
    def of(cls, image: np.ndarray, faces: np.ndarray, dataset: str, key: str = "") -> Source:
        levels = [image]
        while min(levels[-1].shape[:2]) >= 32 and len(levels) < 4:
            height, width = levels[-1].shape[:2]
            levels.append(cv2.resize(levels[-1], (width // 2, height // 2), interpolation=cv2.INTER_AREA))
        return cls(levels, faces, dataset, key)


def face_rows(boxes: np.ndarray, scores: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Packs labels into rows of `FACE_COLUMNS`."""
    flat = points.reshape(-1, 10)
    known = np.isfinite(flat).all(1)
    return np.concatenate([boxes, scores[:, None], known[:, None], np.where(known[:, None], flat, 0)], 1).astype(
        np.float32
    )


def sides(faces: np.ndarray) -> np.ndarray:
    """Square root of each face's area."""
    return np.sqrt(np.maximum(faces[:, 2] - faces[:, 0], 0) * np.maximum(faces[:, 3] - faces[:, 1], 0))


class Composer:
    """Draws training crops from sources; every draw depends only on the generator it is given."""

    def __init__(self, sources: list[Source]) -> None:
        self.by_set = {name: [s for s in sources if s.dataset == name] for name in {s.dataset for s in sources}}
        crowds = [s for s in sources if s.dataset in ("multi", "photos")]
        self.with_faces = [s for s in crowds if (s.faces[:, 4] >= CERTAIN).any()]
        self.backgrounds = [s for s in self.by_set["scenes"] + crowds if not len(s.faces)]
        self.hard: list[tuple[Source, np.ndarray]] = []
        noise = np.random.default_rng(0).normal(0, 1, (512, 512, 3)).astype(np.float32)
        self.noise = noise

    def add_hard(self, keys: np.ndarray, places: np.ndarray) -> None:
        """Places that `training.face.mine` found; they are shown from now on."""
        by_key = {s.key: s for sources in self.by_set.values() for s in sources}
        self.hard = [(by_key[key], place) for key, place in zip(keys, places, strict=True)]
        weights = np.array([place[4] for _, place in self.hard])
        self.hard_chances = np.cumsum(weights) / max(weights.sum(), 1e-9)

    def crop(self, rng: np.random.Generator, size: int, *, plain: bool) -> tuple[np.ndarray, np.ndarray]:
        """Returns uint8 [size, size, 3] BGR and the faces in it [n, 16]; a score below `CERTAIN` means ignore.

        Args:
            plain: few composites and little damage, as a camera gives, for the end of a training.
        """
        # Background, anywhere, window, pasted, mosaic.
        shares = (0.12, 0.46, 0.84, 0.88) if plain else (0.10, 0.32, 0.60, 0.67)
        draw = rng.random()
        if self.hard and rng.random() < HARD:
            image, faces = self._hard(rng, size)
        elif draw < shares[0]:
            image, faces = self._background(rng, size)
        elif draw < shares[1]:
            image, faces = self._anywhere(rng, size, self._pick(rng, crowds=0.45))
        elif draw < shares[2]:
            image, faces = self._window(rng, size, self._pick(rng, crowds=0.40))
        elif draw < shares[3]:
            image, faces = self._pasted(rng, size)
        else:
            image, faces = self._mosaic(rng, size, int(rng.choice([2, 3, 4, 5], p=[0.4, 0.3, 0.2, 0.1])))
        return (image if rng.random() < (0.5 if plain else 0.3) else self._photometric(rng, image)), faces

    def _pick(self, rng: np.random.Generator, crowds: float = 0.30) -> Source:
        draw = rng.random()
        if draw < crowds:
            pool = self.by_set["multi"]
        elif draw < 0.68:
            pool = self.with_faces
        elif draw < 0.85:
            pool = self.by_set["points68"]
        elif draw < 0.95:
            pool = self.by_set["crops80"]
        else:
            pool = self.backgrounds
        return pool[rng.integers(len(pool))]

    def _background(self, rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
        return self._anywhere(rng, size, self.backgrounds[rng.integers(len(self.backgrounds))])

    def _anywhere(self, rng: np.random.Generator, size: int, source: Source) -> tuple[np.ndarray, np.ndarray]:
        """A window at a random place and scale, whatever it shows."""
        height, width = source.levels[0].shape[:2]
        scale = np.exp(rng.uniform(np.log(0.5), np.log(2.0)))
        scale = max(scale, size / min(height, width)) if rng.random() < 0.8 else scale
        centre = np.array([rng.uniform(0, width), rng.uniform(0, height)])
        margin = size / 2 / scale
        if margin * 2 <= min(width, height):
            centre = np.clip(centre, margin, np.array([width, height]) - margin)
        return self._warp(rng, size, source, centre, np.array([size / 2, size / 2]), scale, roll=0.0)

    def _window(
        self, rng: np.random.Generator, size: int, source: Source, smallest: float = 6.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """A window around one face, small sizes more often, or around any place of a picture without faces."""
        height, width = source.levels[0].shape[:2]
        targets = np.flatnonzero(source.faces[:, 4] >= CERTAIN)
        if not len(targets):
            scale = size / min(height, width) * np.exp(rng.uniform(0, 0.7))
            place = np.array([rng.uniform(0, width), rng.uniform(0, height)])
            return self._warp(rng, size, source, place, rng.uniform(0.2, 0.8, 2) * size, scale)
        face = source.faces[rng.choice(targets)]
        side = max(1.0, float(sides(face[None])[0]))
        # The picture never shrinks to less than 0.7 of the crop (the rest is black), nor grows more than 3 times.
        least = max(smallest, 0.7 * side * size / max(height, width))
        most = max(least * 1.1, min(1.1 * size, 3.0 * side))
        wanted = least * (most / least) ** (rng.random() ** 1.4)
        scale = wanted / side
        room = max(0.0, size - wanted) / 2
        # Large faces are also shown cut off at the border.
        reach = room if rng.random() < 0.85 else room + 0.35 * wanted
        place = size / 2 + rng.uniform(-reach, reach, 2)
        centre = (face[:2] + face[2:4]) / 2
        if rng.random() < 0.75:
            # Fill the crop: pull the picture's edges out of it where the picture is large enough.
            extent = np.array([width, height])
            place = np.where(
                extent * scale > size, np.clip(place, size - (extent - centre) * scale, centre * scale), place
            )
        return self._warp(rng, size, source, centre, place, scale)

    def _warp(
        self,
        rng: np.random.Generator,
        size: int,
        source: Source,
        centre: np.ndarray,
        place: np.ndarray,
        scale: float,
        roll: float | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Maps `centre` of the source to `place` of the crop with scale, roll, mirroring and slight stretch."""
        if roll is None:
            draw = rng.random()
            roll = 0.0 if draw < 0.15 else rng.normal(0, 9) if draw < 0.75 else rng.uniform(-50, 50)
        angle, mirror = np.deg2rad(roll), rng.random() < 0.5
        stretch = np.exp(rng.normal(0, 0.05))
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        linear = turn @ np.diag([scale * stretch * (-1 if mirror else 1), scale / stretch])
        offset = place - linear @ centre
        level = int(np.clip(np.floor(np.log2(1 / scale) + 0.3), 0, len(source.levels) - 1))
        picture = source.levels[level]
        ratio = np.array([source.levels[0].shape[1] / picture.shape[1], source.levels[0].shape[0] / picture.shape[0]])
        # Pixel centres lie at +0.5 in our coordinates and at integers in OpenCV's.
        matrix = np.concatenate([linear * ratio, offset[:, None]], 1)
        matrix[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
        image = cv2.warpAffine(
            picture,
            matrix,
            (size, size),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE if rng.random() < 0.15 else cv2.BORDER_CONSTANT,
        )
        return image, self._move(source.faces, linear, offset, mirror, size)

    @staticmethod
    def _move(faces: np.ndarray, linear: np.ndarray, offset: np.ndarray, mirror: bool, size: int) -> np.ndarray:
        if not len(faces):
            return faces
        moved = faces.copy()
        centre = (faces[:, :2] + faces[:, 2:4]) / 2 @ linear.T + offset
        half = (faces[:, 2:4] - faces[:, :2]) / 2
        reach = np.sqrt(half**2 @ (linear**2).T)
        whole = np.concatenate([centre - reach, centre + reach], 1)
        moved[:, :4] = np.clip(whole, 0, size)
        points = faces[:, 6:].reshape(-1, 5, 2) @ linear.T + offset
        moved[:, 6:] = (points[:, MIRROR] if mirror else points).reshape(-1, 10)
        return _keep_visible(moved, sides(np.concatenate([whole, faces[:, 4:]], 1)))

    def _mosaic(self, rng: np.random.Generator, size: int, grid: int) -> tuple[np.ndarray, np.ndarray]:
        """`grid` x `grid` windows side by side: many faces, small faces, faces cut off."""
        edges = np.linspace(0, size, grid + 1).round().astype(int)
        image, parts = np.zeros((size, size, 3), np.uint8), []
        for top, bottom in pairwise(edges):
            for left, right in pairwise(edges):
                side = max(right - left, bottom - top)
                tile, faces = self._window(rng, side, self._pick(rng))
                image[top:bottom, left:right] = tile[: bottom - top, : right - left]
                parts.append(_shift(faces, left, top))
        return image, np.concatenate(parts)

    def _hard(self, rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
        """A window with a place that was taken for a face, about as large as when that happened."""
        chosen = np.searchsorted(self.hard_chances, rng.random() * self.hard_chances[-1])
        source, place = self.hard[min(int(chosen), len(self.hard) - 1)]
        scale = float(place[5]) * np.exp(rng.uniform(-0.4, 0.4))
        centre = (place[:2] + place[2:4]) / 2
        return self._warp(rng, size, source, centre, rng.uniform(0.15, 0.85, 2) * size, scale)

    def _pasted(self, rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Face crops pasted with soft elliptic borders over a picture without people."""
        image, _ = self._background(rng, size)
        faces: list[np.ndarray] = []
        taken = np.zeros((size, size), bool)
        for _ in range(rng.integers(1, 7)):
            side = int(np.exp(rng.uniform(np.log(24), np.log(0.7 * size))))
            left, top = rng.integers(0, size - side, 2)
            if taken[top : top + side, left : left + side].any():
                continue
            pool = self.by_set["crops80" if rng.random() < 0.6 else "points68"]
            source = pool[rng.integers(len(pool))]
            tile, rows = self._window(rng, side, source, smallest=max(9.0, 0.4 * side))
            if rng.random() < 0.5:
                mask = cv2.ellipse(
                    np.zeros((side, side), np.float32),
                    (side // 2, side // 2),
                    (int(side * 0.42), int(side * 0.47)),
                    0,
                    0,
                    360,
                    1.0,
                    -1,
                )
                mask = cv2.blur(mask, (max(1, side // 8),) * 2)[..., None]
                tile = (mask * tile + (1 - mask) * image[top : top + side, left : left + side]).astype(np.uint8)
            image[top : top + side, left : left + side] = tile
            taken[top : top + side, left : left + side] = True
            faces.append(_shift(rows, left, top))
        return image, np.concatenate(faces) if faces else np.zeros((0, FACE_COLUMNS), np.float32)

    def _photometric(self, rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
        size = image.shape[0]
        if rng.random() < 0.2:
            image = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
            gains = np.ones(3)
        else:
            gains = np.exp(rng.normal(0, 0.12, 3)) if rng.random() < 0.5 else np.ones(3)
        if rng.random() < 0.8:
            ramp = np.linspace(0, 1, 256)[:, None] ** np.exp(rng.normal(0, 0.35))
            contrast, brightness = np.exp(rng.normal(0, 0.25)), rng.normal(0, 0.1)
            if rng.random() < 0.08:
                contrast *= 0.35
            table = ((ramp - 0.5) * contrast + 0.5 + brightness) * gains
            image = cv2.LUT(image, (np.clip(table, 0, 1) * 255).astype(np.uint8).reshape(1, 256, 3))
        if rng.random() < 0.08:
            angle = rng.uniform(0, 2 * np.pi)
            axis = np.linspace(-1, 1, size, dtype=np.float32)
            light = 1 + rng.uniform(0.3, 0.8) * (np.cos(angle) * axis[None] + np.sin(angle) * axis[:, None])
            image = np.clip(image * light[..., None], 0, 255).astype(np.uint8)
        draw = rng.random()
        if draw < 0.10:
            image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 1.6))
        elif draw < 0.14:
            kernel = np.zeros((7, 7), np.float32)
            cv2.line(kernel, (0, int(rng.integers(7))), (6, int(rng.integers(7))), 1.0)
            kernel = kernel if rng.random() < 0.5 else kernel.T
            image = cv2.filter2D(image, -1, kernel / kernel.sum())
        elif draw < 0.22:
            small = max(8, int(size * rng.uniform(0.45, 0.9)))
            image = cv2.resize(cv2.resize(image, (small, small), interpolation=cv2.INTER_AREA), (size, size))
        if rng.random() < 0.15:
            top, left = rng.integers(0, 512 - size, 2)
            grain = self.noise[top : top + size, left : left + size] * np.float32(rng.uniform(2, 16))
            image = np.clip(image + grain, 0, 255).astype(np.uint8)
        if rng.random() < 0.12:
            quality = int(rng.integers(20, 80))
            code = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
            image = np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR))
        return image


def _shift(faces: np.ndarray, x: int, y: int) -> np.ndarray:
    shifted = faces.copy()
    shifted[:, [0, 2, *range(6, 16, 2)]] += x
    shifted[:, [1, 3, *range(7, 16, 2)]] += y
    return shifted


def _keep_visible(faces: np.ndarray, whole_sides: np.ndarray) -> np.ndarray:
    """Drops faces outside the crop; marks tiny, doubtful and mostly hidden ones to be ignored (score 0)."""
    side = sides(faces)
    visible = (side / np.maximum(whole_sides, 1e-6)) ** 2
    ignored = (side < SMALLEST_TARGET) | (visible < VISIBLE) | (faces[:, 4] < CERTAIN)
    faces[ignored, 4] = 0.0
    # Points far outside the picture are a guess; they are not taught.
    faces[visible < 0.6, 5] = 0.0
    return faces[side > 2.0]

"""Random views of prepared faces: what detectors and cameras make of a crop, and what the network should say of it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch

from training.cues import maps, pose
from training.cues.prepare import SIDE, apply, inverse, read_template
from training.cues.sdk import five_of_68, similarity

MEAN, STD = 0.5, 0.25
# Longer side of a face (sqrt of its landmark box) over the crop's side, on average.
FACE_SHARE = 0.78
# Noise of a landmark of the SDK's detector, in distances between the eyes (measured: prepare's detector landmarks).
LANDMARK_NOISE = 0.035
# Views below full resolution, and the smallest face they show, pixels.
SMALL_SHARE, SMALLEST = 0.5, 18.0


@dataclass(frozen=True)
class Faces:
    """The rows of `faces.npz` that take part, images in the colour of the network."""

    images: np.ndarray
    landmarks: np.ndarray
    points: np.ndarray
    real: np.ndarray
    shapes: np.ndarray
    shaped: np.ndarray
    pose: np.ndarray
    gaze: np.ndarray
    mirrored: np.ndarray
    """Counterparts of the blendshapes in a mirror."""

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class Batch:
    """Normalised crops and targets; points in shares of the crop's side, angles in degrees relative to the crop."""

    x: torch.Tensor
    points: torch.Tensor
    real: torch.Tensor
    shapes: torch.Tensor
    shaped: torch.Tensor
    pose: torch.Tensor
    gaze: torch.Tensor


def in_colour(images: np.ndarray, channels: int) -> np.ndarray:
    """uint8 [n, S, S, channels] of BGR images: luma as OpenCV has it, or RGB."""
    if channels == 3:
        return images[..., ::-1]
    return np.stack([cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) for image in images])[..., None]


def normalise(crops: np.ndarray) -> torch.Tensor:
    """float32 [n, C, S, S] of crops [n, S, S, C] in 0..255."""
    x = torch.from_numpy(np.ascontiguousarray(crops, np.float32)).permute(0, 3, 1, 2)
    return ((x / 255 - MEAN) / STD).contiguous(memory_format=torch.channels_last)


def plain_matrices(faces: Faces, rows: np.ndarray) -> np.ndarray:
    """Maps [n, 2, 3] from the unit crop to source pixels by the detector's landmarks, or by the points without them."""
    five = faces.landmarks[rows].astype(np.float64)
    missing = np.isnan(five[:, 0, 0])
    five[missing] = five_of_68(faces.points[rows][missing].astype(np.float64))
    return similarity(five, read_template())


def targets(faces: Faces, rows: np.ndarray, matrices: np.ndarray, flip: np.ndarray) -> dict[str, torch.Tensor]:
    """Targets of the crops that `matrices` (unit crop to source) cut, mirrored where `flip`."""
    points = apply(inverse(matrices), faces.points[rows].astype(np.float64))
    points[flip] = maps.mirrored_points(points[flip], 1.0)
    shapes = faces.shapes[rows].copy()
    shapes[flip] = shapes[flip][:, faces.mirrored]
    angles = pose.to_crop(faces.pose[rows], matrices, 1, (SIDE, SIDE))
    angles[flip] *= np.array([-1, 1, -1])
    looks = faces.gaze[rows].copy()
    looks[flip] *= np.array([-1, 1])
    named = {"points": points, "shapes": shapes, "pose": angles, "gaze": looks, "shaped": faces.shaped[rows] / 2}
    return {k: torch.from_numpy(v.astype(np.float32)) for k, v in named.items()} | {
        "real": torch.from_numpy(faces.real[rows])
    }


def plain(faces: Faces, rows: np.ndarray, side: int, face_size: float | None = None) -> Batch:
    """Crops without any change; with `face_size`, of faces of so many pixels."""
    matrices = plain_matrices(faces, rows)
    small = side if face_size is None else max(4, round(min(1.0, face_size / (FACE_SHARE * side)) * side))
    crops = np.stack([warp(faces.images[r], m, side, small) for r, m in zip(rows, matrices, strict=True)])
    return Batch(normalise(crops), **targets(faces, rows, matrices, np.zeros(len(rows), bool)))


def warp(image: np.ndarray, matrix: np.ndarray, side: int, small: int) -> np.ndarray:
    """A crop [side, side, C] that has gone through `small` x `small` pixels."""
    double = 2 * small
    pixels = matrix.copy()
    pixels[:, :2] /= double
    pixels[:, 2] += pixels[:, :2] @ np.array([0.5, 0.5]) - 0.5  # OpenCV counts pixel centres from 0
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    large = cv2.warpAffine(image, pixels, (double, double), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    crop = cv2.resize(large, (small, small), interpolation=cv2.INTER_AREA)
    return _deep(crop if small == side else cv2.resize(crop, (side, side), interpolation=cv2.INTER_LINEAR))


def _deep(image: np.ndarray) -> np.ndarray:
    return image if image.ndim == 3 else image[..., None]


class Views:
    """Draws batches of random views; all randomness comes from `random`."""

    def __init__(self, faces: Faces, side: int, random: np.random.Generator) -> None:
        self.faces, self.side, self.random = faces, side, random
        self.template = read_template()
        self.damage = 1.0

    def pairs(self, rows: np.ndarray) -> Batch:
        """Two views of each of the faces at `rows`, one of them mirrored: first one of each, then the other."""
        flip = self.random.random(len(rows)) < 0.5
        return self.batch(np.concatenate([rows, rows]), np.concatenate([flip, ~flip]))

    def batch(self, rows: np.ndarray, flip: np.ndarray | None = None) -> Batch:
        """Views of the faces at `rows`, mirrored where `flip` (default: a random half)."""
        matrices = self._matrices(rows)
        if flip is None:
            flip = self.random.random(len(rows)) < 0.5
        crops = np.stack([self._crop(r, m) for r, m in zip(rows, matrices, strict=True)])
        crops[flip] = crops[flip][:, :, ::-1]
        return Batch(normalise(self._light(crops)), **targets(self.faces, rows, matrices, flip))

    def _matrices(self, rows: np.ndarray) -> np.ndarray:
        n, random = len(rows), self.random
        five = self.faces.landmarks[rows].astype(np.float64)
        other = np.isnan(five[:, 0, 0]) | (random.random(n) < 0.25)
        five[other] = five_of_68(self.faces.points[rows][other].astype(np.float64))
        eyes = np.linalg.norm(five[:, 0] - five[:, 1], axis=1)
        noise = random.normal(0, LANDMARK_NOISE, five.shape) * np.maximum(eyes, 15)[:, None, None]
        base = similarity(five + noise, self.template)
        angle = random.normal(0, 5, n).clip(-15, 15)
        zoom = np.exp(random.normal(0, 0.05, n).clip(-0.15, 0.15))
        cos, sin = np.cos(np.radians(angle)) * zoom, np.sin(np.radians(angle)) * zoom
        turn = np.stack([np.stack([cos, -sin], 1), np.stack([sin, cos], 1)], 1)
        shift = 0.5 + random.normal(0, 0.015, (n, 2)) - turn @ np.array([0.5, 0.5])
        linear = base[:, :, :2] @ turn
        return np.concatenate([linear, base[:, :, :2] @ shift[:, :, None] + base[:, :, 2:]], 2)

    def _crop(self, row: int, matrix: np.ndarray) -> np.ndarray:
        random, side, image = self.random, self.side, self.faces.images[row]
        small = side
        if random.random() < SMALL_SHARE * self.damage:
            full = FACE_SHARE * side
            size = np.exp(random.uniform(np.log(SMALLEST), np.log(full)))
            small = max(8, round(side * size / full))
        crop = warp(image, matrix, small, small)
        if random.random() < 0.15 * self.damage:
            sigma = random.uniform(0.3, 1.2)
            crop = _deep(cv2.GaussianBlur(crop, (0, 0), sigma, random.uniform(0.3, 1.2)))
        if random.random() < 0.25 * self.damage:
            crop = np.clip(crop + random.normal(0, random.uniform(1, 14), crop.shape), 0, 255).astype(np.uint8)
        if random.random() < 0.15 * self.damage:
            code = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, int(random.uniform(20, 80))])[1]
            crop = _deep(np.asarray(cv2.imdecode(code, cv2.IMREAD_UNCHANGED)))
        if small != side:
            crop = _deep(cv2.resize(crop, (side, side), interpolation=cv2.INTER_LINEAR))
        if random.random() < 0.12 * self.damage:
            crop = crop.copy()
            (h, w), (x, y) = random.uniform(0.08, 0.35, 2) * side, random.uniform(-0.1, 0.9, 2) * side
            crop[max(0, int(y)) : int(y + h), max(0, int(x)) : int(x + w)] = int(random.uniform(0, 255))
        return crop

    def _light(self, crops: np.ndarray) -> np.ndarray:
        n, random = len(crops), self.random
        x = crops.astype(np.float32) / 255

        def draw(deviation: float) -> np.ndarray:
            values = random.normal(0, deviation, n).clip(-2 * deviation, 2 * deviation)
            return values.astype(np.float32).reshape(n, 1, 1, 1)

        mean = x.mean((1, 2, 3), keepdims=True)
        x = (np.maximum(x, 1e-3) ** np.exp(draw(0.3)) - mean) * np.exp(draw(0.2)) + mean + draw(0.1)
        ramp = np.linspace(-1, 1, self.side, dtype=np.float32)
        lit = (random.random(n) < 0.3).astype(np.float32).reshape(n, 1, 1, 1)
        x = x * (1 + lit * (draw(0.15) * ramp[None, None, :, None] + draw(0.15) * ramp[None, :, None, None]))
        return x.clip(0, 1) * 255

"""Faces nobody voted on, for self-training: cut from the face data sets in the alignment of FER+.

`python -m training.affect.unlabelled --data DIR --out DIR` writes `OUT/unlabelled.npz`: images uint8 [N, 48, 48] and
landmarks float32 [N, 5, 2] in pixels. A set's own landmarks count; where it has none, YuNet-n looks once.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from edgeaffect import native
from edgeaffect.face.alignment import similarity_matrix
from training.affect.alignment import read_template
from training.data import FACE_SIZE, data_folder
from training.face.data import Picture, read_pictures
from training.face.teacher import YuNet, suppress

# Longest side, in pixels, at which YuNet sees the pictures of a set; None where the set brings landmarks.
SIDES = {"points68": None, "crops80": None, "multi": 640, "photos": 448}
LEAST_SCORE, MOST_OVERLAP = 0.6, 0.45
# A face smaller than this many frame pixels per crop pixel shows nothing that a 48 px crop could keep.
LEAST_SCALE = 0.4
SEED = 7


def alignments(landmarks: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Maps [n, 2, 3] from crop to picture: the template's alignment, as loose as that of the FER+ crops."""
    n = len(landmarks)
    base = similarity_matrix(landmarks, read_template())
    angle, zoom = random.normal(0, 0.12, n).clip(-0.3, 0.3), np.exp(random.normal(0, 0.1, n).clip(-0.25, 0.25))
    cos, sin = np.cos(angle) * zoom, np.sin(angle) * zoom
    jitter = np.stack([cos, -sin, sin, cos], 1).reshape(n, 2, 2)
    centre = np.full(2, FACE_SIZE / 2)
    shift = centre + random.normal(0, 1.5, (n, 2)) - jitter @ centre
    linear = base[:, :, :2] @ jitter
    offset = np.einsum("nij,nj->ni", base[:, :, :2], shift) + base[:, :, 2]
    return np.concatenate([linear, offset[:, :, None]], 2)


def to_crop(matrices: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points [n, 5, 2] of the picture in the pixels of the crops that `matrices` cut."""
    inverse = np.linalg.inv(matrices[:, :, :2])
    return np.einsum("nij,nkj->nki", inverse, points - matrices[:, None, :, 2])


def landmarks_of(picture: Picture, detector: YuNet) -> np.ndarray:
    """float64 [n, 5, 2]: the landmarks of a picture's faces in its pixels, given or found."""
    side = SIDES[picture.dataset]
    if side is None:
        return picture.points.astype(np.float64)
    boxes, scores, points = detector.view(picture.image, side, LEAST_SCORE, margin=0.2)
    return points[suppress(boxes, scores, MOST_OVERLAP)].astype(np.float64)


def collect(data: Path) -> tuple[np.ndarray, np.ndarray]:
    """Crops and landmarks of every face that is sure, large enough and not behind a mask."""
    detector = YuNet(data / "baselines" / "yunet_n_dynamic.onnx")
    random = np.random.default_rng(SEED)
    images, landmarks = [], []
    for picture in read_pictures(data, tuple(SIDES)):
        if "good" in picture.tags:
            continue
        points = landmarks_of(picture, detector)
        if not len(points):
            continue
        matrices = alignments(points, random)
        large = np.hypot(matrices[:, 0, 0], matrices[:, 1, 0]) >= LEAST_SCALE
        if not large.any():
            continue
        matrices, points = matrices[large], points[large]
        crops = native.crop_normalize(
            picture.image, matrices, (FACE_SIZE, FACE_SIZE), to="gray", scale=1.0, border="replicate"
        )
        images.append(np.rint(crops[:, 0]).clip(0, 255).astype(np.uint8))
        landmarks.append(to_crop(matrices, points).astype(np.float32))
    return np.concatenate(images), np.concatenate(landmarks)


def prepare(data: Path, out: Path) -> Path:
    """Writes `OUT/unlabelled.npz` unless it is there, and returns its path."""
    path = out / "unlabelled.npz"
    if not path.exists():
        images, landmarks = collect(data)
        out.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, images=images, landmarks=landmarks)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args()
    print(np.load(prepare(data_folder(arguments.data), arguments.out))["images"].shape)


if __name__ == "__main__":
    main()

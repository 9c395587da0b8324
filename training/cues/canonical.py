"""The rigid head for head pose: `python -m training.cues.canonical --out DIR` writes `canonical.json`.

Starts from the mean of the teacher's mesh over faces turned upright, and is then fitted to the points that people have
set: pose of every training frame, then the shape that explains all frames best, in turn. Symmetric by construction.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from training.cues import maps, pose
from training.cues.gaze import head_frame
from training.cues.labels import Labels, read_labels

# All of them: many points settle the pitch that few leave open, and labels of single points are noisy.
INDICES = list(range(68))
ROUNDS = 6
# Distance of the outer corners of the eyes in centimetres, adults' mean.
EYE_SPAN = 9.0
FRONTAL = 15.0


def symmetric(shape: np.ndarray) -> np.ndarray:
    """Mean of 68 points [68, 3] and their mirror image about x = 0."""
    flipped = shape[maps.MIRROR_68] * np.array([-1.0, 1, 1])
    return (shape + flipped) / 2


def mean_mesh(labels: Labels) -> np.ndarray:
    """Mean of the teacher's upright mesh [478, 3] over frontal faces, outer eye corners `EYE_SPAN` apart."""
    turn = labels.transforms[:, 0]
    frontal = labels.found[:, 0] & (np.abs(np.degrees(np.arcsin(np.clip(turn[:, 0, 2], -1, 1)))) < FRONTAL)
    mesh = head_frame(labels.points[frontal, 0].astype(np.float64), turn[frontal].astype(np.float64))
    span = np.linalg.norm(mesh[:, 33] - mesh[:, 263], axis=1)[:, None, None]
    mean = (mesh / span).mean(0) * EYE_SPAN
    return mean - mean[[33, 263]].mean(0)


def fit(shape: np.ndarray, points: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, float]:
    """Refines `shape` [68, 3] on points [n, 68, 2] of images of (w, h) [n, 2]; also the mean error, pixels."""
    shape = symmetric(shape)
    start, used, residual = shape.copy(), np.array(INDICES), np.inf
    for _ in range(ROUNDS):
        normal, right = np.zeros((68, 3, 3)), np.zeros((68, 3))
        errors = []
        for face, (w, h) in zip(points, sizes, strict=True):
            camera = pose.camera_matrix((w, h))
            good, turn, shift = cv2.solvePnP(shape[used], face[used], camera, None, flags=cv2.SOLVEPNP_SQPNP)
            if not good:
                continue
            matrix = cv2.Rodrigues(turn)[0]
            seen = shape @ matrix.T + shift[:, 0]
            errors.append(np.linalg.norm(seen[used, :2] / seen[used, 2:] * w + [w / 2, h / 2] - face[used], axis=1))
            # For a known depth z, u z = f x + c z is linear in the point: two equations each.
            ray = (face - np.array([w / 2, h / 2])) / w
            rows = matrix[None, :2] - ray[:, :, None] * matrix[None, 2:3]
            wanted = ray * shift[2, 0] - shift[None, :2, 0]
            weight = 1 / shift[2, 0] ** 2
            normal += weight * np.einsum("kij,kil->kjl", rows, rows)
            right += weight * np.einsum("kij,ki->kj", rows, wanted)
        hold = 1e-3 * np.trace(normal.mean(0))  # far too little to matter where the frames say anything
        normal += np.eye(3) * hold
        right += shape * hold
        shape = symmetric(np.linalg.solve(normal, right[..., None])[..., 0])
        # Angles are counted from the teacher's upright head: no drift by rotation or size.
        a, b = shape[used] - shape[used].mean(0), start[used] - start[used].mean(0)
        u, s, v = np.linalg.svd(b.T @ a)
        shape = (shape - shape[used].mean(0)) @ (u @ v).T * (s.sum() / (a * a).sum()) + start[used].mean(0)
        shape = symmetric(shape)
        residual = float(np.concatenate(errors).mean())
    return shape, residual


def write(labels: Labels) -> dict[str, Any]:
    """Writes `canonical.json` and returns what it holds."""
    train = labels.part("train")
    mesh = mean_mesh(train)
    real = ~np.isnan(train.real68[:, 0, 0])
    points = train.real68[real].astype(np.float64)
    shape, residual = fit(mesh[maps.MESH_OF_68], points * 200.0, np.full((len(points), 2), 200))
    record = {
        "indices": INDICES,
        "points_cm": shape[INDICES].round(3).tolist(),
        "axes": "x to the image's right, y down, z away from the camera, for a head that faces it",
        "frames": int(real.sum()),
        "mean_error_px_of_200": round(residual, 3),
        "command": "python -m training.cues.canonical --out DIR",
    }
    pose.CANONICAL_FILE.write_text(json.dumps(record) + "\n")
    return record


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=Path, help="folder with the labels")
    arguments = parser.parse_args()
    print(json.dumps(write(read_labels(arguments.out, ("points68",)))))


if __name__ == "__main__":
    main()

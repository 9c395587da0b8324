"""Whether a face jumps where it changes from one network to the other: `python -m training.affect.first_look_moving`.

Faces of the development part, enlarged three times, under the camera of `benchmarks.tracking` at walking pace: two
seconds each, 30 frames a second, sensor noise of 4 grey values, landmarks that tremble by 0.6 pixels. Read by the
larger network alone, by the small one alone, and with a first look; smoothed as a pipeline does. Printed per way:
change of valence from frame to frame, raw and smoothed (mean, 99th percentile; also in frames in which the face changed
its network), and changes of the label per second.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.tracking import FPS, SIZE, SPEEDS, camera, moved
from edgeaffect.face.affect import FaceAffect
from edgeaffect.face.first_look import FirstLook
from edgeaffect.face.smoother import Smoother
from edgeaffect.image import Image
from edgeaffect.options import AffectOptions, SmoothOptions
from edgeaffect.results import Affect, Faces
from training.affect.alignment import detect_landmarks
from training.data import FACE_SIZE, data_folder, read_ferplus

SECONDS, SCALE, BORDER, SEED = 2, 3, 78, 5
NOISE, TREMBLE, AROUND = 4.0, 0.6, 40.0
Floats = NDArray[np.float64]


def canvas(image: np.ndarray) -> np.ndarray:
    """A face uint8 [48, 48], enlarged, on a gray background."""
    side = FACE_SIZE * SCALE
    full = np.full((side + 2 * BORDER, side + 2 * BORDER), int(np.median(image)), np.uint8)
    full[BORDER : BORDER + side, BORDER : BORDER + side] = cv2.resize(
        image, (side, side), interpolation=cv2.INTER_CUBIC
    )
    return np.asarray(cv2.GaussianBlur(full, (0, 0), 1.0))


def frames(image: np.ndarray, landmarks: Floats, random: np.random.Generator) -> list[tuple[Image, Faces]]:
    """What the camera sees of one face, with its landmarks [5, 2]."""
    picture, points = canvas(image), landmarks * SCALE + BORDER
    seen = []
    for step in range(SECONDS * FPS):
        matrix = camera(step / FPS, SPEEDS["walking"], points.mean(0))
        shifted = matrix.copy()
        shifted[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5  # OpenCV's pixel centres are whole numbers
        clean = cv2.warpAffine(picture, shifted, SIZE, borderMode=cv2.BORDER_REPLICATE)
        frame = np.clip(clean + random.normal(0, NOISE, clean.shape), 0, 255).astype(np.uint8)
        at = moved(matrix, points) + random.normal(0, TREMBLE, points.shape)
        box = np.concatenate([at.min(0) - AROUND, at.max(0) + AROUND])[None].astype(np.float32)
        seen.append((Image.of(frame, "gray"), Faces(box, np.ones(1, np.float32), at[None].astype(np.float32))))
    return seen


def line(name: str, raw: list[list[Affect]], smooth: list[list[Affect]], changed: NDArray[np.bool_]) -> str:
    """One row of the table; `changed` [faces, frames - 1] tells where the network was another one."""
    cells = [name]
    for clips in (raw, smooth):
        jumps = np.abs(np.diff([[affect.valence for affect in clip] for clip in clips], axis=1))
        labels = np.mean([[a.label != b.label for a, b in itertools.pairwise(clip)] for clip in clips])
        at = f"{jumps[changed].mean():.3f}, {np.quantile(jumps[changed], 0.99):.3f}" if changed.any() else "none"
        cells += [f"{jumps.mean():.4f}, {np.quantile(jumps, 0.99):.3f}", at, f"{labels * FPS:.2f}"]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--first", default="affect-nano", help="name or path of the small model")
    parser.add_argument("--faces", type=int, default=40)
    arguments = parser.parse_args()
    folder, random = data_folder(arguments.data), np.random.default_rng(SEED)
    faces = read_ferplus(folder).part("development")
    faces = faces.take(random.permutation(len(faces.images))[: 2 * arguments.faces])
    points = detect_landmarks(faces.images, Path(folder) / "baselines" / "yunet_n_dynamic.onnx").astype(np.float64)
    known = np.flatnonzero(~np.isnan(points[:, 0, 0]))[: arguments.faces]
    first_look = FirstLook(arguments.first, device="cpu")
    ways = {"second alone": FaceAffect(device="cpu"), "first alone": first_look.first, "first look": first_look}
    raw: dict[str, list[list[Affect]]] = {name: [] for name in ways}
    smooth: dict[str, list[list[Affect]]] = {name: [] for name in ways}
    ended = []
    for k in known:
        seen = frames(faces.images[k], points[k], random)
        for name, stage in ways.items():
            smoother, counts = Smoother(SmoothOptions(), AffectOptions()), [first_look.ended]
            raw[name].append([])
            for image, face in seen:
                raw[name][-1] += stage.predict(image, face)
                counts.append(first_look.ended)
            smooth[name].append([smoother.update(1, one, step / FPS) for step, one in enumerate(raw[name][-1])])
        ended.append(np.diff(counts) > 0)  # those of the last way
    by_first = np.array(ended, np.bool_)
    changed = by_first[:, 1:] != by_first[:, :-1]
    print(
        f"{len(known)} faces, {first_look.ended / first_look.seen:.0%} of {first_look.seen} readings ended with "
        f"{first_look.first.model.name}, which changed {changed.mean() * FPS:.2f} times a second\n"
    )
    print("| way | valence, raw | where the network changed | label /s | smoothed | where it changed | label /s |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name in ways:
        print(line(name, raw[name], smooth[name], changed))


if __name__ == "__main__":
    main()

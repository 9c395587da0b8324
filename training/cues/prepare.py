"""Teacher's answers -> targets of the training: `python -m training.cues.prepare --out DIR` writes `OUT/faces.npz`.

Answers about the picture and its mirror are averaged. Mesh points become 68 points by a ridge regression that is fitted
to the points people have set (training clips only). The SDK's detector finds the five points by which the run time
will cut the crop; their mean over frontal faces is the crop's template (`template.json`).

Arrays of `n` faces; coordinates are pixels of the 200 px source crop, angles degrees:
    images: uint8 [n, 200, 200, 3] BGR; landmarks: the detector's, [n, 5, 2], NaN where it found no face.
    points: [n, 68, 2]; real: set by people.
    shapes: [n, 51], mean over picture and mirror; shaped: how many of both the teacher answered, 0 to 2.
    pose: [n, 3], of the points, in the frame of a camera that sees the source crop; gaze: [n, 2], relative to the head.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from training.cues import gaze, maps, pose
from training.cues.canonical import mean_mesh
from training.cues.labels import POOLS, Labels, read_labels
from training.cues.sdk import FaceDetector, five_of_68, similarity

SIDE = 200
TEMPLATE_FILE = Path(__file__).with_name("template.json")
# Side of the crop, and height of the eyes in it, in distances between the eyes: chin and brows of 99 % are inside.
CROP_SPAN, EYE_HEIGHT = 3.2, 0.88
RIDGE = 3e-3
# Detector landmarks further than this from the teacher's (in distances between the eyes) belong to something else.
FAR = 0.25


def read_template() -> np.ndarray:
    """Five points [5, 2] of the crop as shares of its side, image-left first."""
    return np.array(json.loads(TEMPLATE_FILE.read_text())["template"])


def both_meshes(labels: Labels, mirror: np.ndarray) -> np.ndarray:
    """Mesh points [n, 478, 2] in source pixels, mean over those of picture and mirror that were found."""
    straight = labels.points[:, 0, :, :2].astype(np.float64)
    turned = labels.points[:, 1][:, mirror, :2].astype(np.float64)
    turned[..., 0] = 1 - turned[..., 0]
    weight = labels.found[:, :2].astype(np.float64)
    total = np.maximum(weight.sum(1), 1)[:, None, None]
    return SIDE * (straight * weight[:, :1, None] + turned * weight[:, 1:, None]) / total


def apply(matrices: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Maps [n, 2, 3] applied to points [n, k, 2]."""
    return np.einsum("nij,nkj->nki", matrices[:, :, :2], points) + matrices[:, None, :, 2]


def inverse(matrices: np.ndarray) -> np.ndarray:
    """Inverse maps [n, 2, 3]."""
    linear = np.linalg.inv(matrices[:, :, :2])
    return np.concatenate([linear, -linear @ matrices[:, :, 2:]], 2)


def upright(mesh: np.ndarray, template: np.ndarray) -> np.ndarray:
    """Maps [n, 2, 3] from the template's frame to the source, by the teacher's own five points."""
    return similarity(five_of_68(mesh[:, maps.MESH_OF_68]), template)


class MeshTo68:
    """Ridge regression from the teacher's mesh to iBUG's 68 points, both in the template's frame."""

    def __init__(self, mesh: np.ndarray, real: np.ndarray, template: np.ndarray, mirror: np.ndarray) -> None:
        self.template = template
        place = inverse(upright(mesh, template))
        x, y = apply(place, mesh), apply(place, real)
        x = np.concatenate([x, np.stack([1 - x[:, mirror, 0], x[:, mirror, 1]], 2)])
        y = np.concatenate([y, maps.mirrored_points(y, 1.0)])
        x, y = x.reshape(len(x), -1), y.reshape(len(y), -1)
        self.mean_x, self.mean_y = x.mean(0), y.mean(0)
        x = x - self.mean_x
        self.weight = np.linalg.solve(x.T @ x + RIDGE * len(x) * np.eye(x.shape[1]) * x.var(), x.T @ (y - self.mean_y))

    def __call__(self, mesh: np.ndarray) -> np.ndarray:
        """68 points [n, 68, 2] in the pixels of `mesh` [n, 478, 2]."""
        place = upright(mesh, self.template)
        x = apply(inverse(place), mesh).reshape(len(mesh), 2 * mesh.shape[1]) - self.mean_x
        return apply(place, (x @ self.weight + self.mean_y).reshape(-1, 68, 2))


def mean_shapes(labels: Labels) -> tuple[np.ndarray, np.ndarray]:
    """Blendshapes [n, 51] over picture and mirror, and how many of both were answered [n]."""
    mirrored = maps.mirrored_names(labels.names)
    weight = labels.found[:, :2].astype(np.float64)
    both = labels.blendshapes[:, 0] * weight[:, :1] + labels.blendshapes[:, 1][:, mirrored] * weight[:, 1:]
    return both / np.maximum(weight.sum(1, keepdims=True), 1), weight.sum(1)


def gaze_targets(labels: Labels, unit: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Gaze [n, 2] relative to the head, degrees (mean of irises and blendshapes, picture and mirror), and the unit."""
    answers, iris_all, shapes_all = [], [], []
    for view in (0, 1):
        flip = np.array([1.0 - 2.0 * view, 1.0])
        iris = gaze.from_iris(labels.points[:, view].astype(np.float64), _turns(labels, view)) * flip
        shapes = gaze.from_blendshapes(labels.blendshapes[:, view], labels.names) * flip
        iris_all.append(iris)
        shapes_all.append(shapes)
    found = labels.found[:, :2].T
    if unit is None:
        unit = gaze.degrees_per_unit(iris_all[0][found[0]], shapes_all[0][found[0]])
    # Both are relative: an iris in the middle and no eye-look blendshape mean that a face looks straight on. In height
    # the middle between the corners of the eyes is not where the iris rests, hence the blendshapes' zero.
    for view in (0, 1):
        iris, shapes = iris_all[view], shapes_all[view] * unit
        offset = np.array([0.0, np.median((iris - shapes)[found[view], 1])])
        answers.append((iris - offset + shapes) / 2)
    weight = found[:, :, None].astype(np.float64)
    return (np.stack(answers) * weight).sum(0) / np.maximum(weight.sum(0), 1), unit


def _turns(labels: Labels, view: int) -> np.ndarray:
    turns = labels.transforms[:, view].astype(np.float64)
    turns[~labels.found[:, view]] = np.eye(4)
    return turns


def detect(images: list[np.ndarray], expected: np.ndarray) -> np.ndarray:
    """The SDK's five landmarks [n, 5, 2] of source crops; NaN where it finds no face near the `expected` ones."""
    landmarks = np.full((len(images), 5, 2), np.nan)
    with FaceDetector() as detector:
        for index, image in enumerate(images):
            found = np.asarray(detector.detect(image).landmarks, np.float64)
            if len(found):
                eyes = np.linalg.norm(expected[index, 0] - expected[index, 1]) + 1e-6
                far = np.linalg.norm(found - expected[index], axis=2).mean(1) / max(eyes, 12.0)
                if far.min() < FAR:
                    landmarks[index] = found[far.argmin()]
    return landmarks


def decode(code: bytes) -> np.ndarray:
    """A source crop, uint8 [200, 200, 3] BGR."""
    image = np.asarray(cv2.imdecode(np.frombuffer(code, np.uint8), cv2.IMREAD_COLOR))
    return image if len(image) == SIDE else cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)


def write_template(landmarks: np.ndarray, yaw: np.ndarray, path: Path = TEMPLATE_FILE) -> np.ndarray:
    """Mean of the detector's landmarks over frontal faces, symmetric, scaled to the crop; writes and returns it."""
    frontal = landmarks[(np.abs(yaw) < 8) & ~np.isnan(landmarks[:, 0, 0])]
    eyes = frontal[:, :2].mean(1)
    span = frontal[:, 1, 0] - frontal[:, 0, 0]
    shape = ((frontal - eyes[:, None]) / span[:, None, None]).mean(0)
    shape = (shape + shape[[1, 0, 2, 4, 3]] * np.array([-1, 1])) / 2
    template = (shape + np.array([CROP_SPAN / 2, EYE_HEIGHT])) / CROP_SPAN
    record = {"template": template.round(5).tolist(), "unit": "share of the crop's side", "faces": len(frontal)}
    path.write_text(json.dumps(record) + "\n")
    return template


def prepare(out: Path, pools: tuple[str, ...] = POOLS) -> Path:
    """Writes `OUT/faces.npz` unless it is there, and returns its path."""
    path = out / "faces.npz"
    if path.exists():
        return path
    labels = read_labels(out, pools)
    train, real = labels.split == "train", ~np.isnan(labels.real68[:, 0, 0])
    mirror = maps.mesh_mirror(mean_mesh(labels.take(train & real))[:, :2])
    mesh, answered = both_meshes(labels, mirror), labels.found[:, :2].any(1)
    people = labels.real68.astype(np.float64) * SIDE
    # Any template will do for the regression; the crop's own one follows from the detector below.
    rough = np.array([[0.344, 0.275], [0.656, 0.275], [0.5, 0.45], [0.375, 0.605], [0.625, 0.605]])
    fit = train & real & labels.found[:, :2].all(1)
    to68 = MeshTo68(mesh[fit], people[fit], rough, mirror)
    points = np.where(real[:, None, None], people, 0.0)
    points[answered & ~real] = to68(mesh[answered & ~real])
    held = real & answered & (labels.split == "test")
    size = np.sqrt(np.prod(people[held].max(1) - people[held].min(1), axis=1))
    errors = {
        name: float((np.linalg.norm(guess - people[held], axis=2).mean(1) / size).mean())
        for name, guess in {"mapped": mesh[held][:, maps.MESH_OF_68], "regression": to68(mesh[held])}.items()
    }
    print("teacher's 68 points against people's, test clips:", errors, flush=True)

    shapes, shaped = mean_shapes(labels)
    _, unit = gaze_targets(labels.take(train & answered))
    looks, _ = gaze_targets(labels, unit)
    angles = np.array([pose.solve(p, (SIDE, SIDE)) for p in points])
    images = [decode(code) for code in labels.codes]
    landmarks = detect(images, five_of_68(points))
    write_template(landmarks[train & real], angles[train & real, 0])
    pool = np.array([key.split("/")[0] for key in labels.keys.tolist()])
    agreement = mirror_agreement(labels.take(train))
    partial = path.with_suffix(".partial.npz")
    np.savez(
        partial,
        images=np.stack(images),
        landmarks=landmarks.astype(np.float32),
        points=points.astype(np.float32),
        real=real,
        shapes=shapes.astype(np.float32),
        shaped=shaped.astype(np.float32),
        pose=angles.astype(np.float32),
        gaze=looks.astype(np.float32),
        gaze_unit=unit,
        split=labels.split,
        pool=pool,
        keys=labels.keys,
        names=np.array(labels.names),
        agreement=agreement,
        teacher_errors=json.dumps(errors),
    )
    partial.replace(path)
    return path


def mirror_agreement(labels: Labels) -> np.ndarray:
    """Correlation [51] of the teacher's blendshapes between picture and mirror."""
    two = labels.found[:, :2].all(1)
    a = labels.blendshapes[two, 0]
    b = labels.blendshapes[two, 1][:, maps.mirrored_names(labels.names)]
    return np.array([np.corrcoef(a[:, i], b[:, i])[0, 1] for i in range(a.shape[1])])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--pools", nargs="*", default=list(POOLS), choices=POOLS)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    print(prepare(arguments.out, tuple(arguments.pools)))


if __name__ == "__main__":
    main()

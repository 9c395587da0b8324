"""Asks MediaPipe's Face Landmarker about every face: points, blendshapes and head transformation.

`python training/cues/label.py --data DIR --out DIR [--shard 0/2]`

Runs in an environment of its own with `mediapipe==0.10.21`, and therefore imports nothing of this project. It needs
`OUT/boxes.npz` of `training.cues.boxes`. One shard writes `OUT/labels-POOL-K-of-N.npz` per pool and skips the files
that are there. A face is cut out of the sharpest version of its picture, enlarged where it is small, and shown to the
teacher twice: as it is and mirrored. A part of the faces is shown once more, shifted and scaled, so that the teacher's
own noise can be measured.

Arrays of a file, for `n` faces (coordinates are those of the square crop, 0 to 1, pixel centres at +0.5):
    keys, groups: `pool/file#number`, and person or clip.
    crops, ends: JPEG bytes of all crops one after the other, and where each one ends.
    real68: float32 [n, 68, 2], points set by people, NaN where there are none.
    scale: float32 [n], source pixels per crop pixel (above 1: the crop has been shrunk).
    found: bool [n, 3], whether the teacher found the face as it is, mirrored, shifted and scaled.
    points: float32 [n, 3, 478, 3], raw (those of the mirror are not mapped back).
    blendshapes: float32 [n, 3, 51], without `_neutral`.
    transforms: float32 [n, 3, 4, 4].
    names: the 51 blendshape names.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

CROP = 200
TEACHER_SIDE = 320
# Side of the crop over the longer side of the face's box.
MARGIN = 2.0
LEAST_BOX = 36
FACES_A_PHOTO = 4
FERPLUS_FACES = 4000
NOISE_SHARE = 0.08
JPEG_QUALITY = 95
POOLS = ("points68", "webmorph", "omi", "web", "ferplus", "multi", "photos")


@dataclass
class Face:
    """One face to be shown to the teacher.

    Attributes:
        key: `pool/file#number`.
        group: person or clip; never crosses a split.
        crop: uint8 [s, s, 3] BGR, the face in its middle, at source resolution.
        real68: points set by people, in crop pixels.
    """

    key: str
    group: str
    crop: np.ndarray
    real68: np.ndarray = field(default_factory=lambda: np.full((68, 2), np.nan))


def square(image: np.ndarray, box: np.ndarray, margin: float = MARGIN) -> tuple[np.ndarray, np.ndarray]:
    """The square about `box` (xyxy) with replicated borders, and the picture's point at its corner."""
    side = int(np.ceil(margin * max(box[2] - box[0], box[3] - box[1])))
    corner = np.rint((box[:2] + box[2:]) / 2 - side / 2).astype(int)
    h, w = image.shape[:2]
    pads = [max(0, -corner[1]), max(0, corner[1] + side - h), max(0, -corner[0]), max(0, corner[0] + side - w)]
    padded = cv2.copyMakeBorder(image, pads[0], pads[1], pads[2], pads[3], cv2.BORDER_REPLICATE)
    x, y = corner[0] + pads[2], corner[1] + pads[0]
    return padded[y : y + side, x : x + side], corner


def normalised(name: str) -> str:
    """A person's name as all sets share it: `lfw_George_W_Bush` and `George_W_Bush` are one."""
    return re.sub(r"[^a-z]", "", re.sub(r"^(lfw|p|training|test)_", "", name).lower())


def _rows(archive: zipfile.ZipFile, table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.TextIOWrapper(archive.open(table), "utf-8")))


def _read(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    return np.asarray(cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_COLOR))


def read_boxes(path: Path) -> dict[str, np.ndarray]:
    """Per picture `pool/file` the boxes that `training.cues.boxes` has found, largest first and not too small."""
    with np.load(path) as file:
        ends = np.cumsum(file["counts"])
        parts = dict(zip(file["keys"].tolist(), np.split(file["boxes"], ends[:-1]), strict=True))
    sides = {key: (boxes[:, 2:] - boxes[:, :2]).max(1, initial=0) for key, boxes in parts.items()}
    return {k: b[np.argsort(-sides[k])][: int((sides[k] >= LEAST_BOX).sum())] for k, b in parts.items()}


def read_faces(data: Path, pool: str, shard: int, shards: int, boxes: dict[str, np.ndarray]) -> Iterator[Face]:
    """Every face of a pool that belongs to the shard."""
    if pool == "ferplus":
        yield from _read_ferplus(data, shard, shards)
        return
    file = {
        "points68": "faces_68points.zip",
        "webmorph": "faces_webmorph.zip",
        "omi": "faces_omi_rated.zip",
        "web": "faces_expression_web.zip",
        "multi": "faces_multi.zip",
        "photos": "photos_unlabelled.zip",
    }[pool]
    with zipfile.ZipFile(data / file) as archive:
        rows = _rows(archive, "list.csv" if pool == "photos" else "labels.csv")
        unique = {row["file"]: row for row in rows}
        for row in list(unique.values())[shard::shards]:
            name, image = row["file"], _read(archive, row["file"])
            if pool == "points68":
                points = np.array([[float(row[f"x{i}"]), float(row[f"y{i}"])] for i in range(68)])
                low, high = points.min(0), points.max(0)
                low[1] -= 0.2 * (high[1] - low[1])  # forehead
                crop, corner = square(image, np.concatenate([low, high]))
                yield Face(f"{pool}/{name}#0", normalised(row["clip"]), crop, points - corner)
            elif pool == "web":
                side = image.shape[0]
                box = np.array([0.083 * side, 0.083 * side, 0.917 * side, 0.917 * side])
                yield Face(f"{pool}/{name}#0", normalised(row["person"]) or name, square(image, box, 1.8)[0])
            else:
                most = 1 if pool in ("webmorph", "omi") else FACES_A_PHOTO
                group = row.get("person") or name
                for number, box in enumerate(boxes[f"{pool}/{name}"][:most]):
                    yield Face(f"{pool}/{name}#{number}", group, square(image, box)[0])


def _read_ferplus(data: Path, shard: int, shards: int) -> Iterator[Face]:
    with zipfile.ZipFile(data / "ferplus_train_valid.zip") as archive:
        meta = np.load(io.BytesIO(archive.read("votes.npz")))
        names = sorted(k for k in archive.namelist() if k.startswith("page_"))
        pages = [
            np.asarray(cv2.imdecode(np.frombuffer(archive.read(k), np.uint8), cv2.IMREAD_GRAYSCALE)) for k in names
        ]
    tiles = [p.reshape(20, 48, 20, 48).swapaxes(1, 2).reshape(400, 48, 48) for p in pages]
    images = np.concatenate(tiles)[: len(meta["votes"])]
    train = np.flatnonzero(meta["split"] == "train")
    chosen = np.sort(np.random.default_rng(0).permutation(train)[:FERPLUS_FACES])
    for index in chosen[shard::shards].tolist():
        crop = cv2.copyMakeBorder(images[index], 12, 12, 12, 12, cv2.BORDER_REPLICATE)
        yield Face(f"ferplus/{index}#0", f"ferplus{index}", cv2.cvtColor(crop, cv2.COLOR_GRAY2BGR))


class Teacher:
    """The Face Landmarker on one picture at a time."""

    def __init__(self, file: Path) -> None:
        import mediapipe  # in this environment only

        self._mediapipe = mediapipe
        vision = mediapipe.tasks.vision
        options = vision.FaceLandmarkerOptions(
            base_options=mediapipe.tasks.BaseOptions(model_asset_path=str(file)),
            running_mode=vision.RunningMode.IMAGE,
            num_faces=1,
            min_face_detection_confidence=0.3,
            min_face_presence_confidence=0.5,
            output_face_blendshapes=True,
            output_facial_transformation_matrixes=True,
        )
        self._landmarker = vision.FaceLandmarker.create_from_options(options)
        self.names: list[str] = []

    def __call__(self, crop: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """Points [478, 3] (0 to 1), blendshapes [51] and transformation [4, 4] of a BGR crop; None without a face."""
        rgb = np.ascontiguousarray(cv2.cvtColor(crop, cv2.COLOR_BGR2RGB))
        image = self._mediapipe.Image(image_format=self._mediapipe.ImageFormat.SRGB, data=rgb)
        said = self._landmarker.detect(image)
        if not said.face_landmarks:
            return None
        points = np.array([[p.x, p.y, p.z] for p in said.face_landmarks[0]], np.float32)
        # Another face at the edge of the crop is not the one asked about.
        if np.abs(points[:, :2].mean(0) - 0.5).max() > 0.2:
            return None
        shapes = [s for s in said.face_blendshapes[0] if s.category_name != "_neutral"]
        self.names = [s.category_name for s in shapes]
        scores = np.array([s.score for s in shapes], np.float32)
        return points, scores, np.array(said.facial_transformation_matrixes[0], np.float32)


def enlarged(crop: np.ndarray, matrix: np.ndarray | None = None) -> np.ndarray:
    """The crop as the teacher gets it, optionally moved by a map of 0..1 coordinates (output to crop)."""
    side = crop.shape[0]
    method = cv2.INTER_CUBIC if side < TEACHER_SIDE else cv2.INTER_AREA
    large = cv2.resize(crop, (TEACHER_SIDE, TEACHER_SIDE), interpolation=method)
    if matrix is None:
        return large
    pixels = matrix.copy()
    pixels[:, 2] *= TEACHER_SIDE
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(large, pixels, (TEACHER_SIDE, TEACHER_SIDE), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def label_pool(
    data: Path, pool: str, shard: int, shards: int, boxes: dict[str, np.ndarray], teacher: Teacher, path: Path
) -> int:
    """Labels the shard's faces of one pool, writes `path` and returns how many faces there were."""
    random = np.random.default_rng([shard, POOLS.index(pool)])
    keys, groups, codes, real, scales, found, points, shapes, transforms = ([] for _ in range(9))
    for face in read_faces(data, pool, shard, shards, boxes):
        side = face.crop.shape[0]
        views = [enlarged(face.crop), enlarged(face.crop[:, ::-1])]
        if random.random() < NOISE_SHARE:
            zoom = float(random.uniform(0.94, 1.06))
            shift = 0.5 - zoom * 0.5 + random.uniform(-0.03, 0.03, 2)
            views.append(enlarged(face.crop, np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]]])))
        said = [teacher(view) for view in views] + [None] * (3 - len(views))
        if said[0] is None and said[1] is None and np.isnan(face.real68).all():
            continue
        small = face.crop
        if side > CROP:
            small = cv2.resize(small, (CROP, CROP), interpolation=cv2.INTER_AREA)
        keys.append(face.key)
        groups.append(face.group)
        codes.append(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes())
        real.append(face.real68 / side)
        scales.append(max(side / CROP, 1.0))
        found.append([s is not None for s in said])
        empty = (np.zeros((478, 3)), np.zeros(51), np.zeros((4, 4)))
        parts = [s if s is not None else empty for s in said]
        points.append(np.stack([p[0] for p in parts]))
        shapes.append(np.stack([p[1] for p in parts]))
        transforms.append(np.stack([p[2] for p in parts]))
    partial = path.with_suffix(".partial.npz")
    np.savez(
        partial,
        keys=np.array(keys),
        groups=np.array(groups),
        crops=np.frombuffer(b"".join(codes), np.uint8),
        ends=np.cumsum([len(c) for c in codes]),
        real68=np.array(real, np.float32),
        scale=np.array(scales, np.float32),
        found=np.array(found),
        points=np.array(points, np.float32),
        blendshapes=np.array(shapes, np.float32),
        transforms=np.array(transforms, np.float32),
        names=np.array(teacher.names),
    )
    partial.replace(path)
    return len(keys)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--shard", default="0/1", help="K/N: every Nth face from the Kth on")
    parser.add_argument("--pools", nargs="*", default=list(POOLS), choices=POOLS)
    arguments = parser.parse_args()
    shard, shards = map(int, arguments.shard.split("/"))
    cv2.setNumThreads(1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    teacher = Teacher(arguments.data / "teachers" / "face_landmarker.task")
    boxes = read_boxes(arguments.out / "boxes.npz")
    for pool in arguments.pools:
        path = arguments.out / f"labels-{pool}-{shard}-of-{shards}.npz"
        if not path.exists():
            count = label_pool(arguments.data, pool, shard, shards, boxes, teacher, path)
            print(f"{pool}: {count} faces", flush=True)


if __name__ == "__main__":
    main()

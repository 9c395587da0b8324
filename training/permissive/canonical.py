"""MediaPipe's canonical face, read from the task file, and the template of five points that follows from it.

`python -m training.permissive.canonical --data DIR` writes `edgeaffect/face/mesh_head.json`, the head of the run time's
head pose, in the camera's axes.
"""

from __future__ import annotations

import argparse
import json
import zipfile
from pathlib import Path

import numpy as np

from training.permissive.reference_file import TASK
from training.permissive.roi import SCALE, SIDE

HEAD = Path(__file__).parents[2] / "edgeaffect" / "face" / "mesh_head.json"

METADATA = "geometry_pipeline_metadata_landmarks.binarypb"
VERTICES = 468
_FLOAT_OF_FIELD_3 = 0x1D  # protobuf tag of `Mesh3d.vertex_buffer`: x, y, z, u, v of each vertex
_EYES = ((33, 133), (362, 263))
_MOUTH = (61, 291)


def vertices(task: Path) -> np.ndarray:
    """float64 [468, 3] in centimetres: x to the image's right, y up, z towards the camera."""
    with zipfile.ZipFile(task) as bundle:
        data = bundle.read(METADATA)
    step = 5  # a tag and four bytes
    start = data.index(bytes([_FLOAT_OF_FIELD_3]))
    rows = np.frombuffer(data, np.uint8, VERTICES * 5 * step, start).reshape(-1, step)
    if (rows[:, 0] != _FLOAT_OF_FIELD_3).any():
        raise ValueError(f"{METADATA} of {task} does not begin with {VERTICES} vertices of five numbers")
    return rows[:, 1:].copy().view("<f4").reshape(VERTICES, 5)[:, :3].astype(np.float64)


def template(task: Path) -> np.ndarray:
    """float64 [5, 2]: eyes, nose tip, mouth corners in pixels of the network's picture."""
    mesh = vertices(task)
    flat = mesh[:, :2] * (1, -1)
    low, high = flat.min(0), flat.max(0)
    eyes = [flat[list(corners)].mean(0) for corners in _EYES]
    five = np.array([*eyes, flat[mesh[:, 2].argmax()], *flat[list(_MOUTH)]])
    return (five - (low + high) / 2) * SIDE / (SCALE * (high - low).max()) + SIDE / 2


def head(task: Path) -> str:
    """Text of `mesh_head.json`: x to the image's right, y down, z away from the camera, in centimetres."""
    points = (vertices(task) * (1, -1, -1)).round(4) + 0.0  # no -0.0
    source = "canonical face of MediaPipe's Face Landmarker, version 1, float16 (Apache-2.0)"
    return json.dumps({"source": source, "points_cm": points.tolist()}) + "\n"


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    args = parser.parse_args(argv)
    HEAD.write_text(head(args.data / TASK), "utf-8")
    print(f"{HEAD}: {HEAD.stat().st_size} bytes")


if __name__ == "__main__":
    main()

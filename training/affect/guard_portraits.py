"""The whole path on portraits that something hides: how many faces are found, how many answers are sure, and other.

`python -m training.affect.guard_portraits --data DIR [--model NAME] [--count N]`

Colour portraits (`faces_webmorph.zip`) that no expression training saw. The reference is the pipeline's answer for the
untouched portrait. Adds `portraits` to the model's record in `GUARD.json`.
"""

from __future__ import annotations

import argparse
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edgeaffect import Pipeline
from edgeaffect.evaluation.affect_metrics import wilson_interval
from edgeaffect.results import Face
from training.affect.evaluate import rounded
from training.affect.guard_kinds import RESULTS_FILE
from training.data import data_folder
from training.provenance import provenance

Picture = np.ndarray
Touch = Callable[[Picture, Face], Picture]
CANVAS = 384
"""Side of the gray frame that the portraits are put into, so that turned and shrunk ones are whole."""


def portraits(folder: Path) -> Iterator[Picture]:
    """All portraits, in the middle of a gray frame [384, 384, 3] BGR."""
    with zipfile.ZipFile(folder / "faces_webmorph.zip") as archive:
        for name in sorted(archive.namelist()):
            if name.lower().endswith((".jpg", ".png", ".webp")):
                yield framed(np.asarray(cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_COLOR)))


def framed(picture: Picture) -> Picture:
    """The picture in the middle of the frame."""
    canvas = np.full((CANVAS, CANVAS, 3), 110, np.uint8)
    h, w = picture.shape[:2]
    top, left = (CANVAS - h) // 2, (CANVAS - w) // 2
    canvas[top : top + h, left : left + w] = picture
    return canvas


def turned(degrees: float) -> Touch:
    """The whole picture turned about its middle."""
    matrix = cv2.getRotationMatrix2D(((CANVAS - 1) / 2,) * 2, degrees, 1.0)
    return lambda picture, face: cv2.warpAffine(picture, matrix, (CANVAS, CANVAS), borderValue=(110,) * 3)


def shrunk(pixels: float) -> Touch:
    """The same view from further away: a face that is so many pixels high."""

    def touch(picture: Picture, face: Face) -> Picture:
        scale = pixels / float(face.box[3] - face.box[1])
        side = max(1, round(CANVAS * scale))
        return framed(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA))

    return touch


def blurred(share: float) -> Touch:
    """Out of focus: a sigma of so much of the face's height."""
    return lambda picture, face: cv2.GaussianBlur(picture, (0, 0), share * float(face.box[3] - face.box[1]))


def covered(row: float, half_height: float) -> Touch:
    """A gray bar across the face, at `row` of its height from the top of the box."""

    def touch(picture: Picture, face: Face) -> Picture:
        x0, y0, x1, y1 = (float(v) for v in face.box)
        h = y1 - y0
        hidden = picture.copy()
        top, bottom = y0 + (row - half_height) * h, y0 + (row + half_height) * h
        hidden[max(0, round(top)) : round(bottom), max(0, round(x0)) : round(x1)] = (96, 110, 124)
        return hidden

    return touch


def darkened(gain: float) -> Touch:
    """So much of the light."""
    return lambda picture, face: np.rint(picture * gain).astype(np.uint8)


TOUCHES: dict[str, Touch] = {
    "turned 45 degrees": turned(45),
    "sideways": turned(90),
    "turned 135 degrees": turned(135),
    "upside down": turned(180),
    "mouth covered": covered(0.8, 0.16),
    "eyes covered": covered(0.4, 0.12),
    "blur, 4 % of the face": blurred(0.04),
    "blur, 8 % of the face": blurred(0.08),
    "24 px": shrunk(24),
    "16 px": shrunk(16),
    "12 px": shrunk(12),
    "dark (gain 0.1)": darkened(0.1),
}


def largest(pipeline: Pipeline, picture: Picture) -> Face | None:
    """The largest analysed face of a picture by itself."""
    pipeline.reset()
    faces = [face for face in pipeline.process(picture).faces if face.affect is not None]
    return max(faces, key=lambda face: float(np.prod(face.box[2:] - face.box[:2])), default=None)


def report(pipeline: Pipeline, pictures: list[Picture]) -> dict[str, Any]:
    """Counts over all portraits with a face."""
    known = [(picture, face) for picture in pictures if (face := largest(pipeline, picture))]
    plain_sure = sum(bool(face.affect and face.affect.is_sure) for _, face in known)
    found: dict[str, Any] = {"portraits": len(known), "sure": plain_sure, "touches": {}}
    for name, touch in TOUCHES.items():
        answers = [(face, largest(pipeline, touch(picture, face))) for picture, face in known]
        seen = [(was.affect, now.affect) for was, now in answers if now is not None and was.affect and now.affect]
        sure = [(was, now) for was, now in seen if now.is_sure]
        other = sum(was.label != now.label for was, now in sure)
        found["touches"][name] = {
            "found": len(seen),
            "sure": len(sure),
            "other": other,
            "interval": list(wilson_interval(other, len(sure))) if sure else [0.0, 1.0],
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--model", default="affect-small-int8")
    parser.add_argument("--count", type=int, help="only so many portraits; then nothing is recorded")
    arguments = parser.parse_args()
    pictures = list(portraits(data_folder(arguments.data)))[: arguments.count]
    with Pipeline(affect_model=arguments.model, device="cpu") as pipeline:
        found = rounded(report(pipeline, pictures))
    found["measured"] = provenance(Path(__file__).parent)
    if arguments.count is None:
        results = json.loads(RESULTS_FILE.read_text()) if RESULTS_FILE.exists() else {}
        results.setdefault(arguments.model, {})["portraits"] = found
        RESULTS_FILE.write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(found["touches"], indent=1))


if __name__ == "__main__":
    main()

"""A real portrait, and a short video made from it by pan and zoom: prints JSON, writes annotated files.

`python examples/demo.py [folder]` needs scikit-image, which brings the portrait (NASA, public domain); it writes to
`demo_output/` unless told otherwise.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import cv2
import numpy as np

from edgeaffect import Pipeline
from edgeaffect.draw import annotate

FPS, SECONDS, SIZE = 25, 4, (640, 480)


def view(portrait: np.ndarray, t: float) -> np.ndarray:
    """What a camera sees that pans over the portrait and zooms; t runs from 0 to 1."""
    zoom = 1.5 + 0.6 * math.sin(2 * math.pi * t)
    x = 225 + 55 * math.sin(2 * math.pi * t)
    y = 150 + 30 * math.sin(4 * math.pi * t)
    matrix = np.array([[zoom, 0, SIZE[0] / 2 - zoom * x], [0, zoom, SIZE[1] / 2 - zoom * y]])
    return cv2.warpAffine(portrait, matrix, SIZE, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def writer(path: Path) -> cv2.VideoWriter:
    opened = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), FPS, SIZE)
    if not opened.isOpened():
        raise SystemExit(f"OpenCV cannot write {path}")
    return opened


def main(folder: Path) -> None:
    try:
        from skimage import data
    except ModuleNotFoundError:
        raise SystemExit("the demo's portrait comes with scikit-image: pip install 'edgeaffect[demo]'") from None
    folder.mkdir(parents=True, exist_ok=True)
    portrait = np.ascontiguousarray(data.astronaut()[..., ::-1])  # RGB to OpenCV's BGR

    with Pipeline() as pipeline:
        result = pipeline.process(portrait)
        print(result.to_json())
        cv2.imwrite(str(folder / "portrait.png"), annotate(portrait, result))

        film = writer(folder / "film.mp4")
        for step in range(FPS * SECONDS):
            film.write(view(portrait, step / (FPS * SECONDS)))
        film.release()

        annotated = writer(folder / "film_annotated.mp4")
        with open(folder / "film.jsonl", "w", encoding="utf-8") as lines:
            for frame, result in pipeline.frames(folder / "film.mp4"):
                annotated.write(annotate(frame.image, result))
                lines.write(result.to_json() + "\n")
                if frame.index % FPS == 0:  # one frame a second is enough to look at
                    print(result.to_json())
        annotated.release()
    print(f"wrote {', '.join(sorted(path.name for path in folder.iterdir()))} to {folder}", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo_output"))

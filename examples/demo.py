"""A real portrait and a short video made from it by pan and zoom: says what it sees, writes annotated files.

`python examples/demo.py [folder]` writes to `demo_output/` unless told otherwise. The portrait is Eileen Collins (NASA,
public domain).
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import cv2
import numpy as np

from edgeaffect import Pipeline, Result
from edgeaffect.draw import annotate

PORTRAIT = Path(__file__).with_name("portrait.jpg")
FPS, SECONDS, SIZE = 25, 4, (640, 480)


def sentence(name: str, result: Result) -> str:
    """One line for people: how many faces, and what the first one shows."""
    if not result.faces or (affect := result.faces[0].affect) is None:
        return f"{name}: no face"
    count = f"{len(result.faces)} face{'s' if len(result.faces) > 1 else ''}"
    sure = "sure" if affect.is_sure else "not sure"
    return (
        f"{name}: {count}; {affect.label} {affect.confidence:.0%} ({sure}), valence {affect.valence:+.2f} "
        f"± {affect.valence_std:.2f}, arousal {affect.arousal:+.2f} ± {affect.arousal_std:.2f}"
    )


def view(portrait: np.ndarray, t: float) -> np.ndarray:
    """What a camera sees that pans over the portrait and zooms; t runs from 0 to 1."""
    zoom = 1.5 + 0.6 * math.sin(2 * math.pi * t)
    x = 225 + 55 * math.sin(2 * math.pi * t)
    y = 150 + 30 * math.sin(4 * math.pi * t)
    matrix = np.array([[zoom, 0, SIZE[0] / 2 - zoom * x], [0, zoom, SIZE[1] / 2 - zoom * y]])
    return cv2.warpAffine(portrait, matrix, SIZE, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def writer(path: Path) -> cv2.VideoWriter:
    """An MPEG-4 video file."""
    opened = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), FPS, SIZE)
    if not opened.isOpened():
        raise SystemExit(f"OpenCV cannot write {path}")
    return opened


def main(folder: Path) -> None:
    """Run on the portrait, then on a film made from it."""
    folder.mkdir(parents=True, exist_ok=True)
    portrait = cv2.imread(str(PORTRAIT))

    with Pipeline() as pipeline:
        result = pipeline.process(portrait)
        print(sentence(PORTRAIT.name, result))
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
                    print(sentence(f"film.mp4 at {result.timestamp:.0f} s", result))
        annotated.release()
    print(f"wrote {', '.join(sorted(path.name for path in folder.iterdir()))} to {folder}", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo_output"))

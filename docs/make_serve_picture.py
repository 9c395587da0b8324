"""Writes `serve.png`: the live page of `edgeaffect serve`, as Chromium shows it, of a person who sways.

`python docs/make_serve_picture.py [--seconds 25] [--to docs/serve.png]` needs Chromium and the extras `serve` and
`images`.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import threading
import time
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from edgeaffect import Pipeline
from edgeaffect.options.serve import ServeOptions
from edgeaffect.serve import Live, PageServer
from edgeaffect.sources.paced import PacedSource

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from browser import Browser  # noqa: E402  (a helper of the tests)

FPS, PERIOD = 25, 150
READY = "document.querySelectorAll('.face').length === 2 && !document.getElementById('video').hidden"


def scene() -> list[np.ndarray]:
    """A portrait and its mirror image before a wall, each turning and swaying on its own, 960x540."""
    person = cv2.imread(str(ROOT / "export" / "astronaut.jpg"))
    side = person.shape[0]
    frames = []
    for i in range(PERIOD):
        phase = 2 * np.pi * i / PERIOD
        frame = np.repeat(np.linspace(78, 44, 540)[:, None], 960, 1)[:, :, None].repeat(3, 2).astype(np.uint8)
        for k, (x, y, scale) in enumerate(((250, 230, 2.6), (700, 260, 2.2))):
            picture = person[:, ::-1] if k else person
            center = (side * (0.56 if k else 0.44), side * 0.25)
            matrix = cv2.getRotationMatrix2D(center, 7 * np.sin(phase + 2 * k), scale)
            matrix[:, 2] += np.array([x + 25 * np.sin(phase + k), y + 10 * np.sin(2 * phase + k)]) - center
            half = np.s_[:, 480:] if k else np.s_[:, :480]
            there = cv2.warpAffine(np.full((side, side), 255, np.uint8), matrix, (960, 540))[half] > 0
            frame[half][there] = cv2.warpAffine(picture, matrix, (960, 540), flags=cv2.INTER_CUBIC)[half][there]
        frames.append(frame)
    return frames


def main() -> None:
    """Serve, look, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=25.0, help="that the page is watched before")
    parser.add_argument("--to", type=Path, default=Path(__file__).with_name("serve.png"))
    arguments = parser.parse_args()
    source = PacedSource(scene(), fps=FPS, seconds=600)
    source.name = "/dev/video0"
    with tempfile.TemporaryDirectory() as folder, Pipeline(cues=True, explain=True) as pipeline:
        live = Live(pipeline, source, options=ServeOptions(port=0))
        with PageServer(live) as server, Browser(Path(folder)) as browser:
            thread = threading.Thread(target=live.run, daemon=True)
            thread.start()
            browser.resize(1280, 900)
            browser.open(server.address)
            browser.until(READY)
            time.sleep(arguments.seconds)
            browser.evaluate("document.querySelectorAll('.spot')[0].click()")
            browser.until("document.querySelector('.answer .said') !== null")
            time.sleep(0.5)
            picture = browser.picture()
            live.stop()
            thread.join()
        live.close()
    # 256 colours without dither: a third of the bytes, and the page looks the same.
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(224, dither=Image.Dither.NONE).save(
        arguments.to, optimize=True
    )
    print(f"{arguments.to}: {arguments.to.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()

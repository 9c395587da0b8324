"""MediaPipe's own detector (BlazeFace, short range), only to check our conversion against MediaPipe's whole program.

Given the same square, our files must give MediaPipe's numbers; the square of its first frame comes from this detector.
Settings are those of `face_detector_graph.cc`; no file of the set holds this network.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from training.files import open_on_one_thread
from training.permissive.convert import Converter, finish
from training.permissive.mediapipe import part
from training.permissive.roi import Square, from_box
from training.permissive.tflite_file import read

SIDE = 128
CELLS = ((16, 2), (8, 6))
"""Cells along a side, and anchors in each."""
LEAST_SCORE, SAME_FACE = 0.5, 0.3


def anchors() -> np.ndarray:
    """float64 [896, 2]: centres in 0..1, row by row."""
    rows = []
    for cells, each in CELLS:
        y, x = np.divmod(np.arange(cells * cells), cells)
        rows.append(np.repeat(np.stack([x + 0.5, y + 0.5], 1) / cells, each, 0))
    return np.concatenate(rows)


class BlazeFace:
    """The detector of a `face_landmarker.task`, on one thread."""

    def __init__(self, task: Path) -> None:
        graph = read(part(task, "face_detector.tflite"))
        converter = Converter(graph, "pictures")
        converter.names[graph.inputs[0]] = "image"
        outputs: dict[str, list[int]] = {}
        for name, number in zip(("boxes", "scores"), graph.outputs, strict=True):
            converter.emit("Identity", [converter.tensor(number)], name)
            outputs[name] = list(graph.shapes[number])
        model = finish(converter, {"image": [1, 3, SIDE, SIDE]}, outputs)
        self.session = open_on_one_thread(model.SerializeToString())
        self.anchors = anchors()

    def square(self, image: np.ndarray) -> Square | None:
        """MediaPipe's square on the first frame, for its best face in an RGB picture."""
        height, width = image.shape[:2]
        longest = max(height, width)
        step = longest / SIDE
        # As MediaPipe's CPU code: whole-number coordinates are pixel centres, and the picture is centred on black.
        shift = np.array([(width - longest) / 2, (height - longest) / 2])
        matrix = np.array([[step, 0, shift[0]], [0, step, shift[1]]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        small = cv2.warpAffine(image, matrix, (SIDE, SIDE), flags=flags, borderMode=cv2.BORDER_CONSTANT)
        feed = (small.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None]
        raw, logits = (out[0].astype(np.float64) for out in self.session.run(None, {"image": feed}))
        scores = 1 / (1 + np.exp(-logits[:, 0].clip(-100, 100)))
        keep = scores >= LEAST_SCORE
        if not keep.any():
            return None
        values = raw[keep].reshape(-1, 8, 2) / SIDE
        values[:, 0] += self.anchors[keep]
        values[:, 2:] += self.anchors[keep][:, None]
        box = np.concatenate([values[:, 0] - values[:, 1] / 2, values[:, 0] + values[:, 1] / 2], 1)
        merged = weighted_best(np.concatenate([box, values[:, 2:4].reshape(-1, 4)], 1), scores[keep])
        frame = merged.reshape(-1, 2) * longest + shift
        return from_box(frame[:2].ravel(), frame[2:])


def weighted_best(rows: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Mean of the best row and of those that overlap its box (first four numbers) enough, by their scores."""
    boxes = rows[:, :4]
    best = boxes[scores.argmax()]
    low, high = np.maximum(boxes[:, :2], best[:2]), np.minimum(boxes[:, 2:], best[2:])
    shared = (high - low).clip(0).prod(1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    same = shared / (areas + (best[2:] - best[:2]).prod() - shared) > SAME_FACE
    return scores[same] @ rows[same] / scores[same].sum()

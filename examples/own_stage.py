"""A stage of your own in the pipeline: a detector by OpenCV's colours, and an affect model that is a rule.

`python examples/own_stage.py` makes its own frames: a yellow ball whose smile grows. Any object with `detect(frame,
color)` is a detector, and any with `predict(frame, faces, color)` reads expressions: tracking, smoothing, scheduling,
results and sinks stay as they are.
"""

from __future__ import annotations

import cv2
import numpy as np

from edgeaffect import Affect, Faces, Pipeline
from edgeaffect.affect import entropy
from edgeaffect.circumplex import EMOTIONS, vad_from_votes
from edgeaffect.sources import Arrays

EYES_NOSE_MOUTH = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.55], [0.3, 0.7], [0.7, 0.7]], np.float32)  # of the box


class YellowDetector:
    """Faces are what is yellow."""

    def detect(self, frame: np.ndarray, color: str = "bgr") -> Faces:
        """Boxes, scores and landmarks in pixels of the frame."""
        yellow = cv2.inRange(frame, (0, 150, 150), (80, 255, 255))
        outlines, _ = cv2.findContours(yellow, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        found = [cv2.boundingRect(outline) for outline in outlines if cv2.contourArea(outline) > 400]
        boxes = np.array([[x, y, x + w, y + h] for x, y, w, h in found], np.float32).reshape(-1, 4)
        sizes = boxes[:, None, 2:] - boxes[:, None, :2]
        return Faces(boxes, np.full(len(boxes), 0.9, np.float32), boxes[:, None, :2] + EYES_NOSE_MOUTH * sizes)


class DarkMouthAffect:
    """The more of the lower half is dark, the happier."""

    def predict(self, frame: np.ndarray, faces: Faces, color: str = "bgr") -> list[Affect]:
        """One affect per face."""
        return [self.read(frame[int((y0 + y1) / 2) : int(y1), int(x0) : int(x1)]) for x0, y0, x1, y1 in faces.boxes]

    def read(self, lower_half: np.ndarray) -> Affect:
        """Probabilities of a crop; valence and arousal follow from them by the table that bundled models use."""
        happy = min(float((lower_half.max(2) < 60).mean()) * 5, 1.0)
        p = np.zeros(len(EMOTIONS), np.float32)
        p[EMOTIONS.index("happiness")], p[EMOTIONS.index("neutral")] = happy, 1 - happy
        mean, covariance = vad_from_votes(p)
        (valence, arousal, dominance), stds = mean.tolist(), np.sqrt(np.diag(covariance)).tolist()
        label = EMOTIONS[int(p.argmax())]
        return Affect(
            probabilities=p, votes=p, label=label, confidence=float(p.max()), entropy=entropy(p),
            valence=valence, arousal=arousal, dominance=dominance,
            valence_std=stds[0], arousal_std=stds[1], dominance_std=stds[2],
            va_source="derived", quality=1.0, is_sure=bool(p.max() > 0.6),
        )  # fmt: skip


def smiling_ball(share: float) -> np.ndarray:
    """A frame 320x240 with a smile of that width."""
    frame = np.full((240, 320, 3), 120, np.uint8)
    cv2.circle(frame, (160, 120), 60, (0, 220, 255), -1)
    cv2.ellipse(frame, (160, 130), (10 + int(35 * share), 4 + int(26 * share)), 0, 0, 180, (0, 0, 0), -1)
    return frame


if __name__ == "__main__":
    frames = [smiling_ball(i / 20) for i in range(20)]
    with Pipeline(detect=YellowDetector(), affect=DarkMouthAffect()) as pipeline:
        for result in pipeline.stream(Arrays(frames, fps=10)):
            for face in result.faces:
                print(f"{result.timestamp:.1f} s  face {face.track_id}: {face.label} {face.probability:.0%}")

"""Turns a robot's head to whoever speaks or smiles: `python examples/turn_to_person.py [camera or file] [--listen]`.

Prints the angles to turn by; give them to your motors in `turn`. A speaker goes before a smile, a smile before the
largest face, and whoever has the robot's attention keeps it for a second, so that the head does not swing to and fro.
"""

from __future__ import annotations

import argparse
import math

from edgeaffect import Pipeline, Result
from edgeaffect.results import Face

KEEP_SECONDS = 1.0
SMILE = 0.6  # intensity of AU12, where the built-in event "smile" begins, too
DEAD_ZONE = 3.0  # degrees that are not worth a movement


def interest(face: Face, result: Result) -> tuple[bool, bool, float]:
    """What is compared: speaks, smiles, size."""
    smile = face.cues.action_units.get(12, 0.0) if face.cues else 0.0
    mouth_moves = face.cues.speaking or 0.0 if face.cues else 0.0
    speaks = result.speaker == face.track_id if result.speaker is not None else mouth_moves > 0.7
    x0, y0, x1, y1 = face.box
    return speaks, smile > SMILE, float((x1 - x0) * (y1 - y0))


def direction(face: Face, result: Result, fov: float) -> tuple[float, float]:
    """Degrees to the right and up at which a face is seen."""
    focal = result.size[0] / 2 / math.tan(math.radians(fov) / 2)
    x, y = (face.box[:2] + face.box[2:]) / 2
    right = math.degrees(math.atan((float(x) - result.size[0] / 2) / focal))
    up = math.degrees(math.atan((result.size[1] / 2 - float(y)) / focal))
    return right, up


def turn(right: float, up: float) -> None:
    """Your motors go here."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", nargs="?", default="0")
    parser.add_argument("--listen", action="store_true", help="hear the microphone, or the film's own track")
    parser.add_argument("--fov", type=float, default=60.0, help="the camera's horizontal field of view, degrees")
    arguments = parser.parse_args()
    chosen: int | None = None
    since = -math.inf
    with Pipeline(cues=True, voice=True if arguments.listen else None, cues_fov=arguments.fov) as pipeline:
        for result in pipeline.stream(arguments.source, microphone=True if arguments.listen else None):
            faces = {face.track_id: face for face in result.faces}
            if not faces:
                continue
            best = max(result.faces, key=lambda face: interest(face, result))
            if chosen not in faces or (best.track_id != chosen and result.timestamp - since > KEEP_SECONDS):
                chosen, since = best.track_id, result.timestamp
                speaks, smiles, _ = interest(best, result)
                why = "speaks" if speaks else "smiles" if smiles else "is nearest"
                print(f"{result.timestamp:7.2f} s  to face {chosen}, who {why}")
            right, up = direction(faces[chosen], result, arguments.fov)
            if max(abs(right), abs(up)) > DEAD_ZONE:
                turn(right, up)
                print(f"{result.timestamp:7.2f} s  {right:+.0f} deg right, {up:+.0f} deg up")


if __name__ == "__main__":
    main()

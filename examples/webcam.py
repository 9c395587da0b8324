"""A window with what a camera sees; q ends: `python examples/webcam.py [camera, URL or file] [--save FILE]`.

Shows both ways to draw with OpenCV: everything at once by `annotate`, and by hand what a face's fields say.
"""

import argparse

import cv2

from edgeaffect import Pipeline
from edgeaffect.draw import annotate

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("source", nargs="?", default="0")
parser.add_argument("--save", help="write a video instead of opening a window")
arguments = parser.parse_args()

writer = None
with Pipeline(cues=True) as pipeline:
    for frame, result in pipeline.frames(arguments.source):
        picture = annotate(frame.image, result, color=frame.color, layers=("gaze",))
        for face in result.faces:  # by hand: a bar for valence, red to green, under the box
            if face.affect is not None:
                x0, _, x1, y1 = (int(value) for value in face.box)
                valence = (face.affect.valence + 1) / 2
                color = (0, round(255 * valence), round(255 * (1 - valence)))
                cv2.rectangle(picture, (x0, y1 + 4), (x0 + int((x1 - x0) * valence), y1 + 10), color, cv2.FILLED)
        if arguments.save:
            height, width = picture.shape[:2]
            code = cv2.VideoWriter_fourcc(*"mp4v")
            writer = writer or cv2.VideoWriter(arguments.save, code, 25, (width, height))
            writer.write(picture)
            continue
        cv2.imshow("edgeaffect", picture)
        if cv2.waitKey(1) == ord("q"):
            break
if writer is not None:
    writer.release()
    print(f"wrote {arguments.save}")

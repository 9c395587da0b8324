"""The shortest useful program: `python examples/quickstart.py [camera index, URL, video, picture or folder]`."""

import sys

from edgeaffect import Pipeline

with Pipeline() as pipeline:
    for result in pipeline.stream(sys.argv[1] if len(sys.argv) > 1 else 0):
        for face in result.faces:
            if face.affect and face.affect.is_sure:
                print(f"{result.timestamp:8.2f} s  face {face.track_id}: {face.label} {face.probability:.0%}")

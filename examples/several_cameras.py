"""Several cameras through the same models: `python examples/several_cameras.py 0 2 rtsp://...`.

Faces of all cameras go through each model together. A camera that fails is told of once, and the others go on.
"""

import sys

from edgeaffect import CameraError, Pipeline

sources = sys.argv[1:] or ["0", "1"]
with Pipeline() as pipeline:
    for step in pipeline.stream_batch(sources):
        for camera, answer in zip(sources, step, strict=True):
            if isinstance(answer, CameraError):
                print(f"{camera}: {answer.error}")
            elif answer is not None:
                for face in answer.faces:
                    if face.affect and face.affect.is_sure:
                        print(f"{camera} at {answer.timestamp:.2f} s: face {face.track_id} {face.label}")

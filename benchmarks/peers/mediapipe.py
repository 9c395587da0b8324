"""mediapipe's face detection and face mesh graphs, from the files bundled in its wheel. No expression."""

import importlib.metadata
from itertools import cycle

import cv2
import mediapipe


def setup(frames, assets):
    cv2.setNumThreads(1)
    stills, clip = cycle(frames["stills"]), cycle(frames["clip"])
    detector = mediapipe.solutions.face_detection.FaceDetection(model_selection=0, min_detection_confidence=0.5)
    mesh = mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=False, max_num_faces=1)
    every = mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=True, max_num_faces=1)

    def detect():
        return detector.process(cv2.cvtColor(next(stills), cv2.COLOR_BGR2RGB)).detections

    def mesh_tracking():
        return mesh.process(cv2.cvtColor(next(clip), cv2.COLOR_BGR2RGB)).multi_face_landmarks

    def mesh_every_frame():
        return every.process(cv2.cvtColor(next(clip), cv2.COLOR_BGR2RGB)).multi_face_landmarks

    found = sum(len(detect() or []) for _ in frames["stills"])
    tasks = {"detect": detect, "mesh": mesh_every_frame, "mesh_tracking": mesh_tracking}
    return tasks, {"versions": {"mediapipe": importlib.metadata.version("mediapipe")}, "faces_found": found}

"""Where the original networks lie in the data folder, and the name of the file with their answers."""

from pathlib import Path

TASK = Path("teachers") / "face_landmarker.task"
YUNET = Path("baselines") / "yunet_n_dynamic.onnx"
FILE = "reference.npz"

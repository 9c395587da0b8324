"""Where the original networks lie in the data folder, and the names of the files with their answers and our figures."""

from pathlib import Path

TASK = Path("teachers") / "face_landmarker.task"
YUNET = Path("baselines") / "yunet_n_dynamic.onnx"
FILE = "reference.npz"
RESULTS = Path(__file__).with_name("RESULTS.json")

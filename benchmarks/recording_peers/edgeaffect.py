"""This project: `edgeaffect.recordings.analyse` with its defaults, without sound, to CSV, in one process."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edgeaffect.recordings import RecordingOptions, analyse


def setup(assets: dict[str, Any]) -> tuple[Callable[[str, Path], int], dict[str, Any]]:
    options = RecordingOptions(format="csv", sound=False)

    def run(film: str, folder: Path) -> int:
        report = analyse(film, folder / "out", options=options)
        return report.frames

    names = ("edgeaffect", "onnxruntime", "opencv-python")
    columns = "8 emotions, votes, valence, arousal, dominance with deviations, 23 action units, head pose, gaze, events"
    return run, {"versions": {name: importlib.metadata.version(name) for name in names}, "writes": columns}

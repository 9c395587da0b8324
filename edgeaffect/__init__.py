"""edgeaffect: perceives people's expression on the device itself.

    from edgeaffect import Pipeline
    with Pipeline() as pipeline:
        for result in pipeline.stream("video.mp4"):
            print(result.faces)

Importing this package loads NumPy and nothing heavier; models and libraries load when a stage is built.
"""

from __future__ import annotations

from . import _start as _start  # before anything that takes time: Ctrl-C may come at any moment

# isort: split
import importlib
import logging
import pkgutil
from typing import TYPE_CHECKING, Any

# The clone's `edgeaffect/` shadows an installed wheel when Python starts in the clone's root. Extending the path lets
# the compiled `_core` and the folder-mapped `edgeaffect.export` be found in site-packages all the same.
__path__ = pkgutil.extend_path(__path__, __name__)

from ._version import __version__
from .errors import (
    DependencyError,
    DeviceError,
    Error,
    LicenceError,
    ModelNotFoundError,
    PictureError,
    SourceError,
    SpecError,
)

if TYPE_CHECKING:
    from .cues import Cues
    from .explain.explainer import Explainer
    from .explain.result import Explanation
    from .face.affect import FaceAffect
    from .face.context import Context, ContextAffect
    from .face.cues import FaceCues
    from .face.detector import FaceDetector
    from .face.gaze_calibration import calibrate_gaze
    from .face.redactor import FaceRedactor
    from .options import PipelineOptions
    from .pipeline.feeds import CameraError
    from .pipeline.pipeline import Pipeline
    from .results import Affect, Face, Faces, Result, Voice
    from .sources import Camera, FilmSound, Images, Microphone, SoundFile, VideoFile
    from .voice import VoiceAffect, VoiceStream

logging.getLogger(__name__).addHandler(logging.NullHandler())

# public name -> module that defines it; imported on first use
_PUBLIC = {
    "Affect": "results",
    "Camera": "sources",
    "CameraError": "pipeline.feeds",
    "Context": "face.context",
    "ContextAffect": "face.context",
    "Cues": "cues",
    "Explainer": "explain.explainer",
    "Explanation": "explain.result",
    "Face": "results",
    "FaceAffect": "face.affect",
    "FaceCues": "face.cues",
    "FaceDetector": "face.detector",
    "FaceRedactor": "face.redactor",
    "Faces": "results",
    "FilmSound": "sources",
    "Images": "sources",
    "Microphone": "sources",
    "Pipeline": "pipeline",
    "PipelineOptions": "options",
    "Result": "results",
    "SoundFile": "sources",
    "VideoFile": "sources",
    "Voice": "heard",
    "VoiceAffect": "voice",
    "VoiceStream": "voice",
    "calibrate_gaze": "face.gaze_calibration",
}

__all__ = [
    "Affect",
    "Camera",
    "CameraError",
    "Context",
    "ContextAffect",
    "Cues",
    "DependencyError",
    "DeviceError",
    "Error",
    "Explainer",
    "Explanation",
    "Face",
    "FaceAffect",
    "FaceCues",
    "FaceDetector",
    "FaceRedactor",
    "Faces",
    "FilmSound",
    "Images",
    "LicenceError",
    "Microphone",
    "ModelNotFoundError",
    "PictureError",
    "Pipeline",
    "PipelineOptions",
    "Result",
    "SoundFile",
    "SourceError",
    "SpecError",
    "VideoFile",
    "Voice",
    "VoiceAffect",
    "VoiceStream",
    "__version__",
    "calibrate_gaze",
]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        value = getattr(importlib.import_module(f"{__name__}.{_PUBLIC[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))

"""Model files: what one says about itself (`ModelSpec`) and which ones are at hand (registry)."""

from .file import ModelFile
from .registry import DEFAULTS, FLOAT_DEFAULTS, bundled, check_licence, find, verify
from .spec import (
    Alignment,
    AudioInput,
    Calibration,
    DetectorSpec,
    FeatureInput,
    ImageInput,
    ModelSpec,
    Nms,
    OutputSpec,
    StateInput,
    TokenInput,
)

__all__ = [
    "DEFAULTS",
    "FLOAT_DEFAULTS",
    "Alignment",
    "AudioInput",
    "Calibration",
    "DetectorSpec",
    "FeatureInput",
    "ImageInput",
    "ModelFile",
    "ModelSpec",
    "Nms",
    "OutputSpec",
    "StateInput",
    "TokenInput",
    "bundled",
    "check_licence",
    "find",
    "verify",
]

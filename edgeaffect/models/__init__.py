"""Model files: what one says about itself (`ModelSpec`) and which ones are at hand (registry)."""

from .file import ModelFile
from .registry import DEFAULTS, FLOAT_DEFAULTS, bundled, check_licence, find, verify
from .spec import Alignment, Calibration, DetectorSpec, InputSpec, ModelSpec, OutputSpec

__all__ = [
    "DEFAULTS",
    "FLOAT_DEFAULTS",
    "Alignment",
    "Calibration",
    "DetectorSpec",
    "InputSpec",
    "ModelFile",
    "ModelSpec",
    "OutputSpec",
    "bundled",
    "check_licence",
    "find",
    "verify",
]

"""Model files: what one says about itself (`ModelSpec`) and which ones are at hand (registry)."""

from .bundle import BundleError, ModelBundle, write_bundle
from .file import ModelFile
from .registry import DEFAULTS, FLOAT_DEFAULTS, bundled, check_licence, default_name, find, find_bundle, verify
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
    "BundleError",
    "Calibration",
    "DetectorSpec",
    "FeatureInput",
    "ImageInput",
    "ModelBundle",
    "ModelFile",
    "ModelSpec",
    "Nms",
    "OutputSpec",
    "StateInput",
    "TokenInput",
    "bundled",
    "check_licence",
    "default_name",
    "find",
    "find_bundle",
    "verify",
    "write_bundle",
]

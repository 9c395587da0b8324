"""All options of the pipeline: the only place with defaults. Frozen, validated, TOML in and out."""

from .names import SECTIONS, SHORT_NAMES
from .pipeline import PipelineOptions, flat_names
from .sections import AffectOptions, CropOptions, CuesOptions, DetectOptions, GpuOptions, SmoothOptions, TrackOptions

__all__ = [
    "SECTIONS",
    "SHORT_NAMES",
    "AffectOptions",
    "CropOptions",
    "CuesOptions",
    "DetectOptions",
    "GpuOptions",
    "PipelineOptions",
    "SmoothOptions",
    "TrackOptions",
    "flat_names",
]

"""All options of the pipeline: the only place with defaults. Frozen, validated, TOML in and out."""

from .explain import ExplainOptions
from .joint import FusionOptions, SpeakerOptions
from .names import SECTIONS, SHORT_NAMES
from .pipeline import MODEL_SETS, PipelineOptions, flat_names
from .recordings import RecordingOptions
from .sections import (
    AffectOptions,
    CropOptions,
    CuesOptions,
    DetectOptions,
    GpuOptions,
    SmoothOptions,
    TrackOptions,
    VoiceOptions,
)
from .voice_activity import VoiceActivityOptions
from .watchdog import WatchdogOptions

__all__ = [
    "MODEL_SETS",
    "SECTIONS",
    "SHORT_NAMES",
    "AffectOptions",
    "CropOptions",
    "CuesOptions",
    "DetectOptions",
    "ExplainOptions",
    "FusionOptions",
    "GpuOptions",
    "PipelineOptions",
    "RecordingOptions",
    "SmoothOptions",
    "SpeakerOptions",
    "TrackOptions",
    "VoiceActivityOptions",
    "VoiceOptions",
    "WatchdogOptions",
    "flat_names",
]

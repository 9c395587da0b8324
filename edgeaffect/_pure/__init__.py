"""The pure Python variant of the native core (wheels built with EDGEAFFECT_PURE=1): Numba and NumPy.

Same functions, contracts and messages as `edgeaffect._core`; the formulas stand in csrc/crop/crop_normalize.h,
csrc/detect/detect_decode.h, csrc/audio and csrc/track.
"""

from __future__ import annotations

from edgeaffect._version import __version__

from .audio import LogMel, Resampler
from .crop import crop_normalize
from .decode import decode_faces, nms
from .follow import follow_tracks
from .patches import take_patches
from .ring import SampleRing
from .tracks import (
    align_points,
    box_affinities,
    correct_tracks,
    predict_tracks,
    report_tracks,
    scene_pattern,
    track_states,
)


def simd() -> str:
    """The arithmetic in use: Numba compiles for the processor it finds."""
    return "numba"


__all__ = [
    "LogMel",
    "Resampler",
    "SampleRing",
    "__version__",
    "align_points",
    "box_affinities",
    "correct_tracks",
    "crop_normalize",
    "decode_faces",
    "follow_tracks",
    "nms",
    "predict_tracks",
    "report_tracks",
    "scene_pattern",
    "simd",
    "take_patches",
    "track_states",
]

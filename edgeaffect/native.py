"""The native core: preprocessing, detector decoding, suppression, log-mel, sound, motion of tracked faces.

`VARIANT` is "core" (C++, `edgeaffect._core`) or "pure" (Numba and NumPy, `edgeaffect._pure`). The variant is a
property of the build, decided by EDGEAFFECT_PURE=1 at build time; nothing is chosen silently at run time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgeaffect._version import __version__
from edgeaffect.errors import DependencyError

_REMEDY = "run `pip install -e .` in the root of the source tree, or install the wheel"

try:
    from edgeaffect._build_info import VARIANT
except ModuleNotFoundError as error:
    raise DependencyError(f"edgeaffect runs from a source tree that was never built: {_REMEDY}") from error

if TYPE_CHECKING or VARIANT == "core":
    try:
        from edgeaffect import _core as _impl
    except ImportError as error:
        raise DependencyError(f"the native module edgeaffect._core cannot be loaded ({error}): {_REMEDY}") from error
else:
    from edgeaffect import _pure as _impl

if _impl.__version__ != __version__:
    raise DependencyError(
        f"edgeaffect {__version__} found a native module of version {_impl.__version__} ({_impl.__file__}): {_REMEDY}"
    )

LogMel = _impl.LogMel
Resampler = _impl.Resampler
SampleRing = _impl.SampleRing
align_points = _impl.align_points
box_affinities = _impl.box_affinities
correct_tracks = _impl.correct_tracks
crop_normalize = _impl.crop_normalize
decode_faces = _impl.decode_faces
follow_tracks = _impl.follow_tracks
nms = _impl.nms
predict_tracks = _impl.predict_tracks
report_tracks = _impl.report_tracks
scene_pattern = _impl.scene_pattern
simd = _impl.simd
take_patches = _impl.take_patches
track_states = _impl.track_states

try:
    simd()  # an impossible EDGEAFFECT_SIMD shows here, not in the middle of the first frame
except RuntimeError as error:
    raise DependencyError(str(error)) from error

__all__ = [
    "VARIANT",
    "LogMel",
    "Resampler",
    "SampleRing",
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

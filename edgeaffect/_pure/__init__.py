"""The pure Python variant of the native core (wheels built with EDGEAFFECT_PURE=1): Numba and NumPy.

Same functions, contracts and messages as `edgeaffect._core`; the formulas stand in csrc/crop/crop_normalize.h,
csrc/detect/detect_decode.h and csrc/audio.
"""

from __future__ import annotations

from edgeaffect._version import __version__

from .audio import LogMel, Resampler
from .crop import crop_normalize
from .decode import decode_faces, nms
from .ring import SampleRing


def simd() -> str:
    """The arithmetic in use: Numba compiles for the processor it finds."""
    return "numba"


__all__ = ["LogMel", "Resampler", "SampleRing", "__version__", "crop_normalize", "decode_faces", "nms", "simd"]

"""The stages of a pipeline on a GPU: `GpuContext`, `DeviceDetector`, `DeviceFaceModel`; frames there: `DeviceFrame`.

`edgeaffect.Pipeline(device="cuda")` works on these by itself. The work is done by the native module `edgeaffect._cuda`,
which is there when edgeaffect was built with CUDA. `status` says what there is, without raising.
"""

from __future__ import annotations

from .context import GpuContext
from .device_detector import DeviceDetector
from .device_face_model import DeviceFaceModel
from .device_frame import DeviceFrame
from .module import available, load, status
from .pinned import pinned_frame

__all__ = [
    "DeviceDetector", "DeviceFaceModel", "DeviceFrame", "GpuContext", "available", "load", "pinned_frame", "status",
]  # fmt: skip

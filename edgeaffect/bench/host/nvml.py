"""NVIDIA desktop and server GPUs through libnvidia-ml, by ctypes. Absent library or driver: None, never an error.

Source: NVML API reference. Jetson modules have no NVML power reading; see jetson.py and power.py.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator
from typing import Any

_TEMPERATURE_GPU = 0
_CLOCK_SM, _CLOCK_MEM = 1, 2

# nvmlClocksEventReasons*: bits that mean "slower than it could be"
THROTTLE_REASONS = {
    0x4: "software power cap",
    0x8: "hardware slowdown",
    0x20: "software thermal slowdown",
    0x40: "hardware thermal slowdown",
    0x80: "hardware power brake",
}


class _Memory(ctypes.Structure):
    _fields_ = [("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong)]


@contextlib.contextmanager
def _library() -> Iterator[ctypes.CDLL | None]:
    try:
        library = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        yield None
        return
    if library.nvmlInit_v2() != 0:
        yield None
        return
    try:
        yield library
    finally:
        library.nvmlShutdown()


def _device(library: ctypes.CDLL, index: int) -> ctypes.c_void_p | None:
    handle = ctypes.c_void_p()
    return handle if library.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(handle)) == 0 else None


def _unsigned(library: ctypes.CDLL, name: str, device: ctypes.c_void_p, *before: int, wide: bool = False) -> int | None:
    value = ctypes.c_ulonglong() if wide else ctypes.c_uint()
    return int(value.value) if getattr(library, name)(device, *before, ctypes.byref(value)) == 0 else None


def _text(library: ctypes.CDLL, name: str, *before: Any) -> str | None:
    buffer = ctypes.create_string_buffer(96)
    return buffer.value.decode() if getattr(library, name)(*before, buffer, 96) == 0 else None


def identity(index: int = 0) -> dict[str, Any] | None:
    """Name, memory and driver of one GPU; None without one."""
    with _library() as library:
        device = _device(library, index) if library else None
        if library is None or device is None:
            return None
        memory = _Memory()
        known = library.nvmlDeviceGetMemoryInfo(device, ctypes.byref(memory)) == 0
        return {
            "name": _text(library, "nvmlDeviceGetName", device),
            "driver": _text(library, "nvmlSystemGetDriverVersion"),
            "memory_bytes": int(memory.total) if known else None,
        }


def state(index: int = 0) -> dict[str, Any] | None:
    """Clocks, temperature, power, memory in use and what slows one GPU; None without one."""
    with _library() as library:
        device = _device(library, index) if library else None
        if library is None or device is None:
            return None
        memory = _Memory()
        known = library.nvmlDeviceGetMemoryInfo(device, ctypes.byref(memory)) == 0
        milliwatts = _unsigned(library, "nvmlDeviceGetPowerUsage", device)
        reasons = _unsigned(library, "nvmlDeviceGetCurrentClocksThrottleReasons", device, wide=True) or 0
        return {
            "sm_mhz": _unsigned(library, "nvmlDeviceGetClockInfo", device, _CLOCK_SM),
            "memory_mhz": _unsigned(library, "nvmlDeviceGetClockInfo", device, _CLOCK_MEM),
            "celsius": _unsigned(library, "nvmlDeviceGetTemperature", device, _TEMPERATURE_GPU),
            "watts": None if milliwatts is None else milliwatts / 1000,
            "memory_used_bytes": int(memory.used) if known else None,
            "throttled": [text for bit, text in THROTTLE_REASONS.items() if reasons & bit],
        }


def joules(index: int = 0) -> float | None:
    """Energy of one GPU since the driver was loaded (Volta and later); None without one."""
    with _library() as library:
        device = _device(library, index) if library else None
        if library is None or device is None:
            return None
        millijoules = _unsigned(library, "nvmlDeviceGetTotalEnergyConsumption", device, wide=True)
        return None if millijoules is None else millijoules / 1000

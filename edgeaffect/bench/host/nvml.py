"""NVIDIA desktop and server GPUs through NVIDIA's own package nvidia-ml-py (module `pynvml`, extra `bench`).

What is absent reads as None, never as an error; `missing` says when the package alone is what is absent. Jetson modules
have no NVML power reading; see jetson.py and power.py.
"""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Callable, Iterator
from typing import Any

from .facts import GpuIdentity, GpuState
from .system_files import SystemFiles

# nvmlClocksEventReasons*: bits that mean "slower than it could be"
THROTTLE_REASONS = {
    0x4: "software power cap",
    0x8: "hardware slowdown",
    0x20: "software thermal slowdown",
    0x40: "hardware thermal slowdown",
    0x80: "hardware power brake",
}


class _Gpu:
    """One GPU of an initialised NVML.

    Args:
        nvml: the module `pynvml`.
        index: of the GPU.
    """

    def __init__(self, nvml: Any, index: int) -> None:
        self._nvml = nvml
        self._handle = nvml.nvmlDeviceGetHandleByIndex(index)

    def ask(self, name: str, *arguments: int) -> Any:
        """Answer of `nvmlDeviceGet<name>`; None where this GPU or driver does not tell."""
        return self.known(lambda: getattr(self._nvml, f"nvmlDeviceGet{name}")(self._handle, *arguments))

    def known(self, call: Callable[[], Any]) -> Any:
        """What `call` answers, or None."""
        try:
            return call()
        except self._nvml.NVMLError:
            return None


@contextlib.contextmanager
def _open(index: int) -> Iterator[tuple[Any, _Gpu] | None]:
    """The module and one GPU; None without package, driver or GPU."""
    try:
        nvml = importlib.import_module("pynvml")
    except ImportError:
        yield None
        return
    try:
        nvml.nvmlInit()
    except nvml.NVMLError:
        yield None
        return
    try:
        try:
            gpu = _Gpu(nvml, index)
        except nvml.NVMLError:
            yield None
            return
        yield nvml, gpu
    finally:
        nvml.nvmlShutdown()


def missing(files: SystemFiles) -> str | None:
    """What to install where NVIDIA's driver is loaded but its Python package is not there; else None."""
    if files.text("proc/driver/nvidia/version") is None or importlib.util.find_spec("pynvml") is not None:
        return None
    return (
        "the GPU's clocks, temperature, memory and energy were not read: nvidia-ml-py is missing "
        "(pip install 'edgeaffect[bench]')"
    )


def identity(index: int = 0) -> GpuIdentity | None:
    """Name, memory and driver of one GPU; None without one."""
    with _open(index) as opened:
        if opened is None:
            return None
        nvml, gpu = opened
        memory = gpu.ask("MemoryInfo")
        return GpuIdentity(
            name=gpu.ask("Name"),
            driver=gpu.known(nvml.nvmlSystemGetDriverVersion),
            memory_bytes=None if memory is None else int(memory.total),
        )


def state(index: int = 0) -> GpuState | None:
    """Clocks, temperature, power, memory in use and what slows one GPU; None without one."""
    with _open(index) as opened:
        if opened is None:
            return None
        nvml, gpu = opened
        memory, milliwatts = gpu.ask("MemoryInfo"), gpu.ask("PowerUsage")
        reasons = gpu.ask("CurrentClocksThrottleReasons") or 0
        return GpuState(
            sm_mhz=gpu.ask("ClockInfo", nvml.NVML_CLOCK_SM),
            memory_mhz=gpu.ask("ClockInfo", nvml.NVML_CLOCK_MEM),
            celsius=gpu.ask("Temperature", nvml.NVML_TEMPERATURE_GPU),
            watts=None if milliwatts is None else milliwatts / 1000,
            memory_used_bytes=None if memory is None else int(memory.used),
            throttled=tuple(text for bit, text in THROTTLE_REASONS.items() if reasons & bit),
        )


def joules(index: int = 0) -> float | None:
    """Energy of one GPU since the driver was loaded (Volta and later); None without one."""
    with _open(index) as opened:
        millijoules = None if opened is None else opened[1].ask("TotalEnergyConsumption")
        return None if millijoules is None else float(millijoules) / 1000

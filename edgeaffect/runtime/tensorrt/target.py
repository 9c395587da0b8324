"""Which GPUs an engine is for, and whether the one at hand is among them."""

from __future__ import annotations

from typing import Any

from ...models.engine_file import EngineHeader
from ..cuda_driver import Gpu, driver
from .builder import BuildOptions
from .variants import Variant

# TensorRT for RTX runs on these without an engine of their own (its support matrix: Ampere and later, but neither
# the Jetson Orin's 8.7 nor the data-centre 9.0)
_PORTABLE = {"SM80", "SM86", "SM89", "SM120", "SM121"}


def target_of(variant: Variant, options: BuildOptions, device_index: int = 0) -> dict[str, Any]:
    """What an engine built now would run on.

    Raises:
        DeviceError: the variant builds for the GPU at hand, and there is none.
    """
    if variant.builds_without_gpu:
        chosen: Any = sorted(set(options.compute_capabilities)) or "portable"
        return {"compute_capabilities": chosen}
    gpu = driver().gpu(device_index)
    return {"gpu": gpu.name, "sm": gpu.sm, "cuda": gpu.cuda_version, "driver": gpu.driver}


def incompatibility(header: EngineHeader, variant: Variant, gpu: Gpu) -> str | None:
    """Why this engine cannot run under this TensorRT on this GPU, or None."""
    if (header.variant, header.version) != (variant.name, variant.version):
        return f"built by {header.variant} {header.version}, here is {variant.name} {variant.version}"
    capabilities = header.target.get("compute_capabilities")
    if capabilities == "portable":
        if gpu.sm not in _PORTABLE:
            return f"portable engines run on {', '.join(sorted(_PORTABLE))}; {gpu.name} is {gpu.sm}"
    elif capabilities is not None:
        if gpu.sm not in capabilities:
            return f"built for {', '.join(capabilities)}; {gpu.name} is {gpu.sm}"
    elif (header.target.get("gpu"), header.target.get("sm")) != (gpu.name, gpu.sm):
        return f"built on {header.target.get('gpu')} ({header.target.get('sm')}), here is {gpu.name} ({gpu.sm})"
    return None

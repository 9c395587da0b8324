"""Half of the bits in training, where the processor computes with them."""

from __future__ import annotations

import torch

_UNITS = ("avx512_bf16", "amx_bf16")


def bfloat16(wanted: bool = True) -> torch.autocast:
    """A context in which convolutions and products run in bfloat16, or in float32 where that is not wanted.

    Nor where the processor would only emulate it: on AVX2 a step would take several times as long.
    """
    capabilities = torch.cpu.get_capabilities()
    return torch.autocast("cpu", torch.bfloat16, enabled=wanted and any(capabilities.get(unit) for unit in _UNITS))

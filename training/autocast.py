"""Half of the bits in training, where the processor computes with them."""

from __future__ import annotations

import torch


def bfloat16() -> torch.autocast:
    """A context in which convolutions run in bfloat16, or in float32 on a processor that would only emulate it.

    Emulated, as on AVX2, a step takes several times as long.
    """
    return torch.autocast("cpu", torch.bfloat16, enabled=torch.cpu._is_avx512_bf16_supported())

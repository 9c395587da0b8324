"""What this processor computes fast."""

from __future__ import annotations

import torch


def has_fast_bfloat16() -> bool:
    """Whether bfloat16 has units of its own here; without them PyTorch's convolutions are six times slower in it."""
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16"))

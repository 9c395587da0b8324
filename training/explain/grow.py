"""A trained student -> the teacher's beginning: `python -m training.explain.grow --out DIR --begin NAME --name NAME`.

Every width doubles and layers are added so that the large decoder says what the small one says (Net2Net, Chen et al.
2016): channels stand twice and count half, new layers add nothing yet. A little noise lets the copies part. Training a
teacher from there costs a fraction of training it from nothing.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from training.explain.decoder import Decoder
from training.explain.speak import Recipe, load, save

NOISE = 0.02


def twice(weight: torch.Tensor) -> torch.Tensor:
    """Outputs stand twice: [o, ...] -> [2 o, ...]."""
    return torch.cat([weight, weight], 0)


def halved(weight: torch.Tensor) -> torch.Tensor:
    """Inputs stand twice and count half: [o, i] -> [o, 2 i]."""
    return torch.cat([weight, weight], 1) / 2


def in_parts(weight: torch.Tensor, parts: int) -> torch.Tensor:
    """`twice` within each of so many equal parts of the outputs (queries, keys, values)."""
    return torch.cat([twice(part) for part in weight.chunk(parts, 0)], 0)


def grow(small: Decoder, layers: int) -> Decoder:
    """A decoder of twice the width and so many layers that says the same.

    Raises:
        ValueError: fewer layers than the small one has.
    """
    c = small.config
    if layers < c.layers:
        raise ValueError(f"{layers} layers are fewer than the {c.layers} that are there")
    config = replace(c, layers=layers, width=2 * c.width, heads=2 * c.heads, inner=2 * c.inner)
    large = Decoder(config, small.vad.clone() if small.has_vad else None)
    state, old = large.state_dict(), small.state_dict()
    for name, value in old.items():
        state[name] = grown(name, value, c.width)
    for number in range(c.layers, layers):
        for part in ("out", "cross_out", "outer"):
            for kind in ("weight", "bias"):
                state[f"blocks.{number}.{part}.{kind}"].zero_()
    large.load_state_dict(state)
    return large.eval()


def grown(name: str, value: torch.Tensor, width: int) -> torch.Tensor:
    """One tensor of the large decoder."""
    kind = name.rsplit(".", 1)[-1]
    if name == "vad" or name.startswith(("text.2", "memory.sure.2")) or (name.startswith("memory.") and ".0." in name):
        if name.startswith("memory.sure.0.weight"):
            seen = value[:, : 2 * width]
            return torch.cat([halved(seen[:, :width]), halved(seen[:, width:]), value[:, 2 * width :]], 1)
        return value
    if name.startswith("memory."):
        part = name.split(".")[1]
        if part == "match" and kind == "weight":
            return torch.cat([halved(value[:, :width]), halved(value[:, width:])], 1)
        if part in ("match", "sure"):
            return value
        if part == "places":
            return torch.cat([value, value], 1)
        return twice(value)  # patches, the second layers, the norm
    if name == "norm.weight" or name == "norm.bias":
        return twice(value) / 2  # the table, which stands twice as well, is the output layer
    if name in ("words.weight", "places"):
        return torch.cat([value, value], 1)
    if name == "vad_head.weight":
        return torch.cat([value, value], 1)
    if name in ("vad_head.bias", "text.0.bias"):
        return value
    if name == "text.0.weight":
        return halved(value)
    if name == "vad_in.weight" or ".norm" in name:
        return twice(value)
    parts = 3 if ".qkv." in name else 2 if name.startswith("keys_values.") else 1
    return in_parts(halved(value), parts) if kind == "weight" else in_parts(value, parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--begin", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--layers", type=int, default=4)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    large = grow(load(arguments.out / f"{arguments.begin}.pt"), arguments.layers)
    with torch.no_grad():
        for p in large.parameters():
            if p.ndim > 1 and p.std() > 0:
                p.add_(torch.randn_like(p) * NOISE * float(p.std()))
    optimiser = torch.optim.AdamW(large.parameters())
    save(arguments.out / f"{arguments.name}.pt", large, optimiser, 0, 0.0, Recipe())
    print(sum(p.numel() for p in large.parameters()), "parameters")


if __name__ == "__main__":
    main()

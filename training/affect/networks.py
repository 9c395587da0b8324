"""Every network a recipe may train, by name: the shipped family, and teachers, some of whom others trained before."""

from __future__ import annotations

from pathlib import Path

import torch
from edgeaffect.export.zoo import affect_net
from torch import nn

from training.affect import pretrained
from training.norms import restore_norms

# Ours by kind, those that only teach included; `former` is the base of the versions before 3.
CONFIGS = {
    **affect_net.CONFIGS,
    # Tried for AVX2 and not shipped: half the time, 1.4 points worse (training/README.md).
    "lean": affect_net.AffectConfig(
        32, (64, 112, 144), (1, 1, 2), 0.1, guard=32, inner=(16, 48, 80), strided_shortcuts=True
    ),
    "former": affect_net.AffectConfig(32, (48, 96, 192), (1, 1, 2)),
    "wide": affect_net.AffectConfig(32, (64, 128, 256), (1, 1, 2)),
}


def build(arch: str) -> nn.Module:
    """The network `arch` with fresh weights; raises ValueError on an unknown name.

    Takes normalised gray crops [N, 1, S, S] (see `training.affect.train.normalise`) and gives vote logits [N, 10].
    """
    if arch == pretrained.NAME:
        return pretrained.build()
    if arch in CONFIGS:
        return affect_net.AffectNet(CONFIGS[arch])
    raise ValueError(f"no network {arch!r}: choose {pretrained.NAME} or one of {sorted(CONFIGS)}")


def build_pretrained(folder: Path, faces: torch.Tensor) -> pretrained.FaceEncoder:
    """The encoder with its published weights (fetched to `folder`), norms fitted to normalised `faces` [N, 1, S, S]."""
    net = pretrained.build(folder=folder)
    restore_norms(net, [faces])
    return net

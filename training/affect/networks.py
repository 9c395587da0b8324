"""Every network a recipe may train, by name: the shipped family, and encoders that others trained before (teachers)."""

from __future__ import annotations

from pathlib import Path

import torch
from edgeaffect.export.zoo import affect_net
from torch import nn

from training.affect import pretrained
from training.norms import restore_norms


def build(arch: str) -> nn.Module:
    """The network `arch` with fresh weights; raises ValueError on an unknown name.

    Takes normalised gray crops [N, 1, S, S] (see `training.affect.train.normalise`) and gives vote logits [N, 10].
    """
    if arch in pretrained.BUILDERS:
        return pretrained.build(arch)
    if arch in affect_net.CONFIGS:
        return affect_net.build(arch)
    raise ValueError(
        f"no network {arch!r}: choose one of {sorted(affect_net.CONFIGS)} or {sorted(pretrained.BUILDERS)}"
    )


def build_pretrained(arch: str, folder: Path, faces: torch.Tensor) -> nn.Module:
    """An encoder with its published weights (fetched to `folder`), norms fitted to normalised `faces` [N, 1, S, S]."""
    net = pretrained.build(arch, folder=folder)
    restore_norms(net, [faces])
    return net

"""Checkpoints of the detector: the averaged network, its configuration and the step it was taken at."""

from __future__ import annotations

from pathlib import Path

import torch
from edgeaffect.export.zoo.face_net import CONFIGS, FaceNet


def load_average(checkpoint: Path) -> tuple[FaceNet, str, int]:
    """The averaged network, the name of its configuration and the step."""
    state = torch.load(checkpoint, weights_only=True)
    config = state.get("config", "full")
    net = FaceNet(CONFIGS[config])
    net.load_state_dict(state["average"])
    return net, config, int(state["step"])


def save_average(net: FaceNet, config: str, step: int, checkpoint: Path) -> None:
    """What `load_average` reads."""
    torch.save({"average": net.state_dict(), "config": config, "step": step}, checkpoint)

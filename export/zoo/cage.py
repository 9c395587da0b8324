"""CAGE's networks: torchvision's MaxViT-T with their head, under the keys of the published checkpoints."""

from __future__ import annotations

from torch import nn

from .vision import import_torchvision_models

_FEATURES = 512


def build(outputs: int, *, dropout_head: bool = False) -> nn.Module:
    """Image [N, 3, 224, 224] -> [N, outputs] (class logits, then valence and arousal where trained with them).

    Args:
        outputs: size of the last layer.
        dropout_head: the valence-arousal model has a Dropout before its last layer, which moves that layer's key from
            `classifier.5` to `classifier.6`.

    Raises:
        DependencyError: torchvision is not installed.
    """
    network: nn.Module = import_torchvision_models().maxvit_t(weights=None)
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LayerNorm(_FEATURES), nn.Linear(_FEATURES, _FEATURES), nn.Tanh()]
    if dropout_head:
        head.append(nn.Dropout(0.3))
    network.classifier = nn.Sequential(*head, nn.Linear(_FEATURES, outputs, bias=False))
    return network

"""HSEmotion's networks: timm's EfficientNet with TensorFlow padding, under the keys of the published checkpoints."""

from __future__ import annotations

from torch import nn

from .vision import import_timm


def build(name: str, outputs: int, *, sequential_head: bool = False) -> nn.Module:
    """Image [N, 3, side, side] -> [N, outputs] (raw linear outputs).

    Args:
        name: timm's name, such as `tf_efficientnet_b0`.
        outputs: size of the last layer.
        sequential_head: some files hold the classifier as a Sequential of one Linear: keys `classifier.0.*`.

    Raises:
        DependencyError: timm is not installed.
    """
    # exportable: padding that depends on the picture's side becomes constants of the graph.
    network: nn.Module = import_timm().create_model(name, pretrained=False, num_classes=outputs, exportable=True)
    if sequential_head:
        head = network.classifier
        assert isinstance(head, nn.Module)
        network.classifier = nn.Sequential(head)
    return network

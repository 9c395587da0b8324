"""Any classifier of the `timm` package."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

from edgeaffect.models.spec import Alignment, ImageInput, ModelSpec, OutputSpec

from . import TIMM_PREFIX, Architecture
from .vision import import_timm

if TYPE_CHECKING:
    from torch import nn


def architecture(name: str, labels: tuple[str, ...]) -> Architecture:
    """`timm:NAME` with one output per label; input size and normalisation are those of timm's configuration.

    Raises:
        DependencyError: timm is not installed.
        ValueError: no labels, or no such model in timm.
    """
    timm = import_timm()
    model = name.removeprefix(TIMM_PREFIX)
    if not labels:
        raise ValueError(f"{name}: timm does not know the class order; give it, e.g. --labels neutral,happiness,anger")
    if not timm.is_model(model):
        raise ValueError(f"timm {timm.__version__} has no model {model!r}: see timm.list_models()")
    config = timm.get_pretrained_cfg(model)
    _, height, width = config.input_size
    spec = ModelSpec(
        name=name.replace(":", "-"),
        version="1.0.0",
        task="affect",
        inputs=(
            ImageInput(name="image", size=(width, height), color="rgb", mean=tuple(config.mean), std=tuple(config.std)),
        ),
        outputs=(OutputSpec("output", "logits", (0, len(labels)), labels),),
        alignment=Alignment(kind="box", square=True, rotate=False),
        va_source="derived",
    )

    def build(keys: Container[str]) -> nn.Module:
        module: nn.Module = timm.create_model(model, pretrained=False, num_classes=len(labels), exportable=True)
        return module

    return Architecture(name, build, spec)

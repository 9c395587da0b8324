"""A small network of many operators, and its spec, for tests of the exporter."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

import zoo_reference as reference  # noqa: E402  (needs torch)
from edgeaffect.export import zoo  # noqa: E402

from edgeaffect.models.spec import Alignment, ImageInput, ModelSpec, OutputSpec  # noqa: E402


@pytest.fixture(scope="module", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EDGEAFFECT_HOME", str(tmp_path_factory.mktemp("home")))
        yield


class Tiny(torch.nn.Module):
    """Some operators of every kind, in a few thousand parameters."""

    def __init__(self, outputs: int = 10) -> None:
        super().__init__()
        self.trunk = torch.nn.Sequential(
            torch.nn.Conv2d(3, 8, 3, 2, padding=1), torch.nn.BatchNorm2d(8), torch.nn.SiLU(),
            torch.nn.Conv2d(8, 16, 3, 2, padding=1), torch.nn.GELU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(),
        )  # fmt: skip
        self.head = torch.nn.Linear(16, outputs)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.head(self.trunk(image))


def spec_of(*outputs: OutputSpec, side: int = 32) -> ModelSpec:
    if not outputs:
        outputs = (
            OutputSpec("output", "logits", (0, 8), zoo.HSEMOTION),
            OutputSpec("output", "valence", (8, 9)),
            OutputSpec("output", "arousal", (9, 10)),
        )
    return ModelSpec(
        name="tiny", version="1.0.0", task="affect", outputs=outputs, va_source="rated",
        inputs=(ImageInput("image", (side, side), mean=zoo.IMAGENET_MEAN, std=zoo.IMAGENET_STD),),
        alignment=Alignment(kind="box", rotate=False),
    )  # fmt: skip


@pytest.fixture(scope="module")
def tiny() -> torch.nn.Module:
    return reference.fill(Tiny(), seed=2)


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (50, 40, 3), np.uint8)

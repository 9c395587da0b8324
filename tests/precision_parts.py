"""A tiny model and its pictures, for tests of lower precision."""

from __future__ import annotations

import dataclasses

import pytest

from edgeaffect.models import ModelSpec
from edgeaffect.models.file import ModelFile

pytest.importorskip("onnx")

from edgeaffect.export.precision import Crops
from edgeaffect.export.precision.crops import to_input
from edgeaffect.export.precision.int8 import SCHEMES
from fixture_nets import patterns, tiny_affect

SYMMETRIC = SCHEMES["tensorrt"]

PER_TENSOR = dataclasses.replace(SYMMETRIC, per_channel=False)


def crops_for(spec: ModelSpec, count: int = 200) -> Crops:
    return Crops(tuple(to_input(p, "gray", spec) for p in patterns(count)), "patterns")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelFile:
    return tiny_affect(tmp_path_factory.mktemp("net") / "tiny.onnx")


@pytest.fixture(scope="module")
def crops(model: ModelFile) -> Crops:
    return crops_for(model.spec)

"""What makes an engine another one: its cache key, and the GPUs it is for."""

# ruff: noqa: F811  (pytest hands a fixture over under the name it was imported by)
from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from edgeaffect.models import metadata
from edgeaffect.models.engine_file import read_engine
from edgeaffect.models.file import ModelFile
from edgeaffect.models.precision import read_precision
from edgeaffect.runtime.cuda_driver import Gpu
from edgeaffect.runtime.tensorrt import BuildOptions, EngineCache
from edgeaffect.runtime.tensorrt.request import BuildRequest, onnx_digest
from edgeaffect.runtime.tensorrt.target import incompatibility, target_of
from edgeaffect.runtime.tensorrt.variants import Variant

pytest.importorskip("onnx")
from backend_parts import model, own_home  # noqa: F401
from engine_parts import builder, engine_bytes, engine_path, variant_of  # noqa: F401

GPU = Gpu(0, "NVIDIA Test", (8, 6), 12040, "550.1")


def test_every_part_of_the_key_matters(model: ModelFile, tmp_path: Path, builder: str) -> None:
    cache, variant = EngineCache(), variant_of(builder)
    other = tmp_path / "other.onnx"
    other.write_bytes(model.path.read_bytes())
    metadata.write(other, "note", "changed")
    variants = [
        (model.path, BuildOptions(), variant),
        (other, BuildOptions(), variant),
        (model.path, BuildOptions(max_batch=4), variant),
        (model.path, BuildOptions(max_side=320), variant),
        (model.path, BuildOptions(tf32=True), variant),
        (model.path, BuildOptions(workspace_mib=64), variant),
        (model.path, BuildOptions(compute_capabilities=("SM86",)), variant),
        (model.path, BuildOptions(), Variant("tensorrt_rtx", "2.0", variant.api)),
    ]

    def key(path: Path, options: BuildOptions, variant: Variant, target: dict[str, Any]) -> dict[str, Any]:
        file = ModelFile(path, model.spec)
        return BuildRequest(file, options, variant, target, read_precision(path), onnx_digest(path)).key

    keys = [key(path, o, f, target_of(f, o)) for path, o, f in variants]
    keys.append(key(model.path, BuildOptions(), variant, {"gpu": "A", "sm": "SM87", "cuda": 1, "driver": "R36"}))
    keys.append(key(model.path, BuildOptions(), variant, {"gpu": "A", "sm": "SM87", "cuda": 1, "driver": "R35"}))
    assert len({cache.path("m", key) for key in keys}) == len(keys)
    swapped = key(
        model.path, BuildOptions(), variant, target_of(variant, BuildOptions(compute_capabilities=("SM89", "SM86")))
    )
    assert swapped["target"] == {"compute_capabilities": ["SM86", "SM89"]}


def test_weights_beside_the_file_count(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(model.path.read_bytes())
    alone = onnx_digest(path)
    (tmp_path / "m.onnx.data").write_bytes(b"1")
    first = onnx_digest(path)
    (tmp_path / "m.onnx.data").write_bytes(b"2")
    assert len({alone, first, onnx_digest(path)}) == 3


def test_misfits_are_named(engine_path: Path, builder: str) -> None:
    header = read_engine(engine_path).header
    here = variant_of(builder)
    assert incompatibility(header, here, GPU) is None
    for capability in ((8, 7), (9, 0), (7, 5)):
        assert "portable" in str(incompatibility(header, here, dataclasses.replace(GPU, capability=capability)))
    assert "99.9" in str(incompatibility(header, dataclasses.replace(here, version="99.9"), GPU))
    only = dataclasses.replace(header, target={"compute_capabilities": ["SM89"]})
    assert "SM89" in str(incompatibility(only, here, GPU))
    jetson = dataclasses.replace(header, target={"gpu": "Orin", "sm": "SM87", "cuda": 1, "driver": "R36"})
    assert "Orin" in str(incompatibility(jetson, here, GPU))

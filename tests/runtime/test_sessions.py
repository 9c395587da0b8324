"""Choosing a runtime, and ONNX Runtime on bound memory."""

# ruff: noqa: F811  (pytest hands a fixture over under the name it was imported by)
from __future__ import annotations

import dataclasses
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeaffect import FaceAffect
from edgeaffect.errors import DeviceError, Error
from edgeaffect.face import face_model
from edgeaffect.models import DEFAULTS, FLOAT_DEFAULTS, find
from edgeaffect.models.file import ModelFile
from edgeaffect.runtime import Placement, open_session, select
from edgeaffect.runtime import session as base
from edgeaffect.runtime.onnxruntime import OnnxRuntimeSession
from edgeaffect.runtime.session import DevicePointer

pytest.importorskip("onnx")
from backend_parts import model, own_home, picture  # noqa: F401

NO_DRIVER = not Path("/dev/nvidiactl").exists() and not Path("/dev/nvhost-gpu").exists()


# --- choosing


def test_auto_is_onnxruntime_on_the_cpu_and_says_so(model: ModelFile, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "edgeaffect.runtime"):
        session = open_session(model)
    told = session.describe()
    assert told["device"] == "cpu" and told["provider"] == "CPUExecutionProvider" and told["threads"] == 1
    assert "runs on cpu" in caplog.text


@pytest.mark.parametrize(
    ("device", "runtime", "expected"),
    [
        ("auto", "auto", False),
        ("cpu", "auto", False),
        ("auto", "onnxruntime", False),
        ("cuda:1", "auto", True),
        ("auto", "tensorrt", True),
        ("auto", "onnxruntime-tensorrt", True),
    ],
)
def test_which_wishes_mean_a_gpu(device: str, runtime: str, expected: bool) -> None:
    assert Placement(device, runtime).is_gpu is expected


def test_a_gpu_gets_the_float32_default(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    monkeypatch.setattr(face_model, "open_session", lambda model, placement: opened.append(model.name))
    for device in ("cuda", "cpu"):
        with pytest.raises(AttributeError):  # the stand-in is no session
            FaceAffect(device=device)
    assert opened == [FLOAT_DEFAULTS["affect"], DEFAULTS["affect"]] and opened[0] != opened[1]


def test_integers_for_a_cpu_are_refused_where_tensorrt_would_skip_them() -> None:
    with pytest.raises(Error, match="holds the integers that ONNX Runtime wants on a CPU"):
        open_session(find(DEFAULTS["affect"], "affect"), Placement(runtime="onnxruntime-tensorrt"))


def test_the_default_in_integers_reads_like_the_float32_one() -> None:
    crops = [np.random.RandomState(k).randint(0, 255, (40, 40, 3)).astype(np.uint8) for k in range(4)]
    pair = [FaceAffect(find(None, "affect", float32=f).path).predict_crops(crops) for f in (False, True)]
    for integers, floats in zip(*pair, strict=True):
        np.testing.assert_allclose(integers.probabilities, floats.probabilities, atol=0.15)


@pytest.mark.parametrize("device", ["gpu", "cuda:", "cpu:0", "cuda:-1", "auto:1", "", None])
def test_device_strings(model: ModelFile, device: Any) -> None:
    with pytest.raises(ValueError, match="auto, cpu, cuda or cuda:N"):
        open_session(model, Placement(device=device))


def test_runtime_and_thread_values(model: ModelFile) -> None:
    with pytest.raises(ValueError, match="onnxruntime-tensorrt"):
        open_session(model, Placement(runtime="trt"))
    with pytest.raises(ValueError, match="threads"):
        open_session(model, Placement(threads=0))
    with pytest.raises(ValueError, match="provider"):
        OnnxRuntimeSession(model, provider="gpu")


@pytest.mark.skipif(not NO_DRIVER, reason="this machine has a GPU")
@pytest.mark.parametrize(
    "wish",
    [
        {"device": "cuda"},
        {"device": "cuda:3"},
        {"runtime": "tensorrt"},
        {"runtime": "tensorrt", "device": "cuda"},
        {"runtime": "onnxruntime", "device": "cuda"},
        {"runtime": "onnxruntime-tensorrt"},
    ],
)
def test_wishes_that_cannot_be_met_raise_and_name_a_remedy(model: ModelFile, wish: dict[str, str]) -> None:
    with pytest.raises(DeviceError, match=r"install .* or use device='cpu'"):
        open_session(model, Placement(**wish))


def test_contradictory_wishes(model: ModelFile, tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="needs a GPU"):
        open_session(model, Placement(runtime="tensorrt", device="cpu"))
    engine = ModelFile(tmp_path / "x.engine", model.spec)
    with pytest.raises(DeviceError, match="needs a GPU"):
        open_session(engine, Placement(device="cpu"))
    with pytest.raises(ValueError, match="is a TensorRT engine"):
        open_session(engine, Placement(runtime="onnxruntime"))


@pytest.mark.parametrize(
    ("suffix", "kind", "trt", "chosen"),
    [
        (".onnx", "auto", True, "onnxruntime"),
        (".onnx", "cpu", True, "onnxruntime"),
        (".onnx", "cuda", True, "tensorrt"),
        (".onnx", "cuda", False, "onnxruntime"),
        (".engine", "auto", True, "tensorrt"),
        (".engine", "cuda", True, "tensorrt"),
    ],
)
def test_what_auto_chooses(  # type: ignore[no-untyped-def]
    model, monkeypatch, suffix: str, kind: str, trt: bool, chosen: str
) -> None:
    monkeypatch.setattr(select, "tensorrt_available", lambda: trt)
    assert select._choose(ModelFile(Path("m" + suffix), model.spec), Placement(kind)) == chosen


# --- ONNX Runtime on bound memory


def test_bound_host_memory_gives_the_same_numbers(model: ModelFile) -> None:
    session = open_session(model)
    x = picture()
    out = np.full((3, 8), 7, np.float32)
    address = out.ctypes.data
    session.run_device({"image": DevicePointer.of(x)}, {"probabilities": DevicePointer.of(out)})
    assert out.ctypes.data == address
    np.testing.assert_array_equal(out, session.run({"image": x})["probabilities"])


def test_only_the_outputs_asked_for_are_returned(model: ModelFile) -> None:
    assert set(open_session(model).run({"image": picture()}, ["probabilities"])) == {"probabilities"}


def test_wrong_memory_is_refused(model: ModelFile) -> None:
    session = open_session(model)
    x, out = DevicePointer.of(picture()), DevicePointer.of(np.empty((3, 8), np.float32))
    cases: list[tuple[Any, Any, type[Exception], str]] = [
        ({}, {"probabilities": out}, ValueError, "missing"),
        ({"image": x}, {"nothing": out}, ValueError, "unknown"),
        ({"image": dataclasses.replace(x, shape=(3, 2, 16, 16))}, {}, ValueError, "float32"),
        ({"image": dataclasses.replace(x, shape=(3, 16, 16))}, {}, ValueError, "float32"),
        ({"image": dataclasses.replace(x, dtype=np.dtype("f2"))}, {}, ValueError, "float16"),
        ({"image": dataclasses.replace(x, device="cuda:0")}, {}, DeviceError, "cuda:0"),
    ]
    for feeds, outputs, kind, words in cases:
        with pytest.raises(kind, match=words):
            session.run_device(feeds, outputs)


class DeviceArray:
    """What CuPy, PyTorch, Numba and PyCUDA arrays have in common."""

    def __init__(self, **interface: Any) -> None:
        facts = {"shape": (2, 3), "typestr": "<f4", "data": (4096, False), "version": 3}
        self.__cuda_array_interface__ = facts | interface


def test_device_arrays_are_looked_at_not_copied() -> None:
    pointer = DevicePointer.of(DeviceArray(), "cuda:1")
    assert (pointer.address, pointer.shape, pointer.dtype, pointer.device) == (4096, (2, 3), np.float32, "cuda:1")
    assert pointer.nbytes == 24
    assert DevicePointer.of(DeviceArray(strides=(12, 4))).shape == (2, 3)
    with pytest.raises(ValueError, match="C-contiguous"):
        DevicePointer.of(DeviceArray(strides=(4, 8)))
    with pytest.raises(ValueError, match="C-contiguous"):
        DevicePointer.of(np.zeros((4, 6))[:, ::2])
    with pytest.raises(TypeError, match="list"):
        DevicePointer.of([1, 2])


def test_packed_strides() -> None:
    for shape in ((), (3,), (2, 3, 4), (1, 5)):
        assert base._packed_strides(shape, 4) == np.empty(shape, np.float32).strides

"""The TensorRT session's own logic, without TensorRT and without a GPU.

TensorRT and the CUDA driver are stood in for by a library whose device memory is host memory (`fake_cuda.c`) and an
"engine" that runs ONNX Runtime on it. That proves what the session does around TensorRT (what it binds, checks,
rebuilds and refuses), not what a GPU computes.
"""

# ruff: noqa: F811  (pytest hands a fixture over under the name it was imported by)
from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import json
import logging
import shutil
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeaffect.errors import DependencyError, DeviceError, Error
from edgeaffect.models import ModelSpec, find
from edgeaffect.models.file import ModelFile
from edgeaffect.runtime import Placement, open_session
from edgeaffect.runtime.session import DevicePointer
from edgeaffect.runtime.tensorrt import EngineCache, SelfTestError, build_engine, read_engine
from edgeaffect.runtime.tensorrt import build as build_module
from edgeaffect.runtime.tensorrt import variants as variant
from edgeaffect.runtime.tensorrt.builder import SerializedEngine
from edgeaffect.runtime.tensorrt.session import TensorRTSession
from edgeaffect.runtime.tensorrt.variants import Variant

pytest.importorskip("onnx")
from backend_parts import counters, fake_driver, library, model, own_home, picture  # noqa: F401
from fixture_nets import tiny_affect


class FakeContext:
    def __init__(self, model: bytes) -> None:
        import onnxruntime

        self.session = onnxruntime.InferenceSession(model)
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.addresses: dict[str, int] = {}
        self.streams: list[int] = []
        self.calls = 0

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        self.calls += 1
        self.shapes[name] = tuple(shape)
        return shape[0] <= 16

    def set_tensor_address(self, name: str, address: int) -> bool:
        self.calls += 1
        self.addresses[name] = address
        return address > 0

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return (self.shapes["image"][0], 8)

    def _view(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        size = int(np.prod(shape))
        return np.ctypeslib.as_array((ctypes.c_float * size).from_address(self.addresses[name])).reshape(shape)

    def execute_async_v3(self, stream: int) -> bool:
        self.streams.append(stream)
        result = self.session.run(["probabilities"], {"image": self._view("image", self.shapes["image"])})[0]
        self._view("probabilities", result.shape)[...] = result
        return True


class FakeEngine:
    num_io_tensors = 2

    def __init__(self, model: bytes) -> None:
        self.model = model

    def create_execution_context(self) -> FakeContext:
        return FakeContext(self.model)

    def get_tensor_name(self, i: int) -> str:
        return ("image", "probabilities")[i]

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return (-1, 1, 16, 16) if name == "image" else (-1, 8)

    def get_tensor_dtype(self, name: str) -> str:
        return "float"

    def get_tensor_mode(self, name: str) -> str:
        return "in" if name == "image" else "out"


def fake_tensorrt() -> Variant:
    api = types.ModuleType("tensorrt")
    api.TensorIOMode = types.SimpleNamespace(INPUT="in")  # type: ignore[attr-defined]
    api.nptype = lambda kind: np.float32  # type: ignore[attr-defined]
    api.ILogger = type("ILogger", (), {"__init__": lambda self: None})  # type: ignore[attr-defined]

    class Runtime:
        def __init__(self, logger: Any) -> None:
            pass

        def deserialize_cuda_engine(self, plan: bytes) -> FakeEngine | None:
            return None if plan.startswith(b"foreign") else FakeEngine(plan)

    api.Runtime = Runtime  # type: ignore[attr-defined]
    return Variant("tensorrt", "10.9.0", api)


@pytest.fixture
def tensorrt(fake_driver: ctypes.CDLL, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """A working TensorRT, as far as the session can tell; what it builds next can be put into the list."""
    fake = fake_tensorrt()

    def only_fake(name: str) -> Variant:
        if name == "tensorrt":
            return fake
        raise DependencyError(f"{name} is not installed")

    def plan(path: Any, *_: Any, **__: Any) -> SerializedEngine:
        data = plans.pop() if plans else Path(path).read_bytes()
        shapes = {"image": ((1, 1, 16, 16), (2, 1, 16, 16), (16, 1, 16, 16))}
        return SerializedEngine(data, fake, "fp32", shapes, (), 0.0)

    plans: list[bytes] = []
    monkeypatch.setattr(variant, "_import", only_fake)
    monkeypatch.setattr(build_module, "build_plan", plan)
    return plans


def test_session_builds_runs_and_proves_itself(
    model: ModelFile, tensorrt: list[bytes], fake_driver: ctypes.CDLL, caplog: pytest.LogCaptureFixture
) -> None:
    before = counters(fake_driver)
    x = picture()
    expected = open_session(model).run({"image": x})["probabilities"]
    with caplog.at_level(logging.INFO, "edgeaffect"):
        session = open_session(model, Placement(runtime="tensorrt"))
    assert "self-test" in caplog.text
    told = session.describe()
    assert told["device"] == "cuda:0" and told["runtime"] == "tensorrt 10.9.0" and told["gpu"] == "Fake GPU"
    assert session.inputs["image"].shape == (None, 1, 16, 16)
    for count in (3, 1, 2):
        np.testing.assert_array_equal(session.run({"image": x[:count]})["probabilities"], expected[:count])
    assert np.array_equal(session.run({"image": x[:, :, ::-1][:, :, ::-1]})["probabilities"], expected)
    session.close()
    assert counters(fake_driver) == before
    caplog.clear()
    with caplog.at_level(logging.INFO, "edgeaffect"):
        open_session(model, Placement(runtime="tensorrt")).close()
    assert "self-test" not in caplog.text, "once per engine, GPU and driver"


def test_session_runs_on_device_memory_without_touching_other_streams(model: ModelFile, tensorrt: list[bytes]) -> None:
    session = TensorRTSession(model)
    x, out = picture(), np.zeros((3, 8), np.float32)
    on_device = [dataclasses.replace(DevicePointer.of(a), device="cuda:0") for a in (x, out)]
    session.run_device({"image": on_device[0]}, {"probabilities": on_device[1]}, stream=0)
    np.testing.assert_array_equal(out, session.run({"image": x})["probabilities"])
    assert session._execution.context.streams[-2] == 0 and session._execution.context.streams[-1] != 0
    session.run_device({"image": on_device[0]}, {}, stream=0)  # an output nobody asks for needs memory all the same
    with pytest.raises(DeviceError, match="lies on cpu"):
        session.run_device({"image": DevicePointer.of(x)}, {})
    wrong = dataclasses.replace(on_device[1], shape=(2, 8))
    with pytest.raises(ValueError, match="will have shape"):
        session.run_device({"image": on_device[0]}, {"probabilities": wrong})
    session.close()


def test_forks_leave_each_other_alone(model: ModelFile, tensorrt: list[bytes], fake_driver: ctypes.CDLL) -> None:
    """A recorded graph is valid while its context and all memory it names stay as they were."""
    before = counters(fake_driver)
    session = TensorRTSession(model)
    assert session.inputs["image"].max_batch == 16 and session.outputs["probabilities"].max_batch is None
    small, large = session.new_context(), session.new_context()
    x = picture()
    on_device = dataclasses.replace(DevicePointer.of(x), device="cuda:0")
    one = dataclasses.replace(on_device, shape=(1, *x.shape[1:]))
    small.run_device({"image": one}, {})
    context = small._run.context
    bound, calls = dict(context.addresses), context.calls
    large.run_device({"image": on_device}, {})
    session.run({"image": picture(16)})
    assert context.shapes["image"][0] == 1 and context.addresses == bound
    small.run_device({"image": one}, {})
    assert context.calls == calls, "what is bound already is not bound again"
    out = np.zeros((1, 8), np.float32)
    small.run_device({"image": one}, {"probabilities": dataclasses.replace(DevicePointer.of(out), device="cuda:0")})
    np.testing.assert_array_equal(out, session.run({"image": x[:1]})["probabilities"])
    small.close()
    session.close()  # closes the other context too
    assert counters(fake_driver) == before
    large.close()


def test_a_runtime_that_cannot_record_says_so(
    model: ModelFile, tensorrt: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with contextlib.closing(TensorRTSession(model)) as session:
        context = session.new_context()
        assert session.refusal(7) == context.refusal(7) == "", "TensorRT cannot be asked"
        # TensorRT for RTX can.
        monkeypatch.setattr(FakeContext, "is_stream_capturable", lambda self, stream: stream == 7, raising=False)
        assert session.refusal(7) == context.refusal(7) == ""
        name = session._engine_file.path.name
        assert session.refusal(8) == context.refusal(8) == f"tensorrt cannot record {name}"


def test_session_refuses_wrong_feeds(model: ModelFile, tensorrt: list[bytes]) -> None:
    session = TensorRTSession(model)
    for feeds, words in (
        ({"image": picture(17)}, r"profile.*--max-batch"),
        ({"image": picture().astype(np.float64)}, "float64"),
        ({"picture": picture()}, "inputs are image"),
    ):
        with pytest.raises(ValueError, match=words):
            session.run(feeds)
    session.close()


def test_an_engine_that_computes_something_else_is_refused(
    model: ModelFile, tensorrt: list[bytes], fake_driver: ctypes.CDLL, tmp_path: Path
) -> None:
    before = counters(fake_driver)
    other = tiny_affect(tmp_path / "other.onnx", seed=5)
    tensorrt.append(other.path.read_bytes())
    with pytest.raises(SelfTestError, match="does not compute"):
        TensorRTSession(model)
    assert counters(fake_driver) == before, "nothing may leak when opening fails"
    with pytest.raises(SelfTestError):
        TensorRTSession(model)  # a failed test is not noted as passed


def test_an_engine_that_does_not_load_is_rebuilt_once(
    model: ModelFile, tensorrt: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    tensorrt.append(b"foreign")
    with caplog.at_level(logging.WARNING, "edgeaffect"):
        TensorRTSession(model).close()
    assert sum("rebuilding" in r.message for r in caplog.records) == 1
    tensorrt.extend([b"foreign", b"foreign"])
    EngineCache().clean()
    with pytest.raises(DeviceError, match="does not load"):
        TensorRTSession(model)


def test_engine_file_for_another_gpu(
    model: ModelFile, tensorrt: list[bytes], fake_driver: ctypes.CDLL, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.engine"
    fake_driver.fake_set_minor_capability(9)
    build_engine(model, path)
    fake_driver.fake_set_minor_capability(6)
    alone = ModelFile(path, model.spec)
    with pytest.raises(DeviceError, match=r"SM89.*SM86"):
        TensorRTSession(alone)
    shutil.copy(model.path, tmp_path / "a.onnx")
    with caplog.at_level(logging.WARNING, "edgeaffect"):
        session = open_session(find(path, "affect"), Placement(device="cuda"))
    assert "building it again from a.onnx" in caplog.text
    assert session.run({"image": picture()})["probabilities"].shape == (3, 8)
    session.close()


def test_an_engine_file_of_another_onnx_beside_it_is_not_replaced_silently(
    model: ModelFile, tensorrt: list[bytes], fake_driver: ctypes.CDLL, tmp_path: Path
) -> None:
    fake_driver.fake_set_minor_capability(9)
    build_engine(model, tmp_path / "a.engine")
    fake_driver.fake_set_minor_capability(6)
    tiny_affect(tmp_path / "a.onnx", seed=9)
    with pytest.raises(DeviceError, match="SM89"):
        TensorRTSession(ModelFile(tmp_path / "a.engine", model.spec))


def test_tampered_engine_file_is_refused(model: ModelFile, tensorrt: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "a.engine"
    build_engine(model, path)
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with pytest.raises(Error, match="altered"):
        TensorRTSession(ModelFile(path, model.spec))


def test_key_holds_what_the_engine_depends_on(model: ModelFile, tensorrt: list[bytes]) -> None:
    engine = EngineCache().get(model)
    target = json.loads(read_engine(engine.path).header.to_json())["target"]
    assert target["gpu"] == "Fake GPU" and target["sm"] == "SM86" and target["cuda"] == 12040 and target["driver"]
    assert ModelSpec.from_dict(model.spec.to_dict()) == engine.header.spec

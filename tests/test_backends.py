"""Choosing a runtime, ONNX Runtime on bound memory, and the TensorRT session's own logic.

No GPU is needed: TensorRT and the CUDA driver are stood in for by a library whose device memory is host memory
(`fake_cuda.c`) and an "engine" that runs ONNX Runtime on it. That proves what the session does around TensorRT (what it
binds, checks, rebuilds and refuses), not what a GPU computes.
"""

from __future__ import annotations

import ctypes
import dataclasses
import json
import logging
import shutil
import subprocess
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeaffect.backends import base, cuda_driver, open_session, select
from edgeaffect.backends import onnxruntime as ort_module
from edgeaffect.backends.base import DevicePointer
from edgeaffect.backends.cuda_driver import CudaDriver, CudaStream
from edgeaffect.backends.onnxruntime import OnnxRuntimeSession
from edgeaffect.backends.tensorrt import TensorRTSession
from edgeaffect.engines import EngineCache, SelfTestError, build_engine, flavour, read_engine
from edgeaffect.engines import build as build_module
from edgeaffect.engines.flavour import Flavour
from edgeaffect.engines.plan import Plan
from edgeaffect.errors import DependencyError, DeviceError, Error
from edgeaffect.models import ModelSpec, find
from edgeaffect.models.registry import ModelFile

pytest.importorskip("onnx")
from fixture_nets import tiny_affect

HERE = Path(__file__).parent
NO_DRIVER = not Path("/dev/nvidiactl").exists() and not Path("/dev/nvhost-gpu").exists()


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEAFFECT_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelFile:
    return tiny_affect(tmp_path_factory.mktemp("net") / "tiny.onnx")


def picture(count: int = 3) -> np.ndarray:
    return np.random.RandomState(1).randn(count, 1, 16, 16).astype(np.float32)


# --- choosing


def test_auto_is_onnxruntime_on_the_cpu_and_says_so(model: ModelFile, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "edgeaffect.backends"):
        session = open_session(model)
    told = session.describe()
    assert told["device"] == "cpu" and told["provider"] == "CPUExecutionProvider" and told["threads"] == 1
    assert "runs on cpu" in caplog.text and not session.supports_device_pointers


@pytest.mark.parametrize("device", ["gpu", "cuda:", "cpu:0", "cuda:-1", "auto:1", "", None])
def test_device_strings(model: ModelFile, device: Any) -> None:
    with pytest.raises(ValueError, match="auto, cpu, cuda or cuda:N"):
        open_session(model, device=device)


def test_runtime_and_thread_values(model: ModelFile) -> None:
    with pytest.raises(ValueError, match="onnxruntime-tensorrt"):
        open_session(model, runtime="trt")
    with pytest.raises(ValueError, match="threads"):
        open_session(model, threads=0)
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
        open_session(model, **wish)


def test_contradictory_wishes(model: ModelFile, tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="needs a GPU"):
        open_session(model, runtime="tensorrt", device="cpu")
    engine = ModelFile(tmp_path / "x.engine", model.spec)
    with pytest.raises(DeviceError, match="needs a GPU"):
        open_session(engine, device="cpu")
    with pytest.raises(ValueError, match="is a TensorRT engine"):
        open_session(engine, runtime="onnxruntime")


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
    assert select._choose(ModelFile(Path("m" + suffix), model.spec), kind, "auto") == chosen


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


# --- the CUDA driver, on a stand-in with the same signatures


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> str:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler for the stand-in driver")
    path = tmp_path_factory.mktemp("cuda") / "libfakecuda.so"
    flags = ["-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run([compiler, *flags, "-o", str(path), str(HERE / "fake_cuda.c")], check=True)
    return str(path)


@pytest.fixture
def fake_driver(library: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[ctypes.CDLL]:
    monkeypatch.setattr(cuda_driver, "LIBRARY", library)
    cuda_driver.driver.cache_clear()
    yield ctypes.CDLL(library)
    cuda_driver.driver.cache_clear()


def counters(fake: ctypes.CDLL) -> tuple[int, int, int]:
    return fake.fake_allocations(), fake.fake_streams(), fake.fake_retained()


def test_no_driver_names_the_remedy() -> None:
    with pytest.raises(DeviceError, match="install NVIDIA's driver"):
        CudaDriver("libnothing-of-that-name.so")


def test_gpu_facts(fake_driver: ctypes.CDLL) -> None:
    gpu = cuda_driver.driver().gpu(0)
    assert (gpu.name, gpu.sm, gpu.cuda_version) == ("Fake GPU", "SM86", 12040)
    with pytest.raises(DeviceError, match=r"cuda:1.*1 GPU"):
        cuda_driver.driver().gpu(1)


def test_stream_and_buffers_come_and_go(fake_driver: ctypes.CDLL) -> None:
    before = counters(fake_driver)
    stream = CudaStream(0)
    data = np.arange(1000, dtype=np.float64)
    address = stream.buffer("a", data.nbytes)
    assert stream.buffer("a", 10) == address and stream.buffer("b", 8) != address
    back = np.empty_like(data)
    stream.upload(address, data.ctypes.data, data.nbytes)
    stream.download(back.ctypes.data, address, data.nbytes)
    stream.wait()
    assert np.array_equal(back, data)
    stream.buffer("a", 10**6)
    assert counters(fake_driver)[0] == before[0] + 2, "a buffer that grows frees its old memory"
    with pytest.raises(DeviceError, match="OUT_OF_MEMORY"):
        stream.buffer("a", 1 << 50)
    stream.close()
    stream.close()
    assert counters(fake_driver) == before


def test_foreign_streams_are_waited_for(fake_driver: ctypes.CDLL) -> None:
    cuda_driver._primary_context.cache_clear()
    cuda_driver.wait_for(0, 0)
    stream = CudaStream(0)
    cuda_driver.wait_for(stream.handle, 0)
    with pytest.raises(DeviceError, match="cuStreamSynchronize"):
        cuda_driver.wait_for(12345, 0)
    stream.close()
    cuda_driver._primary_context.cache_clear()


def test_streams_are_put_in_order_on_the_device(fake_driver: ctypes.CDLL) -> None:
    fake_driver.fake_order.restype = ctypes.c_char_p
    fake_driver.fake_forget_order()
    stream = CudaStream(0)
    stream.follow(0)
    stream.lead(0)
    assert fake_driver.fake_order() == b"r0w1r1w0"
    with pytest.raises(DeviceError, match="cuEventRecord"):
        stream.follow(12345)
    stream.close()


# --- ONNX Runtime's CUDA provider, on the CPU provider and the stand-in driver


def fake_onnxruntime(version: str, seen: dict[str, Any]) -> types.SimpleNamespace:
    """The package as it would be with a GPU; what it runs on is the CPU."""
    import onnxruntime

    class Binding:
        def __init__(self, session: Any) -> None:
            self.real = session.io_binding()

        def bind_input(self, name: str, kind: str, *rest: Any) -> None:
            assert kind == "cuda"
            self.real.bind_input(name, "cpu", *rest)

        def bind_output(self, name: str, kind: str, *rest: Any) -> None:
            assert kind == "cuda"
            self.real.bind_output(name, "cpu", *rest)

    class Session:
        def __init__(self, path: str, options: Any, providers: Any) -> None:
            seen["providers"] = providers
            if seen.get("broken"):
                raise RuntimeError("no cuDNN")
            self.real = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
            self.get_inputs, self.get_outputs = self.real.get_inputs, self.real.get_outputs

        def get_providers(self) -> list[str]:
            return ["CUDAExecutionProvider", "CPUExecutionProvider"]

        def io_binding(self) -> Binding:
            return Binding(self.real)

        def run_with_iobinding(self, binding: Binding, options: Any) -> None:
            seen["order"] = seen["driver"].fake_order()
            seen["asynchronous"] = options.get_run_config_entry("disable_synchronize_execution_providers") == "1" if (
                version >= "1.18") else False  # fmt: skip
            self.real.run_with_iobinding(binding.real)

    return types.SimpleNamespace(
        __version__=version, InferenceSession=Session, SessionOptions=onnxruntime.SessionOptions,
        RunOptions=onnxruntime.RunOptions, get_available_providers=lambda: ["CUDAExecutionProvider"],
    )  # fmt: skip


@pytest.mark.parametrize("version", ["1.20.1", "1.17.3"])
def test_onnxruntime_on_the_gpu_keeps_the_order_of_streams(
    model: ModelFile, fake_driver: ctypes.CDLL, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    fake_driver.fake_order.restype = ctypes.c_char_p
    cuda_driver._primary_context.cache_clear()
    seen: dict[str, Any] = {"driver": fake_driver}
    x, out = picture(), np.zeros((3, 8), np.float32)
    expected = open_session(model).run({"image": x})["probabilities"]
    monkeypatch.setattr(ort_module, "require", lambda name: fake_onnxruntime(version, seen))
    before = counters(fake_driver)
    session = OnnxRuntimeSession(model, provider="cuda")
    place = [dataclasses.replace(DevicePointer.of(a), device="cuda:0") for a in (x, out)]
    fake_driver.fake_forget_order()
    session.run_device({"image": place[0]}, {"probabilities": place[1]}, stream=0)
    np.testing.assert_array_equal(out, expected)
    options = seen["providers"][0][1]
    if version == "1.17.3":  # takes no stream: the host waits
        assert "user_compute_stream" not in options and fake_driver.fake_order() == b""
    else:
        assert int(options["user_compute_stream"]) > 2
        # The caller's stream (0), then ours (1), the run, ours, the caller's.
        assert seen["order"] == b"r0w1" and fake_driver.fake_order() == b"r0w1r1w0" and seen["asynchronous"]
    assert session.fork() is session
    session.close()
    session.close()
    cuda_driver._primary_context.cache_clear()
    assert counters(fake_driver)[:2] == before[:2]


def test_nothing_leaks_when_onnxruntime_does_not_open(
    model: ModelFile, fake_driver: ctypes.CDLL, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {"driver": fake_driver, "broken": True}
    monkeypatch.setattr(ort_module, "require", lambda name: fake_onnxruntime("1.20.1", seen))
    before = counters(fake_driver)
    with pytest.raises(Error, match="no cuDNN"):
        OnnxRuntimeSession(model, provider="cuda")
    assert counters(fake_driver) == before


# --- the TensorRT session, on a stand-in


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


def fake_tensorrt() -> Flavour:
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
    return Flavour("tensorrt", "10.9.0", api)


@pytest.fixture
def tensorrt(fake_driver: ctypes.CDLL, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """A working TensorRT, as far as the session can tell; what it builds next can be put into the list."""
    fake = fake_tensorrt()

    def only_fake(name: str) -> Flavour:
        if name == "tensorrt":
            return fake
        raise DependencyError(f"{name} is not installed")

    def plan(path: Any, *_: Any, **__: Any) -> Plan:
        data = plans.pop() if plans else Path(path).read_bytes()
        shapes = {"image": ((1, 1, 16, 16), (2, 1, 16, 16), (16, 1, 16, 16))}
        return Plan(data, fake, "fp32", shapes, (), 0.0)

    plans: list[bytes] = []
    monkeypatch.setattr(flavour, "_import", only_fake)
    monkeypatch.setattr(build_module, "build_plan", plan)
    return plans


def test_session_builds_runs_and_proves_itself(
    model: ModelFile, tensorrt: list[bytes], fake_driver: ctypes.CDLL, caplog: pytest.LogCaptureFixture
) -> None:
    before = counters(fake_driver)
    x = picture()
    expected = open_session(model).run({"image": x})["probabilities"]
    with caplog.at_level(logging.INFO, "edgeaffect"):
        session = open_session(model, runtime="tensorrt")
    assert "self-test" in caplog.text
    told = session.describe()
    assert told["device"] == "cuda:0" and told["runtime"] == "tensorrt 10.9.0" and told["gpu"] == "Fake GPU"
    assert session.supports_device_pointers and session.inputs["image"].shape == (None, 1, 16, 16)
    for count in (3, 1, 2):
        np.testing.assert_array_equal(session.run({"image": x[:count]})["probabilities"], expected[:count])
    assert np.array_equal(session.run({"image": x[:, :, ::-1][:, :, ::-1]})["probabilities"], expected)
    session.close()
    assert counters(fake_driver) == before
    caplog.clear()
    with caplog.at_level(logging.INFO, "edgeaffect"):
        open_session(model, runtime="tensorrt").close()
    assert "self-test" not in caplog.text, "once per engine, GPU and driver"


def test_session_runs_on_device_memory_without_touching_other_streams(
    model: ModelFile, tensorrt: list[bytes]
) -> None:
    session = TensorRTSession(model)
    x, out = picture(), np.zeros((3, 8), np.float32)
    on_device = [dataclasses.replace(DevicePointer.of(a), device="cuda:0") for a in (x, out)]
    session.run_device({"image": on_device[0]}, {"probabilities": on_device[1]}, stream=0)
    np.testing.assert_array_equal(out, session.run({"image": x})["probabilities"])
    assert session._execution.context.streams[-2] == 0 and session._execution.context.streams[-1] != 0
    session.run_device({"image": on_device[0]}, {}, stream=0)  # an output nobody asks for needs memory all the same
    with pytest.raises(DeviceError, match="lies on cpu"):
        session.run_device({"image": DevicePointer.of(x)}, {})
    with pytest.raises(ValueError, match="will have shape"):
        wrong = dataclasses.replace(on_device[1], shape=(2, 8))
        session.run_device({"image": on_device[0]}, {"probabilities": wrong})
    session.close()


def test_forks_leave_each_other_alone(
    model: ModelFile, tensorrt: list[bytes], fake_driver: ctypes.CDLL
) -> None:
    """A recorded graph is valid while its context and all memory it names stay as they were."""
    before = counters(fake_driver)
    session = TensorRTSession(model)
    assert session.inputs["image"].max_batch == 16 and session.outputs["probabilities"].max_batch is None
    small, large = session.fork(), session.fork()
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
    session.close()  # closes the other fork too
    assert counters(fake_driver) == before
    large.close()


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
        session = open_session(find(path, "affect"), device="cuda")
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


def test_packed_strides() -> None:
    for shape in ((), (3,), (2, 3, 4), (1, 5)):
        assert base._packed_strides(shape, 4) == np.empty(shape, np.float32).strides

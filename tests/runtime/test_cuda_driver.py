"""The CUDA driver and ONNX Runtime's CUDA provider, on stand-ins with the same signatures: no GPU is needed."""

# ruff: noqa: F811  (pytest hands a fixture over under the name it was imported by)
from __future__ import annotations

import ctypes
import dataclasses
import time
import types
from typing import Any

import numpy as np
import pytest

from edgeaffect.errors import DeviceError, Error
from edgeaffect.models.file import ModelFile
from edgeaffect.runtime import Placement, cuda_driver, open_session
from edgeaffect.runtime import onnxruntime as ort_module
from edgeaffect.runtime.cuda_driver import CudaDriver, CudaStream, EventTimer
from edgeaffect.runtime.onnxruntime import OnnxRuntimeSession
from edgeaffect.runtime.session import DevicePointer

pytest.importorskip("onnx")
from backend_parts import counters, fake_driver, library, model, own_home, picture  # noqa: F401


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


def test_event_timer_takes_the_span_and_names_the_failure(fake_driver: ctypes.CDLL) -> None:
    before = counters(fake_driver)
    stream = CudaStream(0)
    timer = EventTimer(stream.handle)
    timer.start()
    time.sleep(0.02)
    assert 0.02 <= timer.stop() < 0.5
    timer.close()
    stranger = EventTimer(12345)
    with pytest.raises(DeviceError, match="cuEventRecord failed"):
        stranger.start()
    stranger.close()
    stream.close()
    assert counters(fake_driver) == before


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

        def run(self, names: list[str], feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
            seen["fed"] = [(value.shape, bool(value.any())) for value in feeds.values()]
            return list(self.real.run(names, feeds))

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
        assert session.refusal(0) == "onnxruntime 1.17.3 makes the CPU wait in every run: install 1.18 or later"
    else:
        assert int(options["user_compute_stream"]) > 2
        # The caller's stream (0), then ours (1), the run, ours, the caller's.
        assert seen["order"] == b"r0w1" and fake_driver.fake_order() == b"r0w1r1w0" and seen["asynchronous"]
        assert session.refusal(0) == ""
    assert session.new_context() is session
    session.close()
    session.close()
    cuda_driver._primary_context.cache_clear()
    assert counters(fake_driver)[:2] == before[:2]


def test_a_model_is_tried_on_the_gpu_it_is_opened_on(
    model: ModelFile, fake_driver: ctypes.CDLL, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuda_driver._primary_context.cache_clear()
    seen: dict[str, Any] = {"driver": fake_driver}
    monkeypatch.setattr(ort_module, "require", lambda name: fake_onnxruntime("1.20.1", seen))
    session = open_session(model, Placement("cuda", "onnxruntime"))
    assert session.describe()["provider"] == "CUDAExecutionProvider"
    assert seen["fed"] == [((2, 1, 16, 16), False)], "once, on blank input"
    session.close()
    cuda_driver._primary_context.cache_clear()


def test_nothing_leaks_when_onnxruntime_does_not_open(
    model: ModelFile, fake_driver: ctypes.CDLL, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {"driver": fake_driver, "broken": True}
    monkeypatch.setattr(ort_module, "require", lambda name: fake_onnxruntime("1.20.1", seen))
    before = counters(fake_driver)
    with pytest.raises(Error, match="no cuDNN"):
        OnnxRuntimeSession(model, provider="cuda")
    assert counters(fake_driver) == before

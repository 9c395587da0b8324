"""GpuPipeline against the CPU stages, on a GPU and on host loops of the same source with the real models."""

from __future__ import annotations

import ctypes
import dataclasses
import logging
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest
from cuda_frames import OnDevice, nv12, same_results

from edgeaffect import DeviceError, Error, FaceAffect, FaceDetector
from edgeaffect import cuda as cuda_package
from edgeaffect.cuda import DeviceFrame, GpuPipeline
from edgeaffect.cuda import context as pipeline_module
from edgeaffect.cuda.preprocess import run_rows
from edgeaffect.models.registry import FLOAT_DEFAULTS
from edgeaffect.models.spec import Alignment
from edgeaffect.options import DetectOptions
from edgeaffect.runtime.session import DevicePointer, TensorInfo


def test_says_the_same_as_the_cpu_stages(cuda: ModuleType, stages: Any, portrait: np.ndarray) -> None:
    gpu = GpuPipeline(*stages, cuda=cuda)
    moved = np.ascontiguousarray(np.roll(portrait, (9, 40), (0, 1)))
    for frame in (portrait, moved, portrait):  # plain launches, then a recording, then whatever it became
        (result,) = gpu.process([frame])
        same_results(result, *stages, frame)
    gpu.close()


@pytest.mark.parametrize("color", ["rgb", "bgra", "gray", "nv12"])
def test_every_color(cuda: ModuleType, stages: Any, portrait: np.ndarray, color: str) -> None:
    code = {"rgb": cv2.COLOR_BGR2RGB, "bgra": cv2.COLOR_BGR2BGRA, "gray": cv2.COLOR_BGR2GRAY}
    frame = nv12(portrait) if color == "nv12" else cv2.cvtColor(portrait, code[color])
    (result,) = GpuPipeline(*stages, cuda=cuda).process([frame], color)
    same_results(result, *stages, frame, color)


@pytest.mark.parametrize("mapped", [False, True])
def test_a_batch_of_cameras(cuda: ModuleType, stages: Any, portrait: np.ndarray, mapped: bool) -> None:
    frames = [portrait, np.zeros_like(portrait), np.ascontiguousarray(portrait[:, ::-1])]
    gpu = GpuPipeline(*stages, cuda=cuda, mapped=mapped)
    results = gpu.process(frames)
    assert [len(faces) for faces, _ in results] == [len(stages[0].detect(frame)) for frame in frames]
    assert len(results[1][0]) == 0 == len(results[1][1])
    same_results(results[0], *stages, frames[0])
    same_results(results[2], *stages, frames[2])
    assert gpu.process([]) == []


def test_frames_with_their_own_strides(cuda: ModuleType, stages: Any, portrait: np.ndarray) -> None:
    view = portrait[::-1, 100:400]
    (result,) = GpuPipeline(*stages, cuda=cuda).process([np.ascontiguousarray(view)[::-1]])
    same_results(result, *stages, view[::-1])


@pytest.mark.parametrize(
    "alignment",
    [
        Alignment("box", expand=1.2, shift=(0.05, -0.1), rotate=True),
        Alignment("box", square=False, rotate=False, border="constant"),
        Alignment("whole"),
    ],
)
def test_every_alignment(cuda: ModuleType, stages: Any, place: str, portrait: np.ndarray, alignment: Alignment) -> None:
    affect = FaceAffect(FLOAT_DEFAULTS["affect"], device=place)
    spec = dataclasses.replace(affect.model.spec, alignment=alignment)
    affect.model = dataclasses.replace(affect.model, spec=spec)
    (result,) = GpuPipeline(stages[0], affect, cuda=cuda).process([portrait])
    same_results(result, stages[0], affect, portrait)


def test_region_of_interest_and_limits(cuda: ModuleType, stages: Any, place: str, portrait: np.ndarray) -> None:
    for options in (DetectOptions(roi=(0.2, 0.0, 0.8, 0.6)), DetectOptions(max_side=160, max_faces=1)):
        detector = FaceDetector(options=options, device=place)
        (result,) = GpuPipeline(detector, stages[1], cuda=cuda).process([portrait])
        same_results(result, detector, stages[1], portrait)


@pytest.mark.parametrize("stream", [{}, {"stream": None}, {"stream": 1}, {"stream": 2}, {"version": 2}])
def test_resident_frames(cuda: ModuleType, stages: Any, portrait: np.ndarray, stream: dict[str, Any]) -> None:
    gpu = GpuPipeline(*stages, cuda=cuda)
    other = np.ascontiguousarray(portrait[:, ::-1])
    for frame in (portrait, other, portrait):  # other addresses each time, through one graph
        (result,) = gpu.process([OnDevice(cuda, frame, **stream)])
        same_results(result, *stages, frame)
    assert {plan["place"] for plan in gpu.describe()["plans"]} == {"GPU"}


def test_waits_for_the_stream_that_writes_the_frame(cuda: ModuleType, stages: Any, portrait: np.ndarray) -> None:
    gpu, writer = GpuPipeline(*stages, cuda=cuda), cuda.Stream(0)
    held = OnDevice(cuda, np.zeros_like(portrait), stream=writer.handle)
    for frame in (portrait, np.ascontiguousarray(portrait[:, ::-1]), portrait):
        pinned = cuda.PinnedBuffer(frame.nbytes, False, 0)
        np.frombuffer(pinned, np.uint8)[:] = frame.reshape(-1)
        for _ in range(20):  # long enough to still be under way
            cuda.copy(held.buffer.address, pinned.address, frame.nbytes, writer.handle)
        (result,) = gpu.process([held])
        same_results(result, *stages, frame)
        writer.synchronize()
    gpu.close()


def test_resident_nv12_and_padded_rows(cuda: ModuleType, stages: Any, portrait: np.ndarray) -> None:
    gpu = GpuPipeline(*stages, cuda=cuda)
    yuv = nv12(portrait)
    (result,) = gpu.process([OnDevice(cuda, yuv)], "nv12")
    same_results(result, *stages, yuv, "nv12")
    wide = np.zeros((512, 600, 3), np.uint8)
    wide[:, :512] = portrait
    held = OnDevice(cuda, wide)
    held.__cuda_array_interface__ |= {"shape": (512, 512, 3), "strides": (1800, 3, 1)}
    (result,) = gpu.process([held])
    same_results(result, *stages, portrait)


# --- more faces than the one launch reads


def crowd(portrait: np.ndarray) -> np.ndarray:
    """Several faces in one frame."""
    small = cv2.resize(portrait, (256, 256), interpolation=cv2.INTER_AREA)
    return np.vstack([np.hstack([small, small[:, ::-1]]), np.hstack([small[:, ::-1], small])])


def test_faces_beyond_the_fused_ones_take_a_second_launch(cuda: ModuleType, stages: Any, portrait: np.ndarray) -> None:
    frame = crowd(portrait)
    assert len(stages[0].detect(frame)) >= 4
    gpu = GpuPipeline(*stages, cuda=cuda, fused_faces=1)
    for place in (frame, OnDevice(cuda, frame)):
        for _ in range(2):
            (result, other) = gpu.process([place, place])
            same_results(result, *stages, frame)
            same_results(other, *stages, frame)
    does = [(plan["does"], plan["faces"]) for plan in gpu.plans()]
    assert ("perceive", 1) in does and ("analyse", 8) in does
    with pytest.raises(ValueError, match="fused_faces must be 1 or more"):
        GpuPipeline(*stages, cuda=cuda, fused_faces=0)


def test_any_number_of_faces(cuda: ModuleType, stages: Any, portrait: np.ndarray) -> None:
    """Several launches of at most 64; what one leaves behind must not look like work of the next."""
    gpu = GpuPipeline(*stages, cuda=cuda)
    some = stages[0].detect(crowd(portrait))
    many = some[np.arange(131) % len(some)]
    affects = gpu.predict_many([(crowd(portrait), many, "bgr"), (portrait, many[[]], "bgr")])
    assert [len(one) for one in affects] == [131, 0]
    wanted = stages[1].predict(crowd(portrait), some)
    for i, affect in enumerate(affects[0]):
        np.testing.assert_allclose(affect.probabilities, wanted[i % len(some)].probabilities, atol=0.02)
    assert gpu.predict_many([]) == []


def test_runs_of_a_model_have_equal_size() -> None:
    def info(batch: int | None, most: int | None = None) -> TensorInfo:
        return TensorInfo("x", (batch, 3, 4, 4), np.dtype("f4"), most)

    assert [run_rows(info(None), n) for n in (1, 7, 64)] == [1, 7, 64]
    assert [run_rows(info(None, 16), n) for n in (8, 24, 64, 17)] == [8, 12, 16, 1]
    assert run_rows(info(4), 8) == 4
    with pytest.raises(Error, match="batches of 4, which do not divide 6"):
        run_rows(info(4), 6)


def test_pinned_frames_are_fetched_from_where_they_lie(
    cuda: ModuleType, stages: Any, portrait: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cuda_package, "load_for", lambda index: cuda)
    frame, other = (cuda_package.pinned_frame((512, 512)) for _ in range(2))
    assert frame.shape == portrait.shape and frame.dtype == np.uint8 and not frame.any()
    for mapped in (False, True):
        gpu = GpuPipeline(*stages, cuda=cuda, mapped=mapped)
        for step in range(4):  # both frames, whose address a graph must not remember
            pinned = (frame, other)[step % 2]
            pinned[:] = np.roll(portrait, 5 * step, 1)
            (result,) = gpu.process([pinned])
            same_results(result, *stages, pinned)
        (plan,) = gpu.plans()
        assert plan["place"] == "pinned"
        results = gpu.process([portrait, frame])  # one of them must be copied: both are
        for result, one in zip(results, (portrait, frame), strict=True):
            same_results(result, *stages, one)
        assert gpu.plans()[-1]["place"] == "host"
    yuv = cuda_package.pinned_frame((512, 512), "nv12")
    yuv[:] = nv12(portrait)
    (result,) = gpu.process([yuv], "nv12")
    same_results(result, *stages, yuv, "nv12")
    with pytest.raises(ValueError, match="even"):
        cuda_package.pinned_frame((511, 512), "nv12")


def test_batches_must_agree(cuda: ModuleType, stages: Any, portrait: np.ndarray) -> None:
    gpu = GpuPipeline(*stages, cuda=cuda)
    with pytest.raises(ValueError, match="bgr 512x400 on the host, bgr 512x512 on the host"):
        gpu.process([portrait, portrait[:400]])
    with pytest.raises(ValueError, match="on the GPU, bgr 512x512 on the host"):
        gpu.process([portrait, OnDevice(cuda, portrait)])
    stray = dataclasses.replace(DeviceFrame(4096, 512, 512, 1536, "bgr"), device=3)
    with pytest.raises(DeviceError, match="the frame is on cuda:3"):
        gpu.process([stray])


class OnStream:
    """A session whose work is really put on the stream, as TensorRT's is; the CPU's runs inside the stream's order."""

    def __init__(self, session: Any, cuda: ModuleType) -> None:
        self._session = session
        self._enqueue = ctypes.CDLL(cuda.__file__).edgeaffect_enqueue
        self._kept: list[Any] = []

    def run_device(self, feeds: dict[str, DevicePointer], outputs: dict[str, DevicePointer], stream: int = 0) -> None:
        work = ctypes.CFUNCTYPE(None)(lambda: self._session.run_device(feeds, outputs, stream))
        self._kept.append(work)
        self._enqueue(ctypes.c_void_p(stream), work)

    def new_context(self) -> OnStream:
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


def test_graph_of_sessions_on_the_stream(cuda: ModuleType, place: str, portrait: np.ndarray) -> None:
    stages = FaceDetector(device=place), FaceAffect(device=place)
    if place == "cpu":
        for stage in stages:
            stage.session = OnStream(stage.session, cuda)
    elif stages[0].describe()["runtime"].startswith("onnxruntime"):
        pytest.skip("ONNX Runtime may refuse to be recorded; TensorRT and PyTorch are")
    gpu = GpuPipeline(*stages, cuda=cuda)
    flipped = np.ascontiguousarray(portrait[:, ::-1])
    for frame in (portrait, portrait, flipped, np.zeros_like(portrait), portrait):
        ((faces, affects),) = gpu.process([frame])
        assert len(faces) == len(affects)
        if frame.any():
            same_results((faces, affects), *stages, frame)
        else:
            assert len(faces) == 0
    faces = stages[0].detect(portrait)
    for _ in range(3):  # the halves, by turns: what one leaves behind must not look like work of the other
        (found,) = gpu.find_many([(portrait, "bgr")])
        (affects,) = gpu.predict_many([(portrait, faces, "bgr")])
        same_results((found, affects), *stages, portrait)
    runs = {plan["does"]: plan["runs"] for plan in gpu.plans()}
    assert set(runs) == {"perceive", "find", "analyse"}
    assert all(mode.startswith("one CUDA graph of ") for mode in runs.values()), runs
    gpu.close()
    assert gpu.plans() == []


def test_recorded_graphs_of_many_sizes(
    cuda: ModuleType, place: str, portrait: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sizes come and go; what a graph names must be there when it is launched again, and go when the graph goes."""
    if place != "cpu":
        pytest.skip("about the order in which memory is let go, which host loops check")
    monkeypatch.setattr(pipeline_module, "_PLANS", 3)
    closed = []

    class Context(OnStream):
        def new_context(self) -> Context:
            return Context(self._session, cuda)

        def close(self) -> None:
            closed.append(self)

    stages = FaceDetector(device=place, max_side=128), FaceAffect(device=place)
    for stage in stages:
        stage.session = Context(stage.session, cuda)
    gpu = GpuPipeline(*stages, cuda=cuda)
    pictures = [cv2.resize(portrait, (side, side), interpolation=cv2.INTER_AREA) for side in (256, 192, 224)]
    for _ in range(4):  # the last two with graphs, by turns
        for frame in pictures:
            assert len(gpu.process([frame])[0][0]) == 1
    assert all(plan["runs"].startswith("one CUDA graph of ") for plan in gpu.plans())
    assert not closed
    for side in (160, 176):
        gpu.process([cv2.resize(portrait, (side, side))])
    assert len(gpu.plans()) == 3 and len(closed) == 4, "two plans went, with the forks of two models each"
    for frame in reversed(pictures):
        assert len(gpu.process([frame])[0][0]) == 1
    gpu.close()
    assert len(closed) == 2 * (3 + 2 + 2)


def test_a_runtime_off_the_stream_is_not_trusted(
    cuda: ModuleType, place: str, portrait: np.ndarray, caplog: pytest.LogCaptureFixture
) -> None:
    """Work outside the recording: the proof notices, says so, and the results stay right. Host loops only: there the
    models run on the CPU."""
    if place != "cpu":
        pytest.skip("a GPU's own sessions work on the stream")
    stages = FaceDetector(device=place), FaceAffect(device=place)
    gpu = GpuPipeline(*stages, cuda=cuda)
    with caplog.at_level(logging.WARNING, "edgeaffect.cuda"):
        for _ in range(3):
            (result,) = gpu.process([portrait])
            same_results(result, *stages, portrait)
    assert gpu.plans()[0]["runs"].startswith("plain launches (no CUDA graph: ")
    assert sum("runs without a CUDA graph" in record.message for record in caplog.records) == 1


def test_needs_both_models_on_one_gpu(place: str, stages: Any) -> None:
    if place != "cpu":
        pytest.skip("about machines without a GPU")
    with pytest.raises(DeviceError, match="needs both models on a GPU, they are on cpu"):
        GpuPipeline(*stages)

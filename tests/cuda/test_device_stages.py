"""The stages on a GPU against those of the CPU: on a GPU, and on host loops of the same source with the real models."""

from __future__ import annotations

import ctypes
import dataclasses
import logging
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest
from cuda_frames import DeviceStages, OnDevice, nv12, same_results

from edgeaffect import DeviceError, Error, FaceAffect, FaceDetector
from edgeaffect.cuda import (
    DeviceDetector,
    DeviceFaceModel,
    DeviceFrame,
    GpuContext,
    context,
    frame_buffers,
    module,
    pinned_frame,
)
from edgeaffect.cuda.preprocess import run_rows
from edgeaffect.image import Image
from edgeaffect.models import ImageInput
from edgeaffect.models.preprocess import crop_to_input
from edgeaffect.models.registry import FLOAT_DEFAULTS
from edgeaffect.models.spec import Alignment
from edgeaffect.options import DetectOptions
from edgeaffect.runtime.session import DevicePointer, TensorInfo


def test_says_the_same_as_the_cpu_stages(cuda: ModuleType, stages: Any, portrait: np.ndarray) -> None:
    gpu = DeviceStages(*stages, cuda=cuda)
    moved = np.ascontiguousarray(np.roll(portrait, (9, 40), (0, 1)))
    for frame in (portrait, moved, portrait):  # plain launches, then a recording, then whatever it became
        (result,) = gpu.run([frame])
        same_results(result, *stages, frame)
    gpu.close()


@pytest.mark.parametrize("color", ["rgb", "bgra", "gray", "nv12"])
def test_every_color(cuda: ModuleType, stages: Any, portrait: np.ndarray, color: str) -> None:
    code = {"rgb": cv2.COLOR_BGR2RGB, "bgra": cv2.COLOR_BGR2BGRA, "gray": cv2.COLOR_BGR2GRAY}
    frame = nv12(portrait) if color == "nv12" else cv2.cvtColor(portrait, code[color])
    (result,) = DeviceStages(*stages, cuda=cuda).run([frame], color)
    same_results(result, *stages, frame, color)


@pytest.mark.parametrize("mapped", [False, True])
def test_a_batch_of_cameras(cuda: ModuleType, stages: Any, portrait: np.ndarray, mapped: bool) -> None:
    frames = [portrait, np.zeros_like(portrait), np.ascontiguousarray(portrait[:, ::-1])]
    gpu = DeviceStages(*stages, cuda=cuda, mapped=mapped)
    results = gpu.run(frames)
    assert [len(faces) for faces, _ in results] == [len(stages[0].detect(frame)) for frame in frames]
    assert len(results[1][0]) == 0 == len(results[1][1])
    same_results(results[0], *stages, frames[0])
    same_results(results[2], *stages, frames[2])
    assert gpu.run([]) == []


def test_frames_with_their_own_strides(cuda: ModuleType, stages: Any, portrait: np.ndarray) -> None:
    view = portrait[::-1, 100:400]
    (result,) = DeviceStages(*stages, cuda=cuda).run([np.ascontiguousarray(view)[::-1]])
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
    (result,) = DeviceStages(stages[0], affect, cuda=cuda).run([portrait])
    same_results(result, stages[0], affect, portrait)


def test_region_of_interest_and_limits(cuda: ModuleType, stages: Any, place: str, portrait: np.ndarray) -> None:
    for options in (DetectOptions(roi=(0.2, 0.0, 0.8, 0.6)), DetectOptions(max_side=160, max_faces=1)):
        detector = FaceDetector(options=options, device=place)
        (result,) = DeviceStages(detector, stages[1], cuda=cuda).run([portrait])
        same_results(result, detector, stages[1], portrait)


@pytest.mark.parametrize("stream", [{}, {"stream": None}, {"stream": 1}, {"stream": 2}, {"version": 2}])
def test_resident_frames(cuda: ModuleType, stages: Any, portrait: np.ndarray, stream: dict[str, Any]) -> None:
    gpu = DeviceStages(*stages, cuda=cuda)
    other = np.ascontiguousarray(portrait[:, ::-1])
    for frame in (portrait, other, portrait):  # other addresses each time, through one graph
        (result,) = gpu.run([OnDevice(cuda, frame, **stream)])
        same_results(result, *stages, frame)
    assert [program["does"] for program in gpu.programs()] == ["detect", "analyse"]


def test_waits_for_the_stream_that_writes_the_frame(cuda: ModuleType, stages: Any, portrait: np.ndarray) -> None:
    gpu, writer = DeviceStages(*stages, cuda=cuda), cuda.Stream(0)
    held = OnDevice(cuda, np.zeros_like(portrait), stream=writer.handle)
    for frame in (portrait, np.ascontiguousarray(portrait[:, ::-1]), portrait):
        pinned = cuda.PinnedBuffer(frame.nbytes, False, 0)
        np.frombuffer(pinned, np.uint8)[:] = frame.reshape(-1)
        for _ in range(20):  # long enough to still be under way
            cuda.copy(held.buffer.address, pinned.address, frame.nbytes, writer.handle)
        (result,) = gpu.run([held])
        same_results(result, *stages, frame)
        writer.synchronize()
    gpu.close()


def test_resident_nv12_and_padded_rows(cuda: ModuleType, stages: Any, portrait: np.ndarray) -> None:
    gpu = DeviceStages(*stages, cuda=cuda)
    yuv = nv12(portrait)
    (result,) = gpu.run([OnDevice(cuda, yuv)], "nv12")
    same_results(result, *stages, yuv, "nv12")
    wide = np.zeros((512, 600, 3), np.uint8)
    wide[:, :512] = portrait
    held = OnDevice(cuda, wide)
    held.__cuda_array_interface__ |= {"shape": (512, 512, 3), "strides": (1800, 3, 1)}
    (result,) = gpu.run([held])
    same_results(result, *stages, portrait)


# --- many faces


def crowd(portrait: np.ndarray) -> np.ndarray:
    """Several faces in one frame."""
    small = cv2.resize(portrait, (256, 256), interpolation=cv2.INTER_AREA)
    return np.vstack([np.hstack([small, small[:, ::-1]]), np.hstack([small[:, ::-1], small])])


def test_several_faces_of_several_frames(cuda: ModuleType, stages: Any, portrait: np.ndarray) -> None:
    frame = crowd(portrait)
    assert len(stages[0].detect(frame)) >= 4
    gpu = DeviceStages(*stages, cuda=cuda)
    for place in (frame, OnDevice(cuda, frame)):
        for _ in range(2):
            (result, other) = gpu.run([place, place])
            same_results(result, *stages, frame)
            same_results(other, *stages, frame)
    does = [(program["does"], program["frames"], program.get("faces")) for program in gpu.programs()]
    assert does == [("detect", 2, None), ("analyse", 2, 8)]


def test_any_number_of_faces(cuda: ModuleType, stages: Any, portrait: np.ndarray) -> None:
    """Several launches of at most 64; what one leaves behind must not look like work of the next."""
    gpu = DeviceStages(*stages, cuda=cuda)
    some = stages[0].detect(crowd(portrait))
    many = some[np.arange(131) % len(some)]
    frames = [gpu.take(frame) for frame in (crowd(portrait), portrait)]
    affects = gpu.affect.run_many([(frames[0], many), (frames[1], many[[]])])
    assert [len(one) for one in affects] == [131, 0]
    wanted = stages[1].predict(crowd(portrait), some)
    for i, affect in enumerate(affects[0]):
        np.testing.assert_allclose(affect.probabilities, wanted[i % len(some)].probabilities, atol=0.02)
    assert gpu.affect.run_many([]) == [] == gpu.detector.run_many([])


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
    monkeypatch.setattr(module, "load_for", lambda index: cuda)
    frame, other = (pinned_frame((512, 512)) for _ in range(2))
    assert frame.shape == portrait.shape and frame.dtype == np.uint8 and not frame.any()
    for mapped in (False, True):
        gpu = DeviceStages(*stages, cuda=cuda, mapped=mapped)
        for step in range(4):  # both frames, whose address a graph must not remember
            pinned = (frame, other)[step % 2]
            pinned[:] = np.roll(portrait, 5 * step, 1)
            (result,) = gpu.run([pinned])
            same_results(result, *stages, pinned)
        read_there = gpu.take(frame).address == frame.__array_interface__["data"][0]
        assert read_there == mapped or cuda.device_name(0) != "cpu"
        results = gpu.run([portrait, frame])  # one of them is copied to pinned memory first
        for result, one in zip(results, (portrait, frame), strict=True):
            same_results(result, *stages, one)
        gpu.close()
    yuv = pinned_frame((512, 512), "nv12")
    yuv[:] = nv12(portrait)
    (result,) = gpu.run([yuv], "nv12")
    same_results(result, *stages, yuv, "nv12")
    with pytest.raises(ValueError, match="even"):
        pinned_frame((511, 512), "nv12")


# --- uploads


def test_memory_of_a_frame_is_used_again_when_nobody_holds_it(cuda: ModuleType, portrait: np.ndarray) -> None:
    gpu = GpuContext(cuda=cuda)
    one, other = gpu.upload(Image.of(portrait)), gpu.upload(Image.of(portrait))
    places = {one.address, other.address}
    assert len(places) == 2
    del one, other
    again = [gpu.upload(Image.of(np.full_like(portrait, value))) for value in (1, 2)]
    assert {frame.address for frame in again} == places
    assert gpu.upload(Image.of(portrait[:100])).address not in places, "another size"
    for frame, value in zip(again, (1, 2), strict=True):
        assert (gpu.luma().read(frame) == value).all()
    gpu.close()


def test_an_upload_outlives_the_array_it_came_from(cuda: ModuleType, portrait: np.ndarray) -> None:
    """Nobody waits in between: what is copied, and where to, must be there until it is done."""
    gpu = GpuContext(cuda=cuda)
    frames = []
    for value in range(4):
        pixels = np.full_like(portrait, value)
        frames.append(gpu.upload(Image.of(pixels)))
        pixels[:] = 99  # a camera's buffer is filled again
        pinned = np.frombuffer(cuda.PinnedBuffer(pixels.nbytes, False, 0), np.uint8).reshape(pixels.shape)
        pinned[:] = 10 + value
        frames.append(gpu.upload(Image.of(pinned)))
        del pinned
    reader = gpu.luma()
    assert [int(reader.read(frame)[5, 7]) for frame in frames] == [0, 10, 1, 11, 2, 12, 3, 13]
    for _ in range(3):  # uploads that nobody reads, to memory that goes at once
        gpu.upload(Image.of(portrait))
    gpu.close()


def test_few_buffers_are_kept_for_many_sizes(
    cuda: ModuleType, portrait: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame_buffers, "_IDLE", 3)
    gpu = GpuContext(cuda=cuda)
    for height in range(100, 120):
        frame = gpu.upload(Image.of(portrait[:height]))
        if height % 5 == 0:
            again = gpu.upload(Image.of(portrait[:height]))
            np.testing.assert_array_equal(gpu.luma().read(frame)[3], gpu.luma().read(again)[3])
    assert len(gpu._buffers._idle) <= 3
    gpu.close()


def test_frames_of_different_kinds_are_different_batches(cuda: ModuleType, stages: Any, portrait: np.ndarray) -> None:
    gpu = DeviceStages(*stages, cuda=cuda)
    short = np.ascontiguousarray(portrait[:400])
    results = gpu.run([portrait, OnDevice(cuda, short), OnDevice(cuda, portrait), short])
    for result, frame in zip(results, (portrait, short, portrait, short), strict=True):
        same_results(result, *stages, frame)
    assert [(p["does"], p["frames"], p["size"]) for p in gpu.programs()] == [
        ("detect", 2, [512, 512]), ("detect", 2, [512, 400]), ("analyse", 2, [512, 512]), ("analyse", 2, [512, 400])
    ]  # fmt: skip
    gpu.close()


def test_a_frame_on_another_gpu_is_refused(cuda: ModuleType) -> None:
    stray = dataclasses.replace(DeviceFrame(4096, 512, 512, 1536, "bgr"), device=3)
    with pytest.raises(DeviceError, match=f"the frame is on cuda:3, but the models run on {cuda.device_name(0)}"):
        GpuContext(cuda=cuda).locate(stray)


def test_what_is_no_frame_is_refused(cuda: ModuleType, portrait: np.ndarray) -> None:
    gpu = GpuContext(cuda=cuda)
    with pytest.raises(ValueError, match="a gray frame has shape"):
        gpu.locate(OnDevice(cuda, portrait), "gray")
    with pytest.raises(TypeError, match="a frame holds uint8 values"):
        gpu.locate(OnDevice(cuda, portrait.astype(np.float32)))
    with pytest.raises(TypeError, match="a frame is a NumPy array, a DeviceFrame, or has"):
        gpu.locate("frame.png")


@pytest.mark.parametrize("color", ["bgr", "nv12"])
def test_crops_that_are_kept(cuda: ModuleType, portrait: np.ndarray, color: str) -> None:
    """As the CPU makes them, to one grey level: its positions and ours differ by rounding."""
    gpu = GpuContext(cuda=cuda)
    frame = portrait if color == "bgr" else nv12(portrait)
    matrices = np.array([[[1.3, 0, 20.5], [0, 1.3, -9.25]], [[0.5, 0, 200], [0, 0.5, 100]]], np.float32)
    kept = ImageInput("crop", (160, 160), color="bgr", layout="nhwc", dtype="uint8", scale=1.0)
    wanted = crop_to_input(kept, frame, matrices, color=color, border="replicate")
    got = gpu.cut(gpu.upload(Image.of(frame, color)), matrices, 160)
    assert got.shape == wanted.shape == (2, 160, 160, 3) and got.dtype == np.uint8
    assert np.abs(got.astype(int) - wanted).max() <= 1
    assert gpu.cut(gpu.upload(Image.of(frame, color)), matrices[:0], 160).shape == (0, 160, 160, 3)


def test_still_pictures_have_a_letterbox_of_their_own(
    cuda: ModuleType, stages: Any, place: str, portrait: np.ndarray
) -> None:
    gpu = DeviceStages(*stages, cuda=cuda)
    large = cv2.resize(portrait, (1200, 1200), interpolation=cv2.INTER_AREA)
    images = [Image.of(large, still=still) for still in (True, False)]
    found = gpu.detector.run_many([gpu.context.upload(image) for image in images])
    for faces, wanted in zip(found, stages[0].run_many(images), strict=True):
        assert len(faces) == len(wanted) > 0
        np.testing.assert_allclose(faces.boxes, wanted.boxes, atol=0.6)
    assert stages[0].letterbox(1200, 1200).size != stages[0].letterbox(1200, 1200, still=True).size
    assert gpu.context.locate(OnDevice(cuda, large), still=True).still


# --- graphs


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
    gpu = DeviceStages(*stages, cuda=cuda)
    flipped = np.ascontiguousarray(portrait[:, ::-1])
    for frame in (portrait, portrait, flipped, np.zeros_like(portrait), portrait):
        ((faces, affects),) = gpu.run([frame])
        assert len(faces) == len(affects)
        if frame.any():
            same_results((faces, affects), *stages, frame)
        else:
            assert len(faces) == 0
    faces = stages[0].detect(portrait)
    for _ in range(3):  # by turns: what one leaves behind must not look like work of the other
        frame = gpu.take(portrait)
        (affects,), (found,) = gpu.affect.run_many([(frame, faces)]), gpu.detector.run_many([frame])
        same_results((found, affects), *stages, portrait)
    runs = {program["does"]: program["runs"] for program in gpu.programs()}
    assert set(runs) == {"detect", "analyse"}
    assert all(mode.startswith("one CUDA graph of ") for mode in runs.values()), runs
    gpu.close()
    assert gpu.programs() == []


def test_recorded_graphs_of_many_sizes(
    cuda: ModuleType, place: str, portrait: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sizes come and go; what a graph names must be there when it is launched again, and go when the graph goes."""
    if place != "cpu":
        pytest.skip("about the order in which memory is let go, which host loops check")
    monkeypatch.setattr(context, "_PROGRAMS", 6)
    closed = []

    class Context(OnStream):
        def new_context(self) -> Context:
            return Context(self._session, cuda)

        def close(self) -> None:
            closed.append(self)

    stages = FaceDetector(device=place, max_side=128), FaceAffect(device=place)
    for stage in stages:
        stage.session = Context(stage.session, cuda)
    gpu = DeviceStages(*stages, cuda=cuda)
    pictures = [cv2.resize(portrait, (side, side), interpolation=cv2.INTER_AREA) for side in (256, 192, 224)]
    for _ in range(4):  # the last two with graphs, by turns
        for frame in pictures:
            assert len(gpu.run([frame])[0][0]) == 1
    assert all(program["runs"].startswith("one CUDA graph of ") for program in gpu.programs())
    assert not closed
    for side in (160, 176):
        gpu.run([cv2.resize(portrait, (side, side))])
    assert len(gpu.programs()) == 6 and len(closed) == 4, "programs of two sizes went, with their contexts"
    for frame in reversed(pictures):
        assert len(gpu.run([frame])[0][0]) == 1
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
    gpu = DeviceStages(*stages, cuda=cuda)
    with caplog.at_level(logging.WARNING, "edgeaffect.cuda"):
        for _ in range(3):
            (result,) = gpu.run([portrait])
            same_results(result, *stages, portrait)
    assert all(program["runs"].startswith("plain launches (no CUDA graph: ") for program in gpu.programs())
    assert sum("runs without a CUDA graph" in record.message for record in caplog.records) == len(gpu.programs()) == 2


def test_a_session_that_refuses_is_not_recorded(
    cuda: ModuleType, place: str, portrait: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector, affect = FaceDetector(device=place), FaceAffect(device=place)
    asked: list[int] = []

    def refusal(stream: int) -> str:
        asked.append(stream)
        return "it says no"

    monkeypatch.setattr(detector.session, "refusal", refusal)
    gpu = DeviceStages(detector, affect, cuda=cuda)
    for _ in range(3):
        same_results(gpu.run([portrait])[0], detector, affect, portrait)
    (runs,) = [program["runs"] for program in gpu.programs() if program["does"] == "detect"]
    assert runs == "plain launches (no CUDA graph: it says no)" and asked == [gpu.context.stream.handle]
    gpu.close()


def test_models_that_kernels_cannot_serve_are_refused_at_once(cuda: ModuleType, place: str) -> None:
    context = GpuContext(cuda=cuda)
    for stage, kind in ((FaceDetector(device=place), DeviceDetector), (FaceAffect(device=place), DeviceFaceModel)):
        spec = stage.model.spec
        bytes_in = dataclasses.replace(spec.image, dtype="uint8", scale=1.0, quant=None)
        stage.model = dataclasses.replace(stage.model, spec=dataclasses.replace(spec, inputs=(bytes_in,)))
        with pytest.raises(DeviceError, match=r"is uint8, which the CUDA kernels do not write .*: use device='cpu'"):
            kind(context, stage)  # type: ignore[operator]
    affect = FaceAffect(device=place)
    (first, *_), outputs = affect.wanted(), affect.session.outputs
    affect.session.outputs = {**outputs, first: dataclasses.replace(outputs[first], shape=(None, None))}
    with pytest.raises(DeviceError, match=rf"output '{first}' has a free shape .*: use device='cpu'"):
        DeviceFaceModel(context, affect)


def test_models_must_be_on_the_gpu_of_the_context(cuda: ModuleType, place: str, stages: Any) -> None:
    if place != "cpu":
        pytest.skip("about machines without a GPU")
    elsewhere = GpuContext(cuda=cuda)
    elsewhere.place = "cuda:0"
    with pytest.raises(DeviceError, match="the detector runs on cpu: open it with device='cuda:0' to use it here"):
        DeviceDetector(elsewhere, stages[0])

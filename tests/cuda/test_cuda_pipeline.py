"""`Pipeline` on the GPU against `Pipeline` on the CPU, on a GPU and on host loops of the same source."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from cuda_frames import DeviceStages, OnDevice, nv12, same_faces

from edgeaffect import DependencyError, DeviceError, Pipeline
from edgeaffect import cuda as cuda_package
from edgeaffect.cuda import DeviceDetector, DeviceFaceModel, GpuContext, module
from edgeaffect.cues import Cues
from edgeaffect.face import detector as detector_module
from edgeaffect.face import face_model as face_model_module
from edgeaffect.face.cues import FaceCues
from edgeaffect.image import Image
from edgeaffect.models.registry import DEFAULTS, FLOAT_DEFAULTS
from edgeaffect.runtime import Placement, open_session


def test_stages_of_a_pipeline(cuda: ModuleType, stages: Any, portrait: np.ndarray) -> None:
    gpu = DeviceStages(*stages, cuda=cuda)
    detect, affect = gpu.detector, gpu.affect
    options = {"detect_interval": 0.1, "scene_change": -1.0}
    plain, fast = (
        Pipeline(detect=stages[0], affect=stages[1], **options),
        Pipeline(detect=detect, affect=affect, **options),
    )
    for step in range(5):
        frame = np.ascontiguousarray(np.roll(portrait, 4 * step, 1))
        same_faces(fast.process(frame, step / 20).faces, plain.process(frame, step / 20).faces)
    assert {program["does"] for program in gpu.programs()} == {"detect", "analyse"}
    assert fast.describe()["models"] == plain.describe()["models"]
    frames = [portrait, portrait[:400], np.ascontiguousarray(portrait[:, ::-1])]
    for got, wanted in zip(fast.process_batch(frames), plain.process_batch(frames), strict=True):
        same_faces(got.faces, wanted.faces)


# --- Pipeline(device="cuda")


@pytest.fixture
def on_gpu(cuda: ModuleType, place: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`device="cuda"` finds this module: the GPU's own, or host loops with models on the CPU (`place`)."""
    monkeypatch.setattr(module, "load_for", lambda index: cuda)
    return cuda


def on_cpu(place: str, **options: Any) -> Pipeline:
    """The CPU's pipeline with the affect model that `place` gets: a GPU's is in float32, the CPU's own in integers."""
    return Pipeline(device="cpu", affect=(DEFAULTS if place == "cpu" else FLOAT_DEFAULTS)["affect"], **options)


def test_a_pipeline_takes_the_gpu_path_by_itself(on_gpu: ModuleType, place: str, portrait: np.ndarray) -> None:
    options = {"detect_interval": 0.1, "max_side": 256}
    with Pipeline(device="cuda", **options) as fast, on_cpu(place, **options) as plain:
        fast.warmup((512, 512))
        for step in range(6):
            frame = np.ascontiguousarray(np.roll(portrait, 3 * step, 1))
            same_faces(fast.process(frame, step / 20).faces, plain.process(frame, step / 20).faces)
        told = fast.describe()
        assert told["options"]["device"] == "cuda" and told["options"]["detect"]["max_side"] == 256
        for name in ("detect", "affect"):
            assert on_gpu.device_info(0).name in told["stages"][name]["preprocessing"]
            assert told["stages"][name]["runtime"] and told["stages"][name]["device"] == place
        programs = [(program["does"], program["frames"]) for program in told["stages"]["detect"]["programs"]]
        assert sorted(programs) == [("analyse", 1), ("detect", 1)]
        assert all(program["runs"] != "plain launches" for program in told["stages"]["detect"]["programs"]), (
            "tried to record"
        )
    fast.close()


def test_a_pipeline_takes_frames_on_the_gpu(on_gpu: ModuleType, place: str, portrait: np.ndarray) -> None:
    """Tracking and cuts look at a copy of their brightness, so that results are those of the same frame on the host."""
    with Pipeline(device="cuda") as fast, on_cpu(place) as plain:
        for step in range(5):  # two detections, three frames in between
            frame = np.ascontiguousarray(np.roll(portrait, 3 * step, 1))
            got = fast.process(OnDevice(on_gpu, frame), step / 20)
            wanted = plain.process(frame, step / 20)
            assert got.size == wanted.size == (512, 512)
            same_faces(got.faces, wanted.faces)
        black = fast.process(OnDevice(on_gpu, np.zeros_like(portrait)), 0.26)
        assert not black.faces, "a cut between two detections is seen"
        yuv = nv12(portrait)
        same_faces(fast.process(OnDevice(on_gpu, yuv), 9.0, "nv12").faces, plain.process(yuv, 9.0, "nv12").faces)
    with Pipeline(device="cpu") as cpu, pytest.raises(TypeError, match="device='cuda'"):
        cpu.process(OnDevice(on_gpu, portrait))


def test_cameras_of_a_gpu_pipeline_share_its_models(on_gpu: ModuleType, place: str, portrait: np.ndarray) -> None:
    flipped = np.ascontiguousarray(portrait[:, ::-1])
    with Pipeline(device="cuda") as fast, on_cpu(place) as plain:
        for step in range(3):
            batch = [np.roll(portrait, 3 * step, 1), np.zeros_like(portrait), flipped, portrait[:400]]
            got, wanted = fast.process_batch(batch, step / 4), plain.process_batch(batch, step / 4)
            for one, other in zip(got, wanted, strict=True):
                assert len(one.faces) == len(other.faces)
                if other.faces:
                    same_faces(one.faces, other.faces)
        programs = [(program["does"], program["frames"]) for program in fast.detector.describe()["programs"]]
        assert ("detect", 3) in programs and ("detect", 1) in programs, (
            "frames of one size go through the detector together"
        )
        sources = [[portrait, portrait], [flipped, flipped, flipped]]
        for step, (got, wanted) in enumerate(zip(fast.stream_batch(sources), plain.stream_batch(sources), strict=True)):
            assert [one is None for one in got] == [other is None for other in wanted] == [step == 2, False]
            for one, other in zip(got, wanted, strict=True):
                if one is not None:
                    same_faces(one.faces, other.faces)


def test_options_of_the_gpu(on_gpu: ModuleType, portrait: np.ndarray) -> None:
    with Pipeline(device="cuda", graphs=False, upload="mapped") as pipeline:
        for step in range(3):
            assert len(pipeline.process(portrait, step).faces) == 1
        told = pipeline.describe()["stages"]["detect"]
        assert told["mapped_upload"] is True
        assert {program["runs"] for program in told["programs"]} == {"plain launches"}


def test_a_gpu_pipeline_without_affect(on_gpu: ModuleType, portrait: np.ndarray) -> None:
    with Pipeline(device="cuda", affect=False) as pipeline:
        (face,) = pipeline.process(portrait).faces
        assert face.affect is None
        assert [program["does"] for program in pipeline.detector.describe()["programs"]] == ["detect"]


def test_a_frame_whose_pixels_change_is_uploaded_anew(on_gpu: ModuleType, place: str, portrait: np.ndarray) -> None:
    """Cameras reuse their buffers: the same array at the next moment holds other pixels, also between detections."""
    options = {"detect_interval": 0.1, "scene_change": -1, "follow_pixels": False}
    with Pipeline(device="cuda", **options) as fast, on_cpu(place, **options) as plain:
        buffer, raw = portrait.copy(), []
        for step in range(4):
            buffer[:] = portrait if step % 2 == 0 else 255 - portrait
            got = fast.process(buffer, step / 20).faces
            same_faces(got, plain.process(buffer, step / 20).faces)
            raw.append(got[0].raw.probabilities)
        assert np.abs(raw[0] - raw[1]).max() > 0.02  # or it would not matter which pixels were read


class OwnCues(FaceCues):
    """A stage of a user's own, about pixels; notes what it is given."""

    def __init__(self) -> None:
        super().__init__(device="cpu")
        self.seen: list[Any] = []

    def run_many(self, items: Any) -> list[list[Cues]]:
        self.seen += [image for image, _ in items]
        return super().run_many(items)


def test_a_cue_stage_of_ones_own_keeps_frames_on_the_host(
    on_gpu: ModuleType, place: str, stages: Any, portrait: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user in (detector_module, face_model_module):  # models on the GPU, or on the CPU where there is none
        monkeypatch.setattr(user, "open_session", lambda model, placement: open_session(model, Placement(place)))
    own = OwnCues()
    with Pipeline(device="cuda", cues=own) as pipeline:
        (face,) = pipeline.process(portrait).faces
        assert face.raw_cues is not None
    assert [type(image) for image in own.seen] == [Image] and own.seen[0].pixels is portrait
    assert len(own.run_many([(own.seen[0], stages[0].detect(portrait))])[0]) == 1, "it stays the user's to close"


def test_stages_on_the_gpu_and_on_the_host_do_not_mix(cuda: ModuleType, stages: Any) -> None:
    """At once, not at the first frame."""
    context = GpuContext(cuda=cuda)
    detect, affect = DeviceDetector(context, stages[0]), DeviceFaceModel(context, stages[1])
    remedy = r": make every stage a DeviceDetector or DeviceFaceModel on one GpuContext, or none"
    with pytest.raises(TypeError, match=r"^frames would be on the GPU for detect, on the host for affect" + remedy):
        Pipeline(detect=detect, affect=stages[1])
    with pytest.raises(TypeError, match=r"^frames would be on the GPU for detect, on the host for affect"):
        Pipeline(detect=detect)  # the pipeline's own
    with pytest.raises(TypeError, match=r"^frames would be on the GPU for affect, on the host for detect"):
        Pipeline(detect=stages[0], affect=affect)
    with pytest.raises(TypeError, match=r"^frames would be on the GPU for detect and affect, on the host for cues"):
        Pipeline(detect=detect, affect=affect, cues=OwnCues())
    other = DeviceFaceModel(GpuContext(cuda=cuda), stages[1])
    with pytest.raises(TypeError, match=r"^detect and affect have GPU contexts of their own" + remedy):
        Pipeline(detect=detect, affect=other)
    Pipeline(detect=detect, affect=False)


def test_asking_for_a_gpu_that_is_not_there_names_the_remedy() -> None:
    if cuda_package.available():
        pytest.skip("about machines without a GPU")
    with pytest.raises((DeviceError, DependencyError), match=r"use device='cpu'|EDGEAFFECT_CUDA=on"):
        Pipeline(device="cuda")

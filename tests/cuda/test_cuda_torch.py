"""The stages on a GPU with PyTorch sessions on their stream: the proof of graphs on a GPU where TensorRT cannot run.

On a GPU everything must end up in CUDA graphs; the stand-in without one refuses to record a net on the CPU.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from cuda_frames import DeviceStages, OnDevice, same_results
from cuda_kernels import wait
from squares import draw

from edgeaffect import FaceAffect, FaceDetector
from edgeaffect.models import find
from edgeaffect.models.registry import FLOAT_DEFAULTS
from edgeaffect.runtime import Placement, open_session

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("benchmarks.cuda", reason="benchmarks/ belongs to the source tree")
import onnx
import torch

from benchmarks.cuda import torch_runtime
from benchmarks.cuda.onnx_net import OnnxNet
from benchmarks.cuda.torch_runtime import TorchSession


def on_the_cpu() -> tuple[FaceDetector, FaceAffect]:
    """The product's own stages, with the models that GPUs get."""
    return FaceDetector(device="cpu"), FaceAffect(FLOAT_DEFAULTS["affect"], device="cpu")


def in_order(cuda: ModuleType, session: TorchSession) -> TorchSession:
    if cuda.device_name(0) == "cpu":
        session.before = lambda stream: wait(cuda, stream)
    return session


def check_modes(cuda: ModuleType, gpu: DeviceStages) -> None:
    modes = [program["runs"] for program in gpu.programs()]
    begins = "plain launches (no CUDA graph: " if cuda.device_name(0) == "cpu" else "one CUDA graph of "
    assert modes and all(mode.startswith(begins) for mode in modes), modes


# --- nets with known answers


def stages(device: str) -> tuple[FaceDetector, FaceAffect]:
    """The bundled stages with their sessions replaced."""
    from torch_sessions import RedSquares, Shades

    detector, affect = on_the_cpu()
    facts = detector.model.spec.detector
    assert facts is not None
    one, other = detector.session, affect.session
    maps = {name: one.outputs[name] for name in detector.map_names}
    rows = {name: other.outputs[name] for name in affect.postprocess.wanted}
    detector.session = TorchSession(detector.model.spec, RedSquares(facts.strides), one.inputs, maps, device)
    shades = Shades({name: info.shape[1:] for name, info in rows.items()})
    affect.session = TorchSession(affect.model.spec, shades, other.inputs, rows, device)
    return detector, affect


def test_torch_sessions_on_our_stream(cuda: ModuleType) -> None:
    wanted_stages, gpu_stages = stages("cpu"), stages(cuda.device_name(0))
    for stage in gpu_stages:
        in_order(cuda, stage.session)
    gpu = DeviceStages(*gpu_stages, cuda=cuda)
    for step in range(5):
        frame = draw((640, 480), (150 + 20 * step, 200, 120), (450, 250 + 10 * step, 90), shade=250)
        ((faces, affects),) = gpu.run([frame])
        wanted = wanted_stages[0].detect(frame)
        assert len(faces) == len(wanted) > 0
        np.testing.assert_allclose(faces.boxes, wanted.boxes, atol=0.1)
        np.testing.assert_allclose(faces.scores, wanted.scores, atol=1e-3)
        for got, other in zip(affects, wanted_stages[1].predict(frame, wanted), strict=True):
            np.testing.assert_allclose(got.probabilities, other.probabilities, atol=1e-3)
    check_modes(cuda, gpu)
    gpu.close()


# --- the bundled graphs

DETECTOR = [(1, 3, 64, 96), (1, 3, 192, 320), (3, 3, 320, 320)]
CROPS = [(1, 1, 48, 48), (5, 1, 48, 48)]
BUNDLED = {"face-detector": DETECTOR, "affect-nano": CROPS, "affect-small": CROPS, "affect-base": CROPS}


@pytest.mark.parametrize("name", list(BUNDLED))
def test_nets_say_what_onnx_runtime_says(cuda: ModuleType, name: str) -> None:
    """To 1e-5 of the largest value on the CPU, and 1e-4 on a GPU, whose convolutions may transform first."""
    place = cuda.device_name(0)
    model = find(name, "face-detector" if name == "face-detector" else "affect")
    wanted, got = open_session(model, Placement(device="cpu")), TorchSession.of(model, place)
    assert (dict(got.inputs), dict(got.outputs)) == (dict(wanted.inputs), dict(wanted.outputs))
    (entry,) = wanted.inputs
    scale = 60 if name == "face-detector" else 1  # grey levels, normalised values
    for shape in BUNDLED[name]:
        x = (np.random.default_rng(0).normal(size=shape) * scale).astype(np.float32)
        found, whole = got.run({entry: x}), wanted.run({entry: x})
        for output in wanted.outputs:
            bound = (1e-5 if place == "cpu" else 1e-4) * max(1, np.abs(whole[output]).max())
            np.testing.assert_allclose(found[output], whole[output], rtol=0, atol=bound, err_msg=f"{output}, {shape}")
    (last,) = got.run({entry: x}, [output]).items()
    assert last[0] == output
    assert got.describe()["runtime"] == f"torch {torch.__version__} (test only)"


@pytest.mark.parametrize("resident", [False, True], ids=["host", "resident"])
@pytest.mark.parametrize("cameras", [1, 4])
def test_bundled_graphs_on_our_stream(cuda: ModuleType, portrait: np.ndarray, cameras: int, resident: bool) -> None:
    wanted, gpu_stages = on_the_cpu(), on_the_cpu()
    for stage in gpu_stages:
        stage.session.close()
        stage.session = in_order(cuda, TorchSession.of(stage.model, cuda.device_name(0)))
    gpu = DeviceStages(*gpu_stages, cuda=cuda)
    for step in range(5):
        frames = [np.ascontiguousarray(np.roll(portrait, 9 * step + 30 * i, 1)) for i in range(cameras)]
        given = [OnDevice(cuda, frame) for frame in frames] if resident else frames
        for result, frame in zip(gpu.run(given), frames, strict=True):
            same_results(result, *wanted, frame)
    check_modes(cuda, gpu)
    gpu.close()


class Elsewhere(TorchSession):
    """Works on a stream of its own, and lets the CPU wait for both instead of putting them in order."""

    own: Any = None

    def run_device(self, feeds: Any, outputs: Any, stream: int = 0) -> None:
        ours = torch.cuda.ExternalStream(stream, device=self.describe()["device"])
        with torch.cuda.stream(ours):
            recording = torch.cuda.is_current_stream_capturing()
        if not recording:
            ours.synchronize()
        super().run_device(feeds, outputs, self.own.handle)
        self.own.synchronize()


def test_work_that_a_recording_misses_is_noticed(cuda: ModuleType, portrait: np.ndarray) -> None:
    """The recording itself succeeds, without the affect model."""
    place = cuda.device_name(0)
    if place == "cpu":
        pytest.skip("host loops have a test of their own, in test_cuda_pipeline.py")
    wanted, (detector, affect) = on_the_cpu(), on_the_cpu()
    detector.session = TorchSession.of(detector.model, place)
    affect.session = Elsewhere.of(affect.model, place)
    affect.session.own = cuda.Stream(0)
    gpu = DeviceStages(detector, affect, cuda=cuda)
    for _ in range(4):
        (result,) = gpu.run([portrait])
        same_results(result, *wanted, portrait)
    detect, analyse = gpu.programs()
    assert detect["runs"].startswith("one CUDA graph of ")
    assert analyse["runs"] == "plain launches (no CUDA graph: its results differ from those of plain launches)"
    gpu.close()


def test_stages_open_pytorch_where_it_is_installed(cuda: ModuleType) -> None:
    place = cuda.device_name(0)
    with torch_runtime.installed():
        opened = FaceDetector(device=place), FaceAffect(device=place)
        kinds = {stage.describe()["runtime"].split()[0] for stage in opened}
        assert kinds == {"onnxruntime" if place == "cpu" else "torch"}
        assert FaceAffect(device="cpu").describe()["provider"] == "CPUExecutionProvider"
    from edgeaffect.face import detector as detect
    from edgeaffect.face import face_model

    assert face_model.open_session is detect.open_session is open_session


@pytest.mark.parametrize(
    ("operator", "attributes", "complaint"),
    [
        ("Erf", {}, "operator Erf"),
        ("Relu", {"slope": 1}, "operator Relu with slope=1"),
        ("MaxPool", {"kernel_shape": [2, 2], "auto_pad": "SAME_UPPER"}, "operator MaxPool with auto_pad='SAME_UPPER'"),
        ("MaxPool", {"kernel_shape": [2, 2], "pads": [0, 0, 1, 1]}, r"operator MaxPool with pads=\[0, 0, 1, 1\]"),
        ("AveragePool", {"kernel_shape": [2, 2], "ceil_mode": 1}, "operator AveragePool with ceil_mode=1"),
        ("ReduceSum", {}, "operator ReduceSum with axes='computed, or left out'"),
    ],
)
def test_what_a_net_cannot_do_is_named(
    tmp_path: Path, operator: str, attributes: dict[str, Any], complaint: str
) -> None:
    helper = onnx.helper
    values = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, 1, 8, 8]) for name in "xy"]
    graph = helper.make_graph([helper.make_node(operator, ["x"], ["y"], **attributes)], "g", values[:1], values[1:])
    path = tmp_path / "net.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)
    with pytest.raises(NotImplementedError, match=complaint):
        OnnxNet(path)

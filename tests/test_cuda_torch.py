"""GpuPipeline with PyTorch sessions on its stream: the proof of graphs on a GPU where TensorRT cannot run."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from cuda_kernels import wait
from squares import draw

from edgeaffect import FaceAffect, FaceDetector
from edgeaffect.cuda import GpuPipeline

torch = pytest.importorskip("torch")


def stages(device: str) -> tuple[FaceDetector, FaceAffect]:
    """The bundled stages with their sessions replaced."""
    from torch_sessions import RedSquares, Shades, TorchSession

    detector, affect = FaceDetector(device="cpu"), FaceAffect(device="cpu")
    facts = detector.model.spec.detector
    assert facts is not None
    maps = {name: (15, None, None) for name in detector.map_names}
    detector.session = TorchSession(detector.model.spec, RedSquares(facts.strides), maps, device)
    rows = {name: affect.session.outputs[name].shape[1:] for name in affect.readout.wanted}
    affect.session = TorchSession(affect.model.spec, Shades(rows), rows, device)
    return detector, affect


def test_torch_sessions_on_our_stream(cuda: ModuleType) -> None:
    place = cuda.device_name(0)
    wanted_stages, gpu_stages = stages("cpu"), stages(place)
    if place == "cpu":
        for stage in gpu_stages:
            stage.session.before = lambda stream: wait(cuda, stream)
    gpu = GpuPipeline(*gpu_stages, cuda=cuda)
    for step in range(5):
        frame = draw((640, 480), (150 + 20 * step, 200, 120), (450, 250 + 10 * step, 90), shade=250)
        ((faces, affects),) = gpu.process([frame])
        wanted = wanted_stages[0].detect(frame)
        assert len(faces) == len(wanted) > 0
        np.testing.assert_allclose(faces.boxes, wanted.boxes, atol=0.1)
        np.testing.assert_allclose(faces.scores, wanted.scores, atol=1e-3)
        for got, other in zip(affects, wanted_stages[1].predict(frame, wanted), strict=True):
            np.testing.assert_allclose(got.probabilities, other.probabilities, atol=1e-3)
    mode = gpu.plans()[0]["runs"]
    assert mode.startswith("one CUDA graph of " if place != "cpu" else "plain launches")

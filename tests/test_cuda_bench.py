"""benchmarks/cuda.py runs: on a GPU, and in small on host loops, whose times mean nothing."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from edgeaffect import FaceAffect, FaceDetector

bench = pytest.importorskip("benchmarks.cuda", reason="benchmarks/ belongs to the source tree")


def test_measures_and_reports(cuda: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "FACES": (1, 2),
        "SIZES": (48,),
        "CAMERAS": (1, 2),
        "FRAME": (640, 480),
        "COPY_BYTES": 4096,
    }.items():
        monkeypatch.setattr(bench, name, value)
    place = cuda.device_name(0)
    report = bench.measure(bench.Bench(cuda, launches=1, calls=2), FaceDetector(device=place), FaceAffect(device=place))
    assert len(report["crops"]) == 6 and len(report["pipeline"]) == 8 and len(report["decode"]) == 4
    assert all(row["seconds"] > 0 and row["bytes"] > 0 for row in report["crops"])
    assert {row["mode"].split(" (")[0] for row in report["pipeline"] if not row["graphs"]} == {"plain launches"}
    text = bench.markdown(report)
    assert "| 2 faces | nv12 | 48x48 |" in text and "| GPU | 2 |" in text


def test_the_peers_make_the_same_crops() -> None:
    """The matrices that PyTorch and CuPy are given, against crop_normalize, on the CPU."""
    torch = pytest.importorskip("torch")
    from edgeaffect import native

    matrices = bench.faces(2, 48) / [[1.5, 1.5, 1]]
    frame = np.random.default_rng(0).integers(0, 256, (bench.FRAME[1], bench.FRAME[0], 3), np.uint8)
    frame = frame // 8 + np.linspace(0, 200, bench.FRAME[0], dtype=np.uint8)[None, :, None]
    wanted = native.crop_normalize(
        frame, matrices.astype(np.float32), (48, 48), mean=(0.5,), std=(0.25,), border="replicate"
    )
    crops = bench.torch_crops(torch, torch.from_numpy(frame), torch.from_numpy(matrices.astype(np.float32)), 48)
    assert np.abs(crops.numpy() - wanted).mean() < 0.05  # area taps on one side, one bilinear sample on the other

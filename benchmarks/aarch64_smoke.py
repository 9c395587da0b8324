"""Runs on aarch64, real or emulated: the NEON path against the scalar one, then the pipeline on drawn faces."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
from pathlib import Path

import numpy as np

from edgeaffect import Pipeline, native
from edgeaffect.bench import frames


def crops(frame: np.ndarray) -> np.ndarray:
    """Rotated, shrunk and enlarged crops, partly outside the frame."""
    rng = np.random.default_rng(0)
    scale, angle = rng.uniform(0.3, 3.0, 40), rng.uniform(-np.pi, np.pi, 40)
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    matrices = np.empty((40, 2, 3), np.float32)
    matrices[:, 0], matrices[:, 1] = np.stack([cos, -sin, cos * 0 + 100], 1), np.stack([sin, cos, cos * 0 + 80], 1)
    return native.crop_normalize(frame, matrices, (48, 40), color="bgr", to="rgb", mean=(0.5,), std=(0.25,))


def decode() -> None:
    """One cell above the threshold gives one face at the place that csrc/detect/detect_decode.h says."""
    maps = np.full((1, 15, 4, 5), -9, np.float32)
    maps[0, :, 2, 3] = [9, 1, 2, 3, 4, *([0.5] * 10)]
    boxes, scores, points = native.decode_faces(
        [maps], [8], score_threshold=0.5, iou_threshold=0.4, top_k=10, max_faces=5
    )
    assert boxes.tolist() == [[20, 4, 52, 52]] and scores[0] > 0.999 and np.all(points[0] == [32, 24]), boxes
    print("decoding: right")


def sound() -> None:
    """A tone at 48 kHz keeps its size and time at 16 kHz, and is loudest in its own band."""
    tone = np.sin(2 * np.pi * 1000 * np.arange(24000) / 48000).astype(np.float32)
    resampled = native.Resampler(48000, 16000).accept(tone)
    expected = np.sin(2 * np.pi * 1000 * np.arange(len(resampled)) / 16000)
    assert np.abs(resampled - expected)[400:-400].max() < 1e-4
    frames = native.LogMel(
        sample_rate=16000, window=400, hop=160, fft=512, bands=15, low_hz=0.0, high_hz=8000.0, formula="htk",
        window_function="povey", pre_emphasis=0.97, remove_offset=True, floor=1e-10,
    ).accept(resampled)  # fmt: skip
    centres = 700 * np.expm1(np.log1p(8000 / 700) * np.arange(1, 16) / 16)
    assert (frames[3:-3].argmax(1) == np.abs(centres - 1000).argmin()).all()
    print("sound: right")


def importable(name: str) -> bool:
    """Tried in a forked child, because the attempt may kill the process."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(ImportError):
            __import__(name)
            os._exit(0)
        os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def main() -> int:
    """`--scalar FILE` stores the crops of the scalar path; without it they are compared and the pipeline runs."""
    frame = frames.synthetic((320, 240), 1, 1)[0]
    scalar = Path(sys.argv[-1])
    if "--scalar" in sys.argv:
        assert native.simd() == "scalar", "run with EDGEAFFECT_SIMD=scalar"
        np.save(scalar, crops(frame))
        return 0
    print(f"{platform.machine()}, Python {platform.python_version()}, SIMD path {native.simd()}")
    assert platform.machine() == "aarch64" and native.simd() == "neon", "expected the NEON path on aarch64"
    # x = (pixel / 255 - mean) / 0.25, hence the factor back to grey levels; both units have the same bits.
    difference = np.abs(crops(frame).astype(np.float64) - np.load(scalar)).max() * 255 * 0.25
    print(f"largest difference of NEON and scalar: {difference:.4f} grey levels")
    assert difference == 0
    decode()
    sound()
    if not importable("onnxruntime"):
        # Its own extension module crashes in qemu-user 7.2 while it is loaded; a real machine gets past this.
        print("pipeline not run: ONNX Runtime cannot be imported in this emulator")
        return 0
    clip = frames.synthetic((320, 240), 2, 3)
    with Pipeline(device="cpu") as pipeline:
        found = [len(pipeline.process(image, index / 30).faces) for index, image in enumerate(clip)]
    print(f"pipeline: {found} faces in {len(clip)} frames of 2 drawn ones")
    assert found == [2, 2, 2]
    return 0


if __name__ == "__main__":
    sys.exit(main())

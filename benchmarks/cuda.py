"""The CUDA path on the GPU at hand: `python -m benchmarks.cuda [--runtime tensorrt] [--output cuda.json]`.

* copy: device-to-device copy of 256 MiB, the bandwidth that the rest is held against.
* crops: `crop_normalize` for 1, 8 and 64 faces of 48, 112 and 224 pixels from a 1080p frame, BGR and NV12, fp32; the
  letterbox of the detector; bytes = output written + frame area under the crops read once.
* the same crops in PyTorch (`grid_sample`) and CuPy (`affine_transform`), where they are installed, on the same GPU.
* decode: detector maps to faces and crop items, at 320 and 640 pixels.
* pipeline: frame in to result out, with and without a CUDA graph, frame on the host and on the GPU; throughput with 1,
  4 and 16 cameras.

Kernel times are CUDA events around a row of launches, divided by their number, the best of five rows; pipeline times
are one wall-clock time per call, waiting included, after a warm-up, garbage collector off. Clocks are as found, and are
in the report. Without a GPU it ends with 2.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgeaffect import FaceAffect, FaceDetector, cuda
from edgeaffect.bench import hardware, nvml
from edgeaffect.bench.stats import summary
from edgeaffect.bench.tree import Tree
from edgeaffect.cuda import DeviceFrame, GpuPipeline
from edgeaffect.geometry import letterbox_matrix

FRAME = (1920, 1080)
FACES, SIZES, COLORS = (1, 8, 64), (48, 112, 224), ("bgr", "nv12")
CAMERAS = (1, 4, 16)
COPY_BYTES = 1 << 28
BYTES_PER_PIXEL = {"bgr": 3.0, "nv12": 1.5}


class Bench:
    """One GPU, one stream, and how often to repeat."""

    def __init__(self, module: ModuleType, launches: int = 200, calls: int = 500) -> None:
        self.cuda = module
        self.stream = module.Stream(0)
        self.launches, self.calls = launches, calls

    def kernel(self, launch: Callable[[], object]) -> float:
        """Seconds per launch."""
        best = float("inf")
        for _ in range(5):
            start, end = self.cuda.Event(0), self.cuda.Event(0)
            start.record(self.stream)
            for _ in range(self.launches):
                launch()
            end.record(self.stream)
            end.synchronize()
            best = min(best, end.milliseconds_since(start) / 1000 / self.launches)
        return best

    def wall(self, call: Callable[[], object]) -> dict[str, Any]:
        """Summary of seconds per call."""
        for _ in range(max(4, self.calls // 10)):
            call()
        gc.disable()
        times = []
        for _ in range(self.calls):
            start = time.perf_counter_ns()
            call()
            times.append((time.perf_counter_ns() - start) / 1e9)
        gc.enable()
        result = summary(times)
        return {key: result[key] for key in ("count", "min", "p50", "p90", "p99", "max")}

    def upload(self, array: NDArray[Any]) -> Any:
        pinned = self.cuda.PinnedBuffer(array.nbytes, False, 0)
        np.frombuffer(pinned, np.uint8)[:] = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        buffer = self.cuda.DeviceBuffer(array.nbytes, 0)
        self.cuda.copy(buffer.address, pinned.address, array.nbytes, self.stream.handle)
        self.stream.synchronize()
        return buffer


def faces(count: int, size: int) -> NDArray[np.float32]:
    """Crops of turned faces, 80 to 400 pixels wide, all over the frame."""
    rng = np.random.default_rng(0)
    angle, side = rng.uniform(-0.4, 0.4, count), rng.uniform(80, 400, count)
    center = rng.uniform((200, 200), (FRAME[0] - 200, FRAME[1] - 200), (count, 2))
    a, b = side / size * np.cos(angle), side / size * np.sin(angle)
    linear = np.stack([np.stack([a, -b], 1), np.stack([b, a], 1)], 1)
    shift = center - linear @ np.full(2, size / 2)
    return np.concatenate([linear, shift[:, :, None]], 2).astype(np.float32)


def copy_bandwidth(bench: Bench) -> float:
    """Bytes read and written per second by a copy on the device."""
    one, other = bench.cuda.DeviceBuffer(COPY_BYTES, 0), bench.cuda.DeviceBuffer(COPY_BYTES, 0)
    seconds = bench.kernel(lambda: bench.cuda.copy(one.address, other.address, COPY_BYTES, bench.stream.handle))
    return 2 * COPY_BYTES / seconds


def crop_row(
    bench: Bench, color: str, matrices: NDArray[np.float32], size: tuple[int, int], what: str
) -> dict[str, Any]:
    """Time of one launch, and the bytes that it must move at least."""
    (width, height), handle = FRAME, bench.stream.handle
    pixels = np.random.default_rng(1).integers(0, 256, int(width * height * BYTES_PER_PIXEL[color]), np.uint8)
    frame = bench.upload(pixels)
    table, items = bench.cuda.FrameTable(1, color), bench.cuda.CropTable(len(matrices), color)
    stride = width * (3 if color == "bgr" else 1)
    chroma = (frame.address + width * height, width) if color == "nv12" else (0, 0)
    table.set(0, frame.address, width, height, stride, *chroma)
    for row, matrix in enumerate(matrices):
        items.set(row, matrix, 0)
    table.upload(handle)
    items.upload(handle)
    written = len(matrices) * 3 * size[0] * size[1] * 4
    out = bench.cuda.DeviceBuffer(written, 0)
    kernel = bench.cuda.CropNormalize(color, size, mean=(0.5,), std=(0.25,), border="replicate")
    seconds = bench.kernel(lambda: kernel.launch(table, items, len(matrices), out.address, handle))
    area = np.abs(np.linalg.det(matrices[:, :, :2].astype(np.float64))).sum() * size[0] * size[1]
    moved = written + min(area, width * height) * BYTES_PER_PIXEL[color]
    return {
        "what": what,
        "color": color,
        "crops": len(matrices),
        "size": list(size),
        "seconds": seconds,
        "bytes": moved,
    }


def crop_rows(bench: Bench) -> list[dict[str, Any]]:
    rows = [
        crop_row(bench, color, faces(count, size), (size, size), "faces")
        for color in COLORS
        for count in FACES
        for size in SIZES
    ]
    whole = letterbox_matrix(1 / 6)[None]
    return rows + [crop_row(bench, color, whole, (320, 192), "letterbox") for color in COLORS]


def torch_rows() -> list[dict[str, Any]] | str:
    """The same crops by grid_sample: one bilinear sample per pixel, no area taps, so less work for large faces."""
    try:
        import torch
    except ImportError:
        return "PyTorch is not installed"
    if not torch.cuda.is_available():
        return "this PyTorch has no CUDA"
    frame = torch.randint(0, 256, (FRAME[1], FRAME[0], 3), dtype=torch.uint8, device="cuda")
    rows = []
    for count in FACES:
        for size in SIZES:
            theta = torch.from_numpy(faces(count, size)).cuda()

            def work(theta: Any = theta, size: int = size) -> None:
                torch_crops(torch, frame, theta, size)

            rows.append({"crops": count, "size": [size, size], "seconds": _torch_seconds(torch, work)})
    return rows


def torch_crops(torch: Any, frame: Any, matrices: Any, size: int) -> Any:
    """Crops [n, 3, size, size] of a BGR frame [h, w, 3], normalised."""
    (height, width, _), count, device = frame.shape, len(matrices), frame.device
    x = torch.arange(size, device=device) + 0.5
    points = torch.stack([x.expand(size, size), x[:, None].expand(size, size), torch.ones(size, size, device=device)])
    places = (matrices @ points.reshape(3, -1)).reshape(count, 2, size, size).permute(0, 2, 3, 1)
    grid = torch.stack([places[..., 0] * (2 / width) - 1, places[..., 1] * (2 / height) - 1], -1)
    rgb = frame.permute(2, 0, 1).flip(0)[None].float().expand(count, -1, -1, -1)
    crops = torch.nn.functional.grid_sample(rgb, grid, padding_mode="border", align_corners=False)
    return (crops / 255 - 0.5) / 0.25


def _torch_seconds(torch: Any, work: Callable[[], None], calls: int = 50) -> float:
    best = float("inf")
    for _ in range(6):  # the first is the warm-up
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        for _ in range(calls):
            work()
        end.record()
        end.synchronize()
        best = min(best, start.elapsed_time(end) / 1000 / calls)
    return best


def cupy_rows() -> list[dict[str, Any]] | str:
    """The same crops by `affine_transform`, face by face and channel by channel, as CuPy offers it."""
    try:
        import cupy
        from cupyx.scipy import ndimage
    except ImportError:
        return "CuPy is not installed"
    frame = cupy.random.randint(0, 256, (FRAME[1], FRAME[0], 3), dtype=cupy.uint8)
    rows = []
    for count in FACES:
        for size in SIZES:
            matrices = faces(count, size)
            out = cupy.empty((count, 3, size, size), cupy.float32)

            def work(matrices: Any = matrices, out: Any = out, size: int = size) -> None:
                source = frame.astype(cupy.float32)
                for row, matrix in enumerate(matrices):
                    flipped = cupy.asarray(matrix[::-1, [1, 0]])
                    offset = matrix @ (0.5, 0.5, 1.0) - 0.5
                    for channel in range(3):
                        ndimage.affine_transform(
                            source[:, :, 2 - channel], flipped, tuple(offset[::-1]), (size, size),
                            output=out[row, channel], order=1, mode="nearest",
                        )  # fmt: skip
                cupy.multiply(out, 1 / 255 / 0.25, out)
                cupy.subtract(out, 2.0, out)

            rows.append({"crops": count, "size": [size, size], "seconds": _cupy_seconds(cupy, work)})
    return rows


def _cupy_seconds(cupy: Any, work: Callable[[], None], calls: int = 5) -> float:
    best = float("inf")
    for _ in range(4):
        start, end = cupy.cuda.Event(), cupy.cuda.Event()
        start.record()
        for _ in range(calls):
            work()
        end.record()
        end.synchronize()
        best = min(best, cupy.cuda.get_elapsed_time(start, end) / 1000 / calls)
    return best


def decode_rows(bench: Bench) -> list[dict[str, Any]]:
    """Maps with the logits of a few faces among background, and with many candidates."""
    rows, handle = [], bench.stream.handle
    for width, height in ((320, 192), (640, 384)):
        for share in (0.005, 0.2):
            rng = np.random.default_rng(2)
            shapes = [(height // s, width // s, s) for s in (8, 16, 32)]
            maps = [rng.normal(0, 1, (1, 15, h, w)).astype(np.float32) for h, w, _ in shapes]
            for m in maps:
                m[:, 0] -= np.quantile(m[:, 0], 1 - share)
                m[:, 1:5] = 2
            buffers = [bench.upload(m) for m in maps]
            frames, boxes = bench.cuda.FrameTable(1, "bgr"), bench.cuda.CropTable(1, "bgr")
            frames.set(0, buffers[0].address, *FRAME, FRAME[0] * 3)
            boxes.set(0, letterbox_matrix(width / FRAME[0]), 0)
            frames.upload(handle)
            boxes.upload(handle)
            found, counts = bench.cuda.DeviceBuffer(16 * 64, 0), bench.cuda.DeviceBuffer(4, 0)
            kernel = bench.cuda.DecodeFaces(shapes, score_threshold=0.5, iou_threshold=0.4, top_k=400, max_faces=16)
            addresses = [buffer.address for buffer in buffers]
            rows.append({
                "size": [width, height], "candidates": share,
                "seconds": bench.kernel(lambda k=kernel, a=addresses, f=frames, b=boxes, o=found, c=counts: k.launch(
                    a, f, b, 1, o.address, c.address, None, handle)),
            })  # fmt: skip
    return rows


def pipeline_rows(bench: Bench, detector: FaceDetector, affect: FaceAffect) -> list[dict[str, Any]]:
    width, height = FRAME
    frame = np.random.default_rng(3).integers(0, 256, (height, width, 3), np.uint8)
    held = bench.upload(frame)
    resident = DeviceFrame(held.address, width, height, width * 3, "bgr", owner=held)
    rows = []
    for place, one in (("host", frame), ("GPU", resident)):
        for graphs in (True, False):
            gpu = GpuPipeline(detector, affect, graphs=graphs, cuda=bench.cuda)
            for cameras in CAMERAS:
                batch = [one] * cameras
                times = bench.wall(lambda gpu=gpu, batch=batch: gpu.process(batch))
                rows.append({
                    "place": place, "graphs": graphs, "cameras": cameras, "seconds": times,
                    "frames_per_second": cameras / times["p50"],
                })  # fmt: skip
            modes = {shape["frames"]: shape["runs"]["perceive"] for shape in gpu.describe()["shapes"]}
            for row in rows[-len(CAMERAS) :]:
                row["mode"] = modes[row["cameras"]]
            gpu.close()
    return rows


def markdown(report: dict[str, Any]) -> str:
    gpu, state = report["gpu"] or {}, report["gpu_state"] or {}
    copy = report["copy_bytes_per_second"]
    lines = [
        f"{gpu.get('name')}, driver {gpu.get('driver')}, {report['status']}; SM {state.get('sm_mhz')} MHz, memory "
        f"{state.get('memory_mhz')} MHz as found; commit {report['commit']}.",
        "",
        f"Copy on the device: {copy / 1e9:.0f} GB/s.",
        "",
        "| crops | from | size | us | GB/s | share of copy | PyTorch us | CuPy us |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    peers = [report["torch"], report["cupy"]]
    for row in report["crops"]:
        same = [
            next(
                (f"{p['seconds'] * 1e6:.1f}" for p in peer if (p["crops"], p["size"]) == (row["crops"], row["size"])),
                "",
            )
            if isinstance(peer, list) and row["color"] == "bgr"
            else ""
            for peer in peers
        ]
        rate = row["bytes"] / row["seconds"]
        size = "x".join(map(str, row["size"]))
        us = f"{row['seconds'] * 1e6:.1f}"
        cells = (
            f"{row['crops']} {row['what']}",
            row["color"],
            size,
            us,
            f"{rate / 1e9:.0f}",
            f"{rate / copy:.2f}",
            *same,
        )
        lines.append(f"| {' | '.join(cells)} |")
    lines += [
        f"\n{name}: {peer}" for name, peer in (("PyTorch", peers[0]), ("CuPy", peers[1])) if isinstance(peer, str)
    ]
    lines += ["", "| decode | candidates | us |", "| --- | --- | --- |"]
    for row in report["decode"]:
        lines.append(f"| {row['size'][0]}x{row['size'][1]} | {row['candidates']:.1%} | {row['seconds'] * 1e6:.1f} |")
    lines += ["", f"Pipeline, 1080p BGR, {report['runtime']}:", ""]
    lines += ["| frame on | cameras | runs as | p50 ms | p99 ms | frames/s |", "| --- | --- | --- | --- | --- | --- |"]
    for row in report["pipeline"]:
        times = row["seconds"]
        lines.append(f"| {row['place']} | {row['cameras']} | {row['mode']} | {times['p50'] * 1e3:.2f} | "
                     f"{times['p99'] * 1e3:.2f} | {row['frames_per_second']:.0f} |")  # fmt: skip
    return "\n".join(lines) + "\n"


def measure(bench: Bench, detector: FaceDetector, affect: FaceAffect) -> dict[str, Any]:
    report: dict[str, Any] = {"commit": hardware.commit(), "status": bench.cuda.status(), "gpu": nvml.identity()}
    report["machine"] = hardware.identity(Tree())
    report["runtime"] = detector.describe().get("runtime")
    report["copy_bytes_per_second"] = copy_bandwidth(bench)
    report["gpu_state"] = nvml.state()  # right after work, so that the clocks are those of work
    report["crops"], report["decode"] = crop_rows(bench), decode_rows(bench)
    report["torch"], report["cupy"] = torch_rows(), cupy_rows()
    report["pipeline"] = pipeline_rows(bench, detector, affect)
    return report


def main() -> int:
    p = argparse.ArgumentParser(prog="python -m benchmarks.cuda", description=__doc__.splitlines()[0])
    p.add_argument("--runtime", default="auto", help="auto, tensorrt or onnxruntime")
    p.add_argument("--output", type=Path, help="file for the numbers as JSON")
    args = p.parse_args()
    if not cuda.available():
        print(f"nothing to measure: {cuda.status()}", file=sys.stderr)
        return 2
    place = {"device": "cuda:0", "runtime": args.runtime}
    report = measure(Bench(cuda.load()), FaceDetector(**place), FaceAffect(**place))
    if args.output:
        args.output.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    print(markdown(report))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Sections about whole pipelines, frame in to result out."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.cuda.bench import Bench, face_matrices, picture
from benchmarks.cuda.peers import torch_crops
from edgeaffect import FaceAffect, FaceDetector, Pipeline, native
from edgeaffect.cuda import DeviceFrame, GpuPipeline


def with_runtime(bench: Bench, runtime: str) -> dict[str, Any]:
    """`GpuPipeline` and `Pipeline` with one runtime."""
    width, height = bench.sizes.frame
    frame = picture(bench.sizes.frame)
    held = bench.upload(frame)
    resident = DeviceFrame(held.address, width, height, width * 3, "bgr", device=0, owner=held)
    with contextlib.ExitStack() as stack:
        detector = FaceDetector(device=bench.place, runtime=runtime)
        stack.callback(detector.close)
        affect = FaceAffect(device=bench.place, runtime=runtime)
        stack.callback(affect.close)
        rows = []
        for (place, one), graphs in itertools.product((("host", frame), ("GPU", resident)), (True, False)):
            gpu = GpuPipeline(detector, affect, graphs=graphs, cuda=bench.cuda)
            stack.callback(gpu.close)
            for cameras in bench.sizes.cameras:
                batch = [one] * cameras
                seconds = bench.wall(lambda gpu=gpu, batch=batch: gpu.process(batch))
                mode = next(p["runs"] for p in gpu.plans() if p["does"] == "perceive" and p["frames"] == cameras)
                rows.append({
                    "place": place, "graphs": graphs, "cameras": cameras, "seconds": seconds, "mode": mode,
                    "frames_per_second": cameras / seconds["p50"],
                })  # fmt: skip
            gpu.close()
        described = detector.describe()
        faces = len(detector.detect(frame))
    return {
        "runtime": described.get("runtime"),
        "provider": described.get("provider"),
        "faces": faces,
        "process": rows,
        "follow": follow(bench, frame, runtime),
    }


def follow(bench: Bench, frame: Any, runtime: str) -> list[dict[str, Any]]:
    """`Pipeline` with tracking and smoothing, on the GPU and on the CPU, for the same frames 1/30 s apart."""
    rows = []
    frames = [np.ascontiguousarray(np.roll(frame, 2 * step, 1)) for step in range(4)]
    for device, interval in itertools.product(("cuda", "cpu"), (0.0, 0.1)):
        options = {"runtime": runtime} if device == "cuda" else {}
        with Pipeline(device=device, detect_interval=interval, **options) as pipeline:
            pipeline.warmup(bench.sizes.frame)
            steps = itertools.count()

            def call(pipeline: Pipeline = pipeline, steps: Any = steps) -> None:
                step = next(steps)
                pipeline.process(frames[step % len(frames)], step / 30)

            rows.append({"device": device, "detect_interval": interval, "seconds": bench.wall(call)})
    return rows


def pytorch_pipeline(bench: Bench) -> dict[str, Any]:
    """Our networks (random weights) in eager PyTorch: upload, letterbox, detector, decode on the CPU, crops, affect."""
    import torch

    call, versions = torch_pipeline(bench, torch)
    return {"versions": versions, "seconds": bench.wall(call)}


def torch_pipeline(bench: Bench, torch: Any) -> tuple[Callable[[], Any], dict[str, str]]:
    """One frame per call; eight crops whatever the random detector finds, as `GpuPipeline` reads eight."""
    from export.zoo.affect_net import build
    from export.zoo.face_net import FaceNet

    torch.manual_seed(0)
    device = bench.place
    width, height = bench.sizes.frame
    face_net, affect_net = FaceNet().eval().to(device), build("base").eval().to(device)
    pinned = torch.from_numpy(picture(bench.sizes.frame))
    if device != "cpu":
        pinned = pinned.pin_memory()
    small = (round(height * 320 / width), 320)
    matrices = torch.from_numpy(face_matrices(8, 48, bench.sizes.frame)).to(device)

    @torch.inference_mode()
    def call() -> Any:
        frame = pinned.to(device, non_blocking=True)
        image = frame.permute(2, 0, 1)[None].float()
        image = torch.nn.functional.interpolate(image, small, mode="bilinear", antialias=True) / 255
        maps = face_net(torch.nn.functional.pad(image, (0, 0, 0, -small[0] % 32)))
        found = native.decode_faces(
            [np.ascontiguousarray(m.cpu().numpy()) for m in maps], (8, 16, 32), score_threshold=0.5, iou_threshold=0.4,
            top_k=400, max_faces=64,
        )  # fmt: skip
        crops = torch_crops(torch, frame, matrices, 48)
        gray = (crops * torch.tensor([0.299, 0.587, 0.114], device=device)[:, None, None]).sum(1, keepdim=True)
        return found, affect_net(gray).softmax(1).cpu()

    return call, {"torch": torch.__version__}

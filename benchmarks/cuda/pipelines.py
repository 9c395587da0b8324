"""Sections about whole pipelines, frame in to result out."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.cuda.bench import Bench, face_matrices, picture
from benchmarks.cuda.peers import torch_crops
from edgeaffect import FaceAffect, FaceDetector, Pipeline, native
from edgeaffect.cuda import DeviceDetector, DeviceFaceModel, DeviceFrame, GpuContext
from edgeaffect.image import Image

# Sixteen cameras take many times as long as one, and differ less from call to call.
_FEW_CALLS = 200


def pytorch_session(bench: Bench) -> dict[str, Any]:
    """`with_runtime`, where none can be installed: the bundled graphs run by PyTorch on our stream."""
    from benchmarks.cuda import torch_runtime

    with torch_runtime.installed():
        return with_runtime(bench)


def with_runtime(bench: Bench, runtime: str = "auto") -> dict[str, Any]:
    """`Pipeline` with one runtime, detecting in every frame; `auto` leaves the choice to the stages."""
    few = Bench(bench.cuda, dataclasses.replace(bench.sizes, calls=min(bench.sizes.calls, _FEW_CALLS)))
    width, height = bench.sizes.frame
    frame = picture(bench.sizes.frame)
    held = bench.upload(frame)
    resident = DeviceFrame(held.address, width, height, width * 3, "bgr", device=0, owner=held)
    pinned = np.frombuffer(bench.cuda.PinnedBuffer(frame.nbytes, False, 0), np.uint8).reshape(frame.shape)
    pinned[:] = frame
    places = (("host", frame), ("pinned", pinned), ("GPU", resident))
    rows = []
    for (place, one), graphs in itertools.product(places, (True, False)):
        with Pipeline(device="cuda", runtime=runtime, graphs=graphs, detect_interval=0.0) as pipeline:
            for cameras in bench.sizes.cameras:
                seconds, faces = every_frame(few if cameras >= 16 else bench, pipeline, [one] * cameras)
                programs = pipeline.describe()["stages"]["detect"]["programs"]
                rows.append({
                    "place": place, "graphs": graphs, "cameras": cameras, "seconds": seconds, "faces": faces,
                    "modes": {p["does"]: p["runs"] for p in programs if p["frames"] == cameras},
                    "frames_per_second": cameras / seconds["p50"],
                })  # fmt: skip
    with contextlib.ExitStack() as stack:
        detector = FaceDetector(device=bench.place, runtime=runtime)
        stack.callback(detector.close)
        affect = FaceAffect(device=bench.place, runtime=runtime)
        stack.callback(affect.close)
        spent = parts(bench, detector, affect, frame)
        described = detector.describe()
    return {
        "runtime": described.get("runtime"),
        "provider": described.get("provider"),
        "faces": rows[0]["faces"],
        "frames": rows,
        "parts": spent,
        "follow": follow(bench, frame, runtime),
    }


def every_frame(bench: Bench, pipeline: Pipeline, batch: list[Any]) -> tuple[dict[str, Any], int]:
    """Time of one frame of each camera, 1/30 s apart; faces in the first one's last result."""
    pipeline.reset()
    steps = itertools.count()

    def call() -> int:
        return len(pipeline.process_batch(batch, next(steps) / 30)[0].faces)

    seconds = bench.wall(call)
    return seconds, call()


def parts(bench: Bench, detector: FaceDetector, affect: FaceAffect, frame: Any) -> dict[str, Any]:
    """Where the time of one frame on the host goes: `upload` until the next may begin, `detect`, `analyse`."""
    context = GpuContext(cuda=bench.cuda)
    with contextlib.closing(context):
        find, read = DeviceDetector(context, detector), DeviceFaceModel(context, affect)
        image = Image.of(frame)
        uploaded = context.upload(image)
        (faces,) = find.run_many([uploaded])
        return {
            "upload": bench.wall(lambda: context.upload(image)),
            "detect": bench.wall(lambda: find.run_many([uploaded])),
            "analyse": bench.wall(lambda: read.run_many([(uploaded, faces)])),
        }


def follow(bench: Bench, frame: Any, runtime: str) -> list[dict[str, Any]]:
    """`Pipeline` with tracking and smoothing, on the GPU and on the CPU, for the same frames 1/30 s apart."""
    rows = []
    frames = [np.ascontiguousarray(np.roll(frame, 2 * step, 1)) for step in range(4)]
    for device, interval in itertools.product(("cuda", "cpu"), (0.0, 0.1)):
        chosen = runtime if device == "cuda" else "auto"
        with Pipeline(device=device, detect_interval=interval, runtime=chosen) as pipeline:
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
    """One frame per call; eight crops whatever the random detector finds."""
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

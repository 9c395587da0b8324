"""Sections about our kernels and about copies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.cuda.bench import Bench, face_matrices
from edgeaffect.face.alignment import letterbox_matrix

BYTES_PER_PIXEL = {"bgr": 3.0, "nv12": 1.5}
Launch = Callable[[], object]


def copies(bench: Bench) -> dict[str, float]:
    """Bytes per second of copies, and seconds of a launch that does next to nothing.

    Bytes read and written by a copy on the device; moved by an upload of a frame from pinned memory.
    """
    handle, copy = bench.stream.handle, bench.cuda.copy
    size = bench.sizes.copy_bytes
    one, other = bench.cuda.DeviceBuffer(size, 0), bench.cuda.DeviceBuffer(size, 0)
    device = bench.kernel(lambda: copy(one.address, other.address, size, handle))
    frame = min(3 * bench.sizes.frame[0] * bench.sizes.frame[1], size)
    pinned = bench.cuda.PinnedBuffer(frame, False, 0)
    upload = bench.kernel(lambda: copy(one.address, pinned.address, frame, handle))
    nothing = bench.kernel(lambda: bench.cuda.clear(one.address, 4, handle))
    return {"device": 2 * size / device, "upload": frame / upload, "nothing": nothing}


def crops(bench: Bench) -> list[dict[str, Any]]:
    return [{**facts, "seconds": bench.kernel(launch)} for facts, launch in crop_launches(bench)]


def crop_launches(bench: Bench) -> Iterator[tuple[dict[str, Any], Launch]]:
    """What each launch is, and the launch."""
    frame = bench.sizes.frame
    for color in bench.sizes.colors:
        for count in bench.sizes.faces:
            for size in bench.sizes.crops:
                yield crop_launch(bench, color, face_matrices(count, size, frame), (size, size), "faces")
    for count in bench.sizes.faces:
        for size in bench.sizes.crops:
            yield crop_launch(bench, "bgr", face_matrices(count, size, frame, small=True), (size, size), "small faces")
    for color in bench.sizes.colors:
        yield crop_launch(bench, color, letterbox_matrix(320 / frame[0])[None], (320, 192), "letterbox")


def crop_launch(
    bench: Bench, color: str, matrices: NDArray[np.float32], size: tuple[int, int], what: str
) -> tuple[dict[str, Any], Launch]:
    """One launch, and the bytes that it must move at least."""
    (width, height), handle = bench.sizes.frame, bench.stream.handle
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
    area = np.abs(np.linalg.det(matrices[:, :, :2].astype(np.float64))).sum() * size[0] * size[1]
    facts = {
        "what": what,
        "color": color,
        "crops": len(matrices),
        "size": list(size),
        "bytes": written + min(area, width * height) * BYTES_PER_PIXEL[color],
    }

    def launch(frame: Any = frame) -> None:  # the frame must live as long as its launches
        kernel.launch(table, items, len(matrices), out.address, handle)

    return facts, launch


def decode(bench: Bench) -> list[dict[str, Any]]:
    return [{**facts, "seconds": bench.kernel(launch)} for facts, launch in decode_launches(bench)]


def decode_launches(bench: Bench) -> Iterator[tuple[dict[str, Any], Launch]]:
    """Maps with few candidates among background, and with many."""
    for width, height in ((320, 192), (640, 384)):
        for share in (0.005, 0.2):
            yield _decode_launch(bench, width, height, share)


def _decode_launch(bench: Bench, width: int, height: int, share: float) -> tuple[dict[str, Any], Launch]:
    rng, handle = np.random.default_rng(2), bench.stream.handle
    shapes = [(height // s, width // s, s) for s in (8, 16, 32)]
    maps = [rng.normal(0, 1, (1, 15, h, w)).astype(np.float32) for h, w, _ in shapes]
    for m in maps:
        m[:, 0] -= np.quantile(m[:, 0], 1 - share)
        m[:, 1:5] = 2
    buffers = [bench.upload(m) for m in maps]
    boxes = bench.cuda.CropTable(1, "bgr")
    boxes.set(0, letterbox_matrix(width / bench.sizes.frame[0]), 0)
    boxes.upload(handle)
    most = 64
    found, counts = bench.cuda.DeviceBuffer(most * 4 * bench.cuda.FACE_VALUES, 0), bench.cuda.DeviceBuffer(4, 0)
    kernel = bench.cuda.DecodeFaces(shapes, score_threshold=0.5, iou_threshold=0.4, top_k=400, max_faces=most)

    def launch() -> None:
        addresses = [buffer.address for buffer in buffers]
        kernel.launch(addresses, boxes, 1, found.address, counts.address, handle)

    return {"size": [width, height], "candidates": share}, launch

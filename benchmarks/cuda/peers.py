"""The crops of a BGR frame by other libraries, in turns with ours. Each has its own way; what differs is said."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.cuda.bench import Bench, face_matrices
from benchmarks.cuda.kernels import crop_launch

_ROUNDS = 6


def pytorch(bench: Bench) -> dict[str, Any]:
    import torch

    width, height = bench.sizes.frame
    frame = torch.randint(0, 256, (height, width, 3), dtype=torch.uint8, device=bench.place)

    def work(matrices: NDArray[np.float32], size: int) -> Callable[[], object]:
        places = torch.from_numpy(matrices).to(frame.device)
        return lambda: torch_crops(torch, frame, places, size)

    return {
        "versions": {"torch": torch.__version__},
        "remark": "grid_sample on the whole frame as float, recorded as a CUDA graph: one bilinear sample per pixel",
        "crops": _rows(bench, work, lambda call, count: _torch_row(torch, call, count)),
    }


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


def _torch_row(torch: Any, call: Callable[[], object], count: int) -> Callable[[], float]:
    call()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(count):
            call()
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))

    def seconds() -> float:
        start.record()
        graph.replay()
        end.record()
        end.synchronize()
        return float(start.elapsed_time(end)) / 1000 / count

    return seconds


def cupy(bench: Bench) -> dict[str, Any]:
    import cupy as xp
    from cupyx.scipy import ndimage

    width, height = bench.sizes.frame
    frame = xp.random.randint(0, 256, (height, width, 3), dtype=xp.uint8)

    def work(matrices: NDArray[np.float32], size: int) -> Callable[[], object]:
        out = xp.empty((len(matrices), 3, size, size), xp.float32)
        return lambda: array_crops(xp, ndimage, frame, matrices, size, out)

    return {
        "versions": {"cupy": xp.__version__},
        "remark": "affine_transform, face by face and channel by channel, call by call: one bilinear sample per pixel",
        "crops": _rows(bench, work, lambda call, count: _cupy_row(xp, call, max(1, count // 20))),
    }


def array_crops(xp: Any, ndimage: Any, frame: Any, matrices: NDArray[np.float32], size: int, out: Any) -> Any:
    """The same with an array package and its `scipy.ndimage`; into `out`, which it returns."""
    source = frame.astype(xp.float32)
    for row, matrix in enumerate(matrices):
        # Rows before columns, and pixel centres at whole numbers.
        linear, offset = xp.asarray(matrix[::-1, [1, 0]]), (matrix @ (0.5, 0.5, 1.0) - 0.5)[::-1]
        for channel in range(3):
            ndimage.affine_transform(
                source[:, :, 2 - channel], linear, tuple(offset), (size, size), output=out[row, channel], order=1,
                mode="nearest",
            )  # fmt: skip
    xp.multiply(out, np.float32(1 / 255 / 0.25), out)
    return xp.subtract(out, np.float32(2.0), out)


def _cupy_row(xp: Any, call: Callable[[], object], count: int) -> Callable[[], float]:
    start, end = xp.cuda.Event(), xp.cuda.Event()

    def seconds() -> float:
        start.record()
        for _ in range(count):
            call()
        end.record()
        end.synchronize()
        return float(xp.cuda.get_elapsed_time(start, end)) / 1000 / count

    return seconds


def cvcuda(bench: Bench) -> dict[str, Any]:
    import cvcuda as cv
    import torch

    width, height = bench.sizes.frame
    frame = torch.randint(0, 256, (height, width, 3), dtype=torch.uint8, device=bench.place)
    stream = cv.as_stream(bench.stream.handle)

    def work(matrices: NDArray[np.float32], size: int) -> Callable[[], object]:
        return cvcuda_crops(cv, torch, frame, matrices, size, stream)[0]

    try:
        crops, how = _rows(bench, work, bench.recorded), "recorded as a CUDA graph"
    except Exception as error:  # whatever its calls do that CUDA does not record
        crops, how = _rows(bench, work, bench.plain), f"call by call through Python ({error})"
    return {
        "versions": {"cvcuda": cv.__version__},
        "remark": "warp_affine of all crops in one call, into bytes, one bilinear sample per pixel; then "
        f"resize_crop_convert_reformat; {how}",
        "crops": crops,
    }


def cvcuda_crops(
    cv: Any, torch: Any, frame: Any, matrices: NDArray[np.float32], size: int, stream: Any
) -> tuple[Callable[[], object], Any]:
    """A call that makes the crops of a BGR frame [h, w, 3] on the device, and where: RGB [n, 3, size, size]."""
    count = len(matrices)
    pixels = torch.empty((count, size, size, 3), dtype=torch.uint8, device=frame.device)
    out = torch.empty((count, 3, size, size), device=frame.device)
    batch, planes = cv.as_tensor(pixels, "NHWC"), cv.as_tensor(out, "NCHW")
    # A batch of images has one matrix for each; that they all are the same frame does not matter.
    sources, targets = cv.as_images([frame] * count), cv.as_images(list(pixels))
    whole = matrices.copy()  # pixel centres at whole numbers
    whole[:, :, 2] = matrices @ np.array([0.5, 0.5, 1.0], np.float32) - 0.5
    places = cv.as_tensor(torch.from_numpy(whole.reshape(count, 6)).to(frame.device), "NC")
    flags, border = cv.Interp.LINEAR | cv.Interp.WARP_INVERSE_MAP, np.zeros(3, np.float32)

    def call() -> None:
        cv.warp_affine_into(
            targets, sources, places, flags, border_mode=cv.Border.REPLICATE, border_value=border, stream=stream
        )
        cv.resize_crop_convert_reformat_into(
            planes, batch, (size, size), cv.Interp.NEAREST, (0, 0), manip=cv.ChannelManip.REVERSE,
            scale=1 / 255 / 0.25, offset=-2.0, stream=stream,
        )  # fmt: skip

    return call, out


def _rows(
    bench: Bench,
    work: Callable[[NDArray[np.float32], int], Callable[[], object]],
    row: Callable[[Callable[[], object], int], Callable[[], float]],
) -> list[dict[str, Any]]:
    """Theirs and ours in turns, the minimum of each; the first turn is the warm-up."""
    rows = []
    launches = max(1, bench.sizes.launches // 4)
    for small, count, size in itertools.product((False, True), bench.sizes.faces, bench.sizes.crops):
        matrices = face_matrices(count, size, bench.sizes.frame, small=small)
        theirs = row(work(matrices, size), launches)
        facts, launch = crop_launch(bench, "bgr", matrices, (size, size), "small faces" if small else "faces")
        ours = bench.recorded(launch, launches)
        turns = [(theirs(), ours()) for _ in range(_ROUNDS)][1:]
        least, ours_least = (min(times) for times in zip(*turns, strict=True))
        rows.append({**facts, "seconds": least, "ours": ours_least})
    return rows

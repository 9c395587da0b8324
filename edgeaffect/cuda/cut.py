"""Parts of a frame on the GPU as uint8 pictures on the host."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .device_frame import DeviceFrame


def cut(
    cuda: ModuleType,
    stream: Any,
    frame: DeviceFrame,
    matrices: NDArray[np.floating[Any]],
    size: tuple[int, int],
    color: str,
) -> NDArray[np.uint8]:
    """`crop_normalize` into bytes, and the copy to the host; waits for it. For now and then: it allocates.

    Args:
        cuda: the native module.
        stream: its stream.
        frame: on the GPU.
        matrices: [n, 2, 3], from crop to frame pixels.
        size: width, height of a crop.
        color: `bgr`, `rgb` or `gray`.

    Returns:
        [n, height, width, channels].
    """
    (width, height), count = size, len(matrices)
    shape = (count, height, width, 1 if color == "gray" else 3)
    if not count:
        return np.empty(shape, np.uint8)
    table = cuda.FrameTable(1, frame.format, device=stream.device)
    crops = cuda.CropTable(count, frame.format, device=stream.device)
    table.set(0, frame.address, frame.width, frame.height, frame.stride, frame.uv_address, frame.uv_stride)
    for row, matrix in enumerate(matrices):
        crops.set(row, matrix, 0)
    # The kernel's bytes are signed: a value minus 128, which differs from the unsigned byte in one bit.
    kernel = cuda.CropNormalize(
        frame.format, size, to=color, scale=1.0, layout="nhwc", dtype="int8", quant=(1.0, -128), border="replicate"
    )
    total = int(np.prod(shape))
    memory, pinned = cuda.DeviceBuffer(total, stream.device), cuda.PinnedBuffer(total, False, stream.device)
    try:
        table.upload(stream.handle)
        crops.upload(stream.handle)
        kernel.launch(table, crops, count, memory.address, stream.handle)
        cuda.copy(pinned.address, memory.address, total, stream.handle)
    finally:
        stream.synchronize()  # before any of the memory goes
    signed: NDArray[np.uint8] = np.frombuffer(pinned, np.uint8).reshape(shape)
    pixels: NDArray[np.uint8] = np.bitwise_xor(signed, np.uint8(0x80))
    return pixels

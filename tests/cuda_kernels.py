"""The two kernels behind one face, on a GPU (`cuda`) or as host loops of the same source (`cpu`)."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from types import ModuleType
from typing import Any, NoReturn

import numpy as np
import pytest
from cuda_host.build import build
from numpy.typing import NDArray

# Under a sanitizer only `cuda` is of interest.
DEVICES = tuple(os.environ.get("EDGEAFFECT_TEST_DEVICES", "cpu,cuda").split(","))


def device_module(device: str, cache: Any) -> ModuleType:
    """Host loops, or edgeaffect._cuda; without a GPU the test is skipped, or fails under FAIL_WITHOUT_CUDA=1."""
    if device == "cpu":
        return build(cache)
    try:
        from edgeaffect import _cuda
    except ImportError as error:
        missing = f"edgeaffect._cuda is not built ({error})"
    else:
        if _cuda.device_count():
            return _cuda
        missing = _cuda.status()
    return without(missing)


def without(missing: str) -> NoReturn:
    """What a test does where something for the GPU is missing: it is skipped, or fails under FAIL_WITHOUT_CUDA=1."""
    if os.environ.get("FAIL_WITHOUT_CUDA") == "1":
        pytest.fail(missing)
    pytest.skip(missing)


def wait(module: ModuleType, stream: int) -> None:
    """Wait for a stream of the host loops, as a model on the CPU must before it reads what is put there.

    Raises:
        RuntimeError: the stream is being recorded.
    """
    if ctypes.CDLL(module.__file__).edgeaffect_drain(ctypes.c_void_p(stream)):
        raise RuntimeError("cudaErrorStreamCaptureUnsupported: waiting during a capture")


class Kernels:
    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.stream = module.Stream(0)

    def upload(self, array: NDArray[Any]) -> Any:
        data = np.ascontiguousarray(array)
        pinned = self.module.PinnedBuffer(data.nbytes, False, 0)
        np.frombuffer(pinned, np.uint8)[:] = data.reshape(-1).view(np.uint8)
        buffer = self.module.DeviceBuffer(data.nbytes, 0)
        self.module.copy(buffer.address, pinned.address, data.nbytes, self.stream.handle)
        self.stream.synchronize()
        return buffer

    def download(self, buffer: Any, shape: Sequence[int], dtype: Any, offset: int = 0) -> NDArray[Any]:
        self.stream.synchronize()
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        pinned = self.module.PinnedBuffer(size, False, 0)
        self.module.copy(pinned.address, buffer.address + offset, size, self.stream.handle)
        self.stream.synchronize()
        return np.frombuffer(pinned, dtype, int(np.prod(shape))).reshape(shape).copy()

    def place(self, frame: NDArray[np.uint8]) -> tuple[Any, int]:
        """A frame with its own row stride in device memory; (owner, address of its first pixel)."""
        span = frame.strides[0] * (len(frame) - 1)
        low, row = min(span, 0), frame[0].nbytes
        base = np.lib.stride_tricks.as_strided(frame[-1 if span < 0 else 0].reshape(-1), (abs(span) + row,), (1,))
        owner = self.upload(base)
        return owner, owner.address - low

    def crop(
        self,
        frames: Sequence[NDArray[np.uint8] | tuple[NDArray[np.uint8], NDArray[np.uint8]]],
        matrices: NDArray[Any],
        size: tuple[int, int],
        rows: Sequence[int] | None = None,
        **options: Any,
    ) -> NDArray[Any]:
        """`crop_normalize` of several frames; `rows` says which frame each matrix belongs to."""
        cuda, stream = self.module, self.stream.handle
        color = options.pop("color", "bgr")
        yuv = {key: options[key] for key in ("yuv_matrix", "yuv_range") if key in options}
        launch = cuda.CropNormalize(color, size, **options)
        table = cuda.FrameTable(len(frames), color, **yuv)
        owners = []
        for i, frame in enumerate(frames):
            luma, uv = frame if isinstance(frame, tuple) else (frame, None)
            owner, address = self.place(luma)
            owners.append(owner)
            uv_address = uv_stride = 0
            if uv is not None:
                uv_owner, uv_address = self.place(uv)
                owners.append(uv_owner)
                uv_stride = uv.strides[0]
            table.set(i, address, luma.shape[1], luma.shape[0], luma.strides[0], uv_address, uv_stride)
        items = cuda.CropTable(max(1, len(matrices)), color)
        for i, matrix in enumerate(matrices):
            items.set(i, matrix, 0 if rows is None else rows[i])
        channels = 1 if options.get("to", "rgb") == "gray" else 3
        (w, h), n = size, len(matrices)
        shape = (n, channels, h, w) if options.get("layout", "nchw") == "nchw" else (n, h, w, channels)
        dtype = np.dtype(options.get("dtype", "float32"))
        out = cuda.DeviceBuffer(int(np.prod(shape)) * dtype.itemsize, 0)
        table.upload(stream)
        items.upload(stream)
        try:
            launch.launch(table, items, n, out.address, stream)
            return self.download(out, shape, dtype)
        finally:
            self.stream.synchronize()  # also where the launch is refused: the uploads still need their memory

    def decode(
        self,
        maps: Sequence[NDArray[np.float32]],
        strides: Sequence[int],
        matrices: NDArray[Any],
        *,
        max_faces: int,
        **options: Any,
    ) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """`decode_faces` of maps [frames, 15, h, w]: (faces [frames, max_faces, 16], counts [frames])."""
        cuda, stream, n = self.module, self.stream.handle, len(matrices)
        shapes = [(m.shape[2], m.shape[3], s) for m, s in zip(maps, strides, strict=True)]
        launch = cuda.DecodeFaces(shapes, max_faces=max_faces, **options)
        letterboxes = cuda.CropTable(n, "gray")
        for i, matrix in enumerate(matrices):
            letterboxes.set(i, matrix, i)
        letterboxes.upload(stream)
        faces, counts = cuda.DeviceBuffer(n * max_faces * 64, 0), cuda.DeviceBuffer(n * 4, 0)
        owners = [self.upload(m) for m in maps]
        addresses = [owner.address for owner in owners]
        try:
            launch.launch(addresses, letterboxes, n, faces.address, counts.address, stream)
        finally:
            self.stream.synchronize()
        return self.download(faces, (n, max_faces, 16), np.float32), self.download(counts, (n,), np.int32)

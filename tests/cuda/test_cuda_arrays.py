"""Frames that other libraries write on a GPU, on streams of their own: waited for on the device, without a word."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
from cuda_frames import DeviceStages, OnDevice, same_results

from edgeaffect import Pipeline
from edgeaffect.cuda import DeviceFrame

DLPACK, INTERFACE = "__dlpack__", "__cuda_array_interface__"
_DELAY_BYTES, _DELAY_COPIES = 16 << 20, 400  # 0.1 s and more; an analysis takes milliseconds


class Written(NamedTuple):
    """An array of zeros on the GPU, and who will write it."""

    array: Any
    stream: int
    """Handle of the stream that writes, a non-blocking one where the library lets it be."""
    write: Callable[[], object]
    """Put the pixels' copy on that stream."""
    current: Callable[[], AbstractContextManager[Any]]
    """Where the library says what it knows of the stream only of its current one."""


def by_pytorch(frame: np.ndarray, interface: str) -> Written:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("this PyTorch has no GPU")
    pixels = torch.from_numpy(frame).to("cuda:0")
    array = torch.zeros_like(pixels)
    # PyTorch's __cuda_array_interface__ is of version 2, which names no stream and so means the legacy one.
    stream = torch.cuda.Stream() if interface == DLPACK else torch.cuda.default_stream()
    torch.cuda.synchronize()

    def write() -> None:
        with torch.cuda.stream(stream):
            array.copy_(pixels)

    return Written(array, stream.cuda_stream or 1, write, lambda: torch.cuda.stream(stream))


def by_cupy(frame: np.ndarray, interface: str) -> Written:
    cupy = pytest.importorskip("cupy")
    pixels, array = cupy.asarray(frame), cupy.empty(frame.shape, cupy.uint8)
    array.data.memset(0, array.nbytes)
    stream = cupy.cuda.Stream(non_blocking=True)
    cupy.cuda.Device().synchronize()

    def write() -> None:
        array.data.copy_from_device_async(pixels.data, pixels.nbytes, stream)

    return Written(array, stream.ptr, write, lambda: stream)


def by_numba(frame: np.ndarray, interface: str) -> Written:
    numba = pytest.importorskip("numba.cuda")
    if not numba.is_available():
        pytest.skip("Numba finds no GPU")
    stream = numba.stream()
    pixels, array = numba.to_device(frame), numba.to_device(np.zeros_like(frame), stream=stream)
    numba.synchronize()
    if not hasattr(array, interface):
        pytest.skip(f"Numba's arrays have no {interface}")
    # Its __cuda_array_interface__ names the stream that the array was made with.
    handle = array.__cuda_array_interface__["stream"]
    return Written(
        array, handle, lambda: array.copy_to_device(pixels, stream=stream), lambda: contextlib.nullcontext(stream)
    )


def only(array: Any, interface: str) -> Any:
    """The array with one of its interfaces, which takes what it says from now."""
    names = (DLPACK, "__dlpack_device__") if interface == DLPACK else (INTERFACE,)
    return SimpleNamespace(**{name: getattr(array, name) for name in names})


@pytest.mark.parametrize("interface", [DLPACK, INTERFACE])
@pytest.mark.parametrize("library", [by_pytorch, by_cupy, by_numba])
def test_a_frame_written_late_is_waited_for(
    cuda: ModuleType, place: str, stages: Any, portrait: np.ndarray, library: Any, interface: str
) -> None:
    if place == "cpu":
        pytest.skip("arrays of other libraries need a GPU")
    written = library(portrait, interface)
    height, width = portrait.shape[:2]
    address = written.array.__cuda_array_interface__["data"][0]
    unordered = DeviceFrame(address, width, height, width * 3, "bgr", device=0)
    with contextlib.closing(DeviceStages(*stages, cuda=cuda)) as gpu:
        for _ in range(3):  # memory is allocated here, which waits for the whole GPU
            same_results(gpu.run([OnDevice(cuda, portrait)])[0], *stages, portrait)
        # Copies to the host, which take none of the processors that the analysis runs on.
        source, target = cuda.DeviceBuffer(_DELAY_BYTES, 0), cuda.PinnedBuffer(_DELAY_BYTES, False, 0)
        for _ in range(_DELAY_COPIES):
            cuda.copy(target.address, source.address, _DELAY_BYTES, written.stream)
        written.write()
        ((unseen, _),) = gpu.run([unordered])
        with written.current():
            (result,) = gpu.run([only(written.array, interface)])
        assert len(unseen) == 0, "without an order the pixels are not there yet, or this would show nothing"
        same_results(result, *stages, portrait)
    del source, target


@pytest.mark.parametrize("interface", [DLPACK, INTERFACE])
@pytest.mark.parametrize("library", [by_pytorch, by_cupy, by_numba])
def test_arrays_in_a_pipeline_of_graphs(
    cuda: ModuleType, place: str, stages: Any, portrait: np.ndarray, library: Any, interface: str
) -> None:
    """Rows with a stride of their own, through launches and recording, from arrays at other addresses each time."""
    if place == "cpu":
        pytest.skip("arrays of other libraries need a GPU")
    with contextlib.closing(DeviceStages(*stages, cuda=cuda)) as gpu:
        kept = []
        for step in range(4):
            frame = np.ascontiguousarray(np.roll(portrait, 5 * step, 1))
            written = library(frame, interface)
            written.write()
            kept.append(written)
            with written.current():
                (result,) = gpu.run([only(written.array[:, :400], interface)])
            same_results(result, *stages, frame[:, :400])


def test_a_pycuda_array_goes_into_process(place: str, portrait: np.ndarray) -> None:
    """What the extra `[cuda]` is for: an array that PyCUDA made on the GPU is a frame as it is."""
    if place == "cpu":
        pytest.skip("arrays of other libraries need a GPU")
    pytest.importorskip("pycuda.autoprimaryctx")  # the context that CUDA's runtime works in, too
    gpuarray = pytest.importorskip("pycuda.gpuarray")
    with Pipeline(device=place, detect_interval=0.0) as pipeline:
        expected = pipeline.process(portrait, 0.0)
        pipeline.reset()
        result = pipeline.process(gpuarray.to_gpu(portrait), 0.0)
    assert len(expected.faces) == 1
    np.testing.assert_array_equal(result.faces[0].box, expected.faces[0].box)
    assert result.faces[0].label == expected.faces[0].label

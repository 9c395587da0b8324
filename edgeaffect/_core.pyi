"""Types of the native module (csrc/bind/bindings.cpp); tests/test_packaging.py compares names, order and defaults."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__version__: str

def crop_normalize(
    frame: NDArray[np.uint8] | tuple[NDArray[np.uint8], NDArray[np.uint8]],
    matrices: NDArray[np.floating[Any]],
    size: tuple[int, int],
    *,
    color: str = "bgr",
    to: str = "rgb",
    scale: float = 0.00392156862745098,
    mean: Sequence[float] = ...,
    std: Sequence[float] = ...,
    layout: str = "nchw",
    dtype: str = "float32",
    quant: tuple[float, int] | None = None,
    border: str = "constant",
    border_value: int = 0,
    yuv_matrix: str = "bt601",
    yuv_range: str = "limited",
    frame_size: tuple[int, int] | None = None,
    strides: Sequence[int] | None = None,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]: ...
def decode_faces(
    outputs: Sequence[NDArray[np.float32]],
    strides: Sequence[int],
    *,
    score_threshold: float,
    iou_threshold: float,
    top_k: int,
    max_faces: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]: ...
def nms(boxes: NDArray[np.float32], scores: NDArray[np.float32], iou: float) -> NDArray[np.int64]: ...
def simd() -> str: ...
def take_patches(
    frame: NDArray[np.uint8] | tuple[NDArray[np.uint8], NDArray[np.uint8]],
    boxes: NDArray[np.float64],
    *,
    color: str,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.complex128]]: ...
def predict_tracks(
    state: NDArray[np.float64],
    velocity: NDArray[np.float64],
    time: NDArray[np.float64],
    seen: NDArray[np.float64],
    *,
    now: float,
    coast: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
def correct_tracks(
    state: NDArray[np.float64],
    velocity: NDArray[np.float64],
    covariance: NDArray[np.float64],
    time: NDArray[np.float64],
    predicted: NDArray[np.float64],
    measured: NDArray[np.float64],
    chosen: NDArray[np.bool_],
    *,
    now: float,
    process_noise: float,
    measurement_noise: float,
) -> None: ...
def follow_tracks(
    frame: NDArray[np.uint8] | tuple[NDArray[np.uint8], NDArray[np.uint8]],
    patches: NDArray[np.float32],
    solvers: NDArray[np.float32],
    poses: NDArray[np.complex128],
    rows: NDArray[np.int64],
    anchor: NDArray[np.float64],
    state: NDArray[np.float64],
    velocity: NDArray[np.float64],
    covariance: NDArray[np.float64],
    time: NDArray[np.float64],
    seen: NDArray[np.float64],
    *,
    color: str,
    now: float,
    coast: float,
    process_noise: float,
    measurement_noise: float,
) -> None: ...
def track_states(boxes: NDArray[np.float32], landmarks: NDArray[np.float32]) -> NDArray[np.float64]: ...
def report_tracks(
    state: NDArray[np.float64],
    velocity: NDArray[np.float64],
    time: NDArray[np.float64],
    seen: NDArray[np.float64],
    born: NDArray[np.float64],
    missed: NDArray[np.bool_],
    *,
    now: float,
    coast: float,
    patience: float,
    min_age: float,
    size: tuple[float, float],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float32], NDArray[np.float32]]: ...
def box_affinities(
    tracks: NDArray[np.float64],
    detections: NDArray[np.float32],
    *,
    iou_threshold: float,
    max_distance: float,
    max_size_ratio: float,
) -> NDArray[np.float64]: ...
def align_points(points: NDArray[np.float64], target: NDArray[np.float64], *, rotate: bool) -> NDArray[np.float64]: ...
def scene_pattern(plane: NDArray[np.uint8], *, rows: int, columns: int, taps: int) -> NDArray[np.float32]: ...

class LogMel:
    def __init__(
        self,
        *,
        sample_rate: int,
        window: int,
        hop: int,
        fft: int,
        bands: int,
        low_hz: float,
        high_hz: float,
        formula: str,
        window_function: str,
        pre_emphasis: float,
        remove_offset: bool,
        floor: float,
    ) -> None: ...
    def accept(self, samples: NDArray[np.float32]) -> NDArray[np.float32]: ...
    def reset(self) -> None: ...

class Resampler:
    def __init__(self, input_rate: int, output_rate: int) -> None: ...
    def accept(self, samples: NDArray[np.float32]) -> NDArray[np.float32]: ...
    def finish(self) -> NDArray[np.float32]: ...
    def reset(self) -> None: ...

class SampleRing:
    def __init__(self, *, capacity: int, channels: int, sample_rate: float) -> None: ...
    def write(self, data: Any, time: float, gap: bool) -> bool: ...
    def read(self, limit: int) -> tuple[NDArray[np.float32], int, bool, float] | None: ...
    def available(self) -> int: ...
    def lost(self) -> int: ...
    def gaps(self) -> int: ...
    def portaudio_callback(self) -> tuple[int, int] | None: ...

"""What the models have in common on a GPU: their preprocessing kernel, and their batches."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from ..errors import DeviceError, Error
from ..models import ImageInput, ModelSpec
from ..runtime import Session, TensorInfo
from .memory import Arena


def check_input(spec: ModelSpec) -> None:
    """Refuse a model whose input the kernels do not write.

    Raises:
        DeviceError: it is uint8.
    """
    if spec.image.dtype == "uint8":
        raise DeviceError(
            f"input {spec.image.name!r} of {spec.name} is uint8, which the CUDA kernels do not write (float32, float16 "
            "and int8 they do): use device='cpu' for this model, or export it with a float32 input"
        )


def row_shape(info: TensorInfo) -> tuple[int, ...]:
    """Shape of one row of an output.

    Raises:
        DeviceError: it is free, so that no memory can be set aside for it.
    """
    row = tuple(n for n in info.shape[1:] if n is not None)
    if len(row) < len(info.shape) - 1:
        raise DeviceError(
            f"output {info.name!r} has a free shape {info.shape}; on the GPU only its batch may be free: use "
            "device='cpu' for this model, or export it with fixed shapes"
        )
    return row


def crop_kernel(cuda: ModuleType, format: str, spec: ImageInput, size: tuple[int, int], border: str) -> Any:
    """`crop_normalize` from frames of a pixel format to a model's input of `size`."""
    return cuda.CropNormalize(format, size, border=border, **spec.crop_arguments())


def infer(session: Session, source: Arena, target: Arena, outputs: Mapping[str, str], count: int, stream: int) -> None:
    """Run a model on `count` rows of source["input"], in as few runs of equal size as it takes.

    Args:
        session: the model.
        source: holds `input`.
        target: gets the outputs.
        outputs: name -> key in `target`.
        count: rows in all.
        stream: handle of the stream.
    """
    (name,) = session.inputs
    step = run_rows(session.inputs[name], count)
    for first in range(0, count, step):
        rows = slice(first, first + step)
        session.run_device(
            {name: source.pointer("input", rows)},
            {output: target.pointer(key, rows) for output, key in outputs.items()},
            stream,
        )


def run_rows(info: TensorInfo, count: int) -> int:
    """Rows per run: the model's own batch if it is fixed, else the largest divisor of `count` that is allowed."""
    fixed = info.shape[0]
    if fixed is None:
        # A divisor: runs of one shape need no new tuning, and one recording of a context holds one shape.
        return next(n for n in range(min(count, info.max_batch or count), 0, -1) if count % n == 0)
    if count % fixed:
        raise Error(f"the model takes batches of {fixed}, which do not divide {count}: export it with a free batch")
    return fixed

"""Whether a file has what its spec says: found out when it is opened, not in the middle of the first frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..models.spec import ImageInput, ModelSpec, OutputSpec
from .session import TensorInfo


def mismatch(spec: ModelSpec, inputs: Mapping[str, TensorInfo], outputs: Mapping[str, TensorInfo]) -> str | None:
    """What the spec says that the file does not have, in one line; None when they agree.

    Lengths that the file leaves free fit everything.
    """
    if spec.image.name not in inputs:
        return f"the spec's input {spec.image.name!r} is not in the file, which has {', '.join(inputs)}"
    found = _input_mismatch(spec.image, inputs[spec.image.name])
    for output in spec.outputs:
        if found is None and output.name not in outputs:
            found = f"the spec's output {output.name!r} is not in the file, which has {', '.join(outputs)}"
        found = found or _output_mismatch(output, outputs[output.name].shape)
    return found


def _input_mismatch(spec: ImageInput, info: TensorInfo) -> str | None:
    (w, h), c = spec.size, spec.channels
    wanted = (c, h, w) if spec.layout == "nchw" else (h, w, c)
    shape = info.shape[1:]
    # 0 in a spec is a length that the caller chooses.
    if len(shape) != 3 or any(told and has and told != has for told, has in zip(wanted, shape, strict=True)):
        return f"the spec's input is {list(wanted)}, the file's is {list(shape)}"
    if info.dtype != spec.dtype:
        return f"the spec's input is {spec.dtype}, the file's is {info.dtype}"
    return None


def _output_mismatch(spec: OutputSpec, shape: Sequence[int | None]) -> str | None:
    last = shape[-1] if shape else None
    if last is None or spec.meaning == "detector_stride":
        return None
    if spec.slice and spec.slice[1] > last:
        return f"output {spec.name!r} has {last} columns, the spec takes {list(spec.slice)}"
    if spec.labels and not spec.slice and len(spec.labels) != last:
        return f"output {spec.name!r} has {last} columns, the spec names {len(spec.labels)} labels"
    return None

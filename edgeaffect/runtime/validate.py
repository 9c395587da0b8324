"""Whether a file has what its spec says: found out when it is opened, not in the middle of the first frame.

`open_session`, `edgeaffect models annotate` and `edgeaffect models verify` all run `check_session`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError, SpecError
from ..models.inputs import AudioInput, FeatureInput, ImageInput, Input, StateInput, TokenInput
from ..models.spec import ModelSpec, OutputSpec
from ..models.spec_parts import COLUMNS
from .session import Session, TensorInfo

_FREE_SIDE = 64
"""Side of the picture that models of any size are tried with; padded to the detector's own multiple."""
_DETECTOR_CHANNELS = 15
# Meanings without a form of their own: whatever the tensor is, nobody takes columns from it by name.
_FREE_FORM = ("features", "other", "state", "token_logits", "landmarks", "landmarks_std")
_DISTRIBUTIONS = ("probabilities", "votes", "logits", "log_probs")


def check_session(session: Session, *, run: bool) -> None:
    """Compare a session's tensors with its spec, and what the spec's task needs.

    Args:
        session: just opened.
        run: whether to run it once on a blank input: only that shows the shapes which a file does not declare.

    Raises:
        SpecError: file and spec disagree; the message says in one line what, and what to do.
        ModelError: the model cannot be run on the inputs that its spec describes, or answers with NaN.
    """
    spec = session.spec
    found = _task_problem(spec) or mismatch(spec, session.inputs, session.outputs)
    if found is None and run:
        found = _trial(session)
    if found:
        raise SpecError(f"{session.describe()['file']}: {found}")


def mismatch(spec: ModelSpec, inputs: Mapping[str, TensorInfo], outputs: Mapping[str, TensorInfo]) -> str | None:
    """What spec and file disagree on, in one line; None when they agree."""
    described = {given.name: given for given in spec.inputs}
    for name in described:
        if name not in inputs:
            return f"the spec's input {name!r} is not in the file, which has {', '.join(inputs)}"
    for name, info in inputs.items():
        if name not in described:
            return (
                f"the file's input {name!r} ({info.dtype} {_text(info.shape)}) is not in the spec: describe it in "
                "`inputs`, or export the model without it"
            )
        if found := _input_mismatch(described[name], info):
            return found
    for output in spec.outputs:
        if output.name not in outputs:
            return f"the spec's output {output.name!r} is not in the file, which has {', '.join(outputs)}"
        info = outputs[output.name]
        if found := _output_dtype_mismatch(output, info.dtype) or _output_mismatch(output, info.shape, None):
            return found
    return None


def _task_problem(spec: ModelSpec) -> str | None:
    """What the stage for this task needs and the spec does not offer."""
    if spec.task == "context":
        return _context_problem(spec)
    if spec.task not in ("affect", "face-detector"):
        return None
    try:
        image = spec.image
    except SpecError as error:
        return str(error)
    if spec.task == "face-detector":
        if not image.has_free_size:
            w, h = image.size
            return f"a detector must take pictures of any size (input size [0, 0]); this one takes {w}x{h} only"
        return None
    meanings = {output.meaning for output in spec.outputs}
    if not meanings.intersection(_DISTRIBUTIONS) and not {"valence", "arousal"} <= meanings:
        return (
            f"no output means {', '.join(_DISTRIBUTIONS)} or valence and arousal, so that there is no affect to read; "
            f"outputs mean {', '.join(sorted(meanings))}"
        )
    return None


def _context_problem(spec: ModelSpec) -> str | None:
    try:
        _ = spec.pictures
    except SpecError as error:
        return str(error)
    if spec.alignment.kind != "box" or spec.alignment.rotate:
        return "a context model cuts bodies out by a box: its alignment must be kind box with rotate false"
    meanings = {output.meaning for output in spec.outputs}
    if not meanings & {"label_scores", "label_logits", "valence", "arousal", "dominance", "vad_mean"}:
        return (
            "no output means label_scores, label_logits, valence, arousal, dominance or vad_mean, so that there is "
            f"nothing to read; outputs mean {', '.join(sorted(meanings))}"
        )
    return None


def _text(shape: Sequence[int | None]) -> str:
    return f"[{', '.join('any' if n is None else str(n) for n in shape)}]"


def _input_mismatch(spec: Input, info: TensorInfo) -> str | None:
    wanted, got = spec.lengths(), info.shape
    where = f"input {spec.name!r}"
    if len(wanted) != len(got):
        return f"the spec's {where} is {_text(wanted)} with {len(wanted)} axes, the file's is {_text(got)}"
    if info.dtype != np.dtype(spec.dtype):
        return f"the spec's {where} is {spec.dtype}, the file's is {_dtype(info.dtype)}"
    batch = None if isinstance(spec, StateInput) else got[0]
    if batch not in (None, 1):
        return f"{where} has a fixed batch of {batch}: export the model with a free batch axis, or a batch of 1"
    for axis, (told, has) in enumerate(zip(wanted, got, strict=True)):
        if axis == 0 and not isinstance(spec, StateInput):
            continue
        if told is None and has is not None:
            return f"the spec leaves axis {axis} of {where} free, the file fixes it: {_text(got)}; say so in the spec"
        if told is not None and has is not None and told != has:
            return f"the spec's {where} is {_text(wanted)}, the file's is {_text(got)}"
    return None


def _dtype(dtype: np.dtype[Any]) -> str:
    return "no plain tensor" if dtype == np.void else str(dtype)


def _output_dtype_mismatch(spec: OutputSpec, dtype: np.dtype[Any]) -> str | None:
    if spec.meaning == "detector_stride" and dtype != np.float32:
        return f"output {spec.name!r} must be float32 to be decoded, the file's is {_dtype(dtype)}"
    if dtype == np.void or (spec.meaning not in ("state", "other") and dtype.kind != "f"):
        return f"output {spec.name!r} must be a tensor of floats to mean {spec.meaning}, the file's is {_dtype(dtype)}"
    return None


def _output_mismatch(spec: OutputSpec, shape: Sequence[int | None], rows: int | None) -> str | None:
    """What is wrong with a shape.

    Args:
        spec: what the output means.
        shape: None is a length that the file leaves open.
        rows: how many the run had; None is unknown.
    """
    where = f"output {spec.name!r}"
    if spec.meaning == "detector_stride":
        if len(shape) != 4 or shape[1] not in (None, _DETECTOR_CHANNELS):
            return f"{where} must be [batch, {_DETECTOR_CHANNELS}, height, width] to be decoded, it is {_text(shape)}"
        return None
    if spec.meaning not in _FREE_FORM:
        single = COLUMNS.get(spec.meaning) == 1 and spec.slice is None
        if len(shape) != 2 and not (single and len(shape) == 1):
            return f"{where} must be [batch, columns] to mean {spec.meaning}, it is {_text(shape)}"
    elif not shape and spec.meaning != "other":
        return f"{where} is a single number: it must have a batch axis to mean {spec.meaning}"
    if rows is not None and spec.meaning not in ("state", "other") and shape[0] != rows:
        return f"{where} has {shape[0]} rows for {rows} inputs: export the model with a free batch axis"
    if len(shape) < 2:
        return None
    return _columns_mismatch(spec, where, shape[-1])


def _columns_mismatch(spec: OutputSpec, where: str, last: int | None) -> str | None:
    if last is None:
        return None
    if spec.slice is not None:
        return f"{where} has {last} columns, the spec takes {list(spec.slice)}" if spec.slice[1] > last else None
    if spec.labels and len(spec.labels) != last:
        return f"{where} has {last} columns, the spec names {len(spec.labels)} labels"
    columns = COLUMNS.get(spec.meaning)
    if columns is not None and columns != last:
        return f"{where} has {last} columns, {spec.meaning} has {columns}: take them by `slice`"
    return None


def _trial(session: Session) -> str | None:
    """Run once on blank inputs; None when the answer has the form that the spec promises.

    Models with a state that grows are not run: no spec tells how its length and those of other inputs hang together.
    """
    spec = session.spec
    states = [given for given in spec.inputs if isinstance(given, StateInput)]
    if any(state.growing for state in states):
        return None
    fixed = any(info.shape[0] == 1 for info in session.inputs.values())
    rows = 1 if fixed or states or spec.detector is not None else 2
    feeds = {given.name: blank(given, rows, spec) for given in spec.inputs}
    answers = session.run(feeds)
    for output in spec.outputs:
        values = answers[output.name]
        if found := _output_mismatch(output, values.shape, rows):
            return found
        if values.dtype.kind == "f" and not np.all(np.isfinite(values)):
            raise ModelError(
                f"{session.describe()['file']}: output {output.name!r} is not finite on a blank input: the weights are "
                "damaged, or the normalisation in the spec is wrong"
            )
    return _states_mismatch(states, feeds, answers) or _maps_mismatch(spec, feeds, answers)


def blank(spec: Input, rows: int, model: ModelSpec) -> NDArray[Any]:
    """An input of a shape that the model takes: zeros; of features a ramp, since points in one place have no size."""
    if isinstance(spec, ImageInput):
        multiple = model.detector.pad_multiple if model.detector else 1
        side = -(-_FREE_SIDE // multiple) * multiple
        return np.zeros(spec.shape(rows, (side, side) if spec.has_free_size else None), spec.dtype)
    if isinstance(spec, AudioInput):
        free = None if (spec.mel_bands and spec.frames) or (not spec.mel_bands and spec.samples) else _free_length(spec)
        return np.zeros(spec.shape(rows, free), spec.dtype)
    if isinstance(spec, TokenInput):
        return np.zeros(spec.shape(rows, spec.length or 1), spec.dtype)
    if isinstance(spec, FeatureInput):
        shape = spec.shape(rows)
        return np.linspace(0, 1, math.prod(shape), dtype=spec.dtype).reshape(shape)
    return np.zeros(spec.shape(rows), spec.dtype)


def _free_length(spec: AudioInput) -> int:
    """One second, where the model takes any length."""
    return spec.sample_rate // spec.hop if spec.mel_bands else spec.sample_rate


def _states_mismatch(
    states: Sequence[StateInput], feeds: Mapping[str, NDArray[Any]], answers: Mapping[str, NDArray[Any]]
) -> str | None:
    """Whether what a run gives back as a state is what the next run takes."""
    for state in states:
        given, got = feeds[state.name], answers[state.output]
        if (got.shape, got.dtype) != (given.shape, given.dtype):
            return (
                f"output {state.output!r} is {got.dtype} {list(got.shape)}, but as state {state.name!r} of the next "
                f"run it must be {given.dtype} {list(given.shape)}"
            )
    return None


def _maps_mismatch(
    spec: ModelSpec, feeds: Mapping[str, NDArray[Any]], answers: Mapping[str, NDArray[Any]]
) -> str | None:
    """Whether a detector's maps are those of its strides."""
    if spec.detector is None:
        return None
    height, width = (feeds[spec.image.name].shape[axis] for axis in spec.image.pixel_axes)
    maps = [output.name for output in spec.outputs if output.meaning == "detector_stride"]
    for name, stride in zip(maps, spec.detector.strides, strict=True):
        wanted, got = (height // stride, width // stride), answers[name].shape[2:]
        if got != wanted:
            return f"output {name!r} of shape {list(answers[name].shape)} is not that of stride {stride}"
    return None

"""A question with its answer, carried by every engine file.

At build time ONNX Runtime answers a seeded input on the CPU; the input's recipe, its hash, the answer and a tolerance
go into the file. At its first load on a GPU the engine must give the same answer, or it is refused: nobody has to
trust that an engine which was built somewhere else computes what its model does.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import Error, ModelError
from ...models.file import ModelFile
from ...models.inputs import ImageInput, Input, StateInput, TokenInput
from ...models.spec import ModelSpec
from ..onnxruntime import OnnxRuntimeSession

Arrays = Mapping[str, NDArray[Any]]

SEED = 20_260_101
_MAX_VALUES = 1 << 26
_KEPT_VALUES = 2048  # per output; larger ones are sampled evenly

# Greatest difference over greatest magnitude of an output. float32 without TF32 differs by the order of sums only
# (1e-5 and less in practice; 2e-3 leaves room for a chain of a hundred layers). fp16 has an 11-bit mantissa: 5e-4 a
# rounding, some dozens of them in a row. int8 rounds to 1/127 of a tensor's range, and a value that lies on the edge
# between two steps may fall either way in each layer.
TOLERANCES = {"fp32": 2e-3, "fp16": 3e-2, "int8": 1.5e-1}


class SelfTestError(Error):
    """An engine does not compute what its model computes."""


def sample_input(spec: Input, shape: Sequence[int], seed: int = SEED) -> NDArray[Any]:
    """Values that a model could really be given, in its own format.

    Args:
        spec: the input. Images are smooth, because noise averages to the same gray in every network; tokens are
            numbers of the vocabulary, states are zeros, sound and features are plain noise.
        shape: of the input tensor.
        seed: of `RandomState`, whose stream NumPy has promised never to change.

    Returns:
        array of `shape` and the spec's dtype.
    """
    random = np.random.RandomState(seed)
    if isinstance(spec, ImageInput) and len(shape) == 4:
        return _sample_image(spec, shape, random)
    if isinstance(spec, TokenInput):
        return random.randint(0, spec.vocabulary, tuple(shape)).astype(spec.dtype)
    if isinstance(spec, StateInput):
        return np.zeros(tuple(shape), spec.dtype)
    return random.standard_normal(tuple(shape)).astype(spec.dtype)


def _sample_image(spec: ImageInput, shape: Sequence[int], random: np.random.RandomState) -> NDArray[Any]:
    n, c = shape[0], spec.channels
    h, w = (shape[axis] for axis in spec.pixel_axes)
    y, x = np.linspace(0, 1, h)[:, None], np.linspace(0, 1, w)[None, :]
    pixels = np.zeros((n, c, h, w))
    for frequency in (1, 2, 4, 8):
        fx, fy, phase = (random.rand(n, c, 1, 1) * s for s in (frequency, frequency, 1.0))
        pixels += np.cos(2 * np.pi * (fx * x + fy * y + phase)) / frequency
    low, high = pixels.min((2, 3), keepdims=True), pixels.max((2, 3), keepdims=True)
    pixels = 255 * (pixels - low) / np.maximum(high - low, 1e-9)
    mean, std = (np.broadcast_to(np.asarray(v, float), (c,))[:, None, None] for v in (spec.mean, spec.std))
    values = (pixels * spec.scale - mean) / std
    if spec.layout == "nhwc":
        values = values.transpose(0, 2, 3, 1)
    if spec.quant is not None:
        scale, zero = spec.quant
        values = values / scale + zero
    if spec.dtype in ("int8", "uint8"):
        limits = np.iinfo(spec.dtype)
        values = np.clip(np.rint(values), limits.min, limits.max)
    return np.ascontiguousarray(values.astype(spec.dtype))


def sample_inputs(spec: ModelSpec, shapes: Mapping[str, Sequence[int]], seed: int = SEED) -> dict[str, NDArray[Any]]:
    """`sample_input` for every input of a model."""
    return {given.name: sample_input(given, shapes[given.name], seed) for given in spec.inputs}


def make_self_test(
    model: ModelFile, precision: str, shapes: Mapping[str, Sequence[int]], *, tolerance: float | None = None
) -> dict[str, Any]:
    """Ask ONNX Runtime on the CPU.

    Args:
        model: the ONNX file.
        precision: of the graph; it settles the tolerance.
        shapes: input name -> shape within the engine's profile; an input that is not named has its fixed shape.
        tolerance: None takes the precision's own.

    Raises:
        ModelError: the model returns something not finite, so that nothing could be compared.
    """
    session = OnnxRuntimeSession(model)
    try:
        fixed = {name: tuple(n or 1 for n in info.shape) for name, info in session.inputs.items()}
        chosen = {name: [int(n) for n in shapes.get(name, shape)] for name, shape in fixed.items()}
        question = sample_inputs(model.spec, chosen)
        answer = session.run(question)
    finally:
        session.close()
    outputs = {}
    for name, value in answer.items():
        values = np.asarray(value, np.float32)
        if not np.all(np.isfinite(values)):
            raise ModelError(
                f"{model.path}: output {name!r} is not finite on the self-test's input; the model is broken"
            )
        outputs[name] = {"shape": list(values.shape), "values": _encode(_subset(values))}
    return {
        "seed": SEED,
        "shapes": chosen,
        "input_sha256": _digest(question),
        "tolerance": TOLERANCES[precision] if tolerance is None else tolerance,
        "reference": session.describe()["runtime"],
        "outputs": outputs,
    }


def run_self_test(test: Mapping[str, Any], spec: ModelSpec, run: Callable[[Arrays], Arrays]) -> float:
    """Ask the engine and compare.

    Args:
        test: what `make_self_test` gave.
        spec: of the model.
        run: input name -> array in, output name -> array out.

    Returns:
        the largest relative difference found.

    Raises:
        SelfTestError: an output differs by more than the tolerance, has another shape, or is missing; or the input
            cannot be made again exactly.
    """
    question, expected, tolerance = _read_test(test, spec)
    answer = run(question)
    worst = 0.0
    for name, (shape, values) in expected.items():
        if name not in answer or answer[name].shape != shape:
            got = answer[name].shape if name in answer else "nothing"
            raise SelfTestError(f"{spec.name}: the engine's output {name!r} has shape {got}, expected {shape}")
        actual = _subset(np.asarray(answer[name], np.float32))
        scale = max(float(np.abs(values).max(initial=0.0)), 1e-6)
        difference = float(np.abs(actual - values).max(initial=0.0)) / scale
        if not difference <= tolerance:  # also true for NaN
            raise SelfTestError(
                f"{spec.name}: the engine's output {name!r} differs from ONNX Runtime's by {difference:.3g} of its "
                f"range, more than {tolerance:.3g}: it does not compute this model on this GPU. Delete it "
                "(edgeaffect engines clean), build it again, or use runtime='onnxruntime'"
            )
        worst = max(worst, difference)
    return worst


def _read_test(
    test: Mapping[str, Any], spec: ModelSpec
) -> tuple[dict[str, NDArray[Any]], dict[str, tuple[tuple[int, ...], NDArray[np.float32]]], float]:
    """Question, expected answers and tolerance of a self-test, which comes from a file."""
    try:
        shapes = {given.name: tuple(test["shapes"][given.name]) for given in spec.inputs}
        if any(math.prod(shape) > _MAX_VALUES for shape in shapes.values()):
            raise ValueError(f"a shape of more than {_MAX_VALUES} values")
        question = sample_inputs(spec, shapes, test["seed"])
        expected = {name: (tuple(o["shape"]), _decode(o["values"])) for name, o in test["outputs"].items()}
        tolerance, digest = float(test["tolerance"]), test["input_sha256"]
        for name, (shape, values) in expected.items():
            if len(values) != min(math.prod(shape), _KEPT_VALUES):
                raise ValueError(f"output {name!r} does not have the values of its shape")
    except (KeyError, TypeError, ValueError, OverflowError, IndexError, AttributeError) as error:
        raise SelfTestError(f"{spec.name}: the engine's self-test is unreadable ({error}): build it again") from error
    if not expected:
        raise SelfTestError(f"{spec.name}: the engine's self-test compares nothing: build it again")
    if _digest(question) != digest:
        raise SelfTestError(f"{spec.name}: the self-test's input comes out differently here: build the engine here")
    return question, expected, tolerance


def _subset(values: NDArray[np.float32]) -> NDArray[np.float32]:
    flat = values.ravel()
    if flat.size <= _KEPT_VALUES:
        return flat
    return flat[np.linspace(0, flat.size - 1, _KEPT_VALUES).astype(np.int64)]


def _digest(question: Arrays) -> str:
    digest = hashlib.sha256()
    for name in sorted(question):
        # Rounded, because the last bit of cos() belongs to the C library.
        digest.update((np.round(question[name].astype(np.float64), 3) + 0.0).astype("<f4").tobytes())
    return digest.hexdigest()


def _encode(values: NDArray[np.float32]) -> str:
    return base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")


def _decode(text: str) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(text, validate=True), "<f4")

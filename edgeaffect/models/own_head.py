"""A small head over a model's features, inside the model's own file: one file, one run, labels of the user's own.

The file stays what it was (its emotions, valence and arousal are computed by the same nodes) and has one output more,
of meaning `own_probabilities` or `own_value`, which reaches results as `Affect.own`.
"""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .._checks import check, show
from ..circumplex import EMOTIONS
from ..errors import SpecError
from ..labels import canonical
from .file import ModelFile
from .graph_edit import Addition, Node, append_to_graph
from .spec import ModelSpec, OutputSpec

Floats = NDArray[np.float64]

PROBABILITIES, VALUE = "own_probabilities", "own_value"
MAX_LABELS = 64
_OUTPUT = "own"


@dataclass(frozen=True, eq=False)
class OwnHead:
    """Linear over standardised, pooled features: softmax of classes, or one clipped value."""

    name: str
    """Name of the whole, such as `engagement`."""
    labels: tuple[str, ...]
    """Classes; empty for a value."""
    weights: Floats
    """[features, classes], or [features, 1], for features as they are (standardisation is folded in)."""
    bias: Floats
    """[classes] or [1]."""
    bounds: tuple[float, float] = (-np.inf, np.inf)
    """A value is clipped to what people gave: nobody knows what lies beyond."""

    def __post_init__(self) -> None:
        for label in (self.name, *self.labels):
            check_own_label(label)
        check(len(set(self.labels)) == len(self.labels) <= MAX_LABELS and len(self.labels) != 1, "labels",
              self.labels, f"2 to {MAX_LABELS} different names, or none for a value")  # fmt: skip

    def apply(self, features: Floats) -> Floats:
        """[n, classes] probabilities, or [n, 1] values, of pooled features [n, d]."""
        out = np.asarray(features, np.float64) @ self.weights + self.bias
        if not self.labels:
            return out.clip(*self.bounds)
        out = np.exp(out - out.max(1, keepdims=True))
        shares: Floats = out / out.sum(1, keepdims=True)
        return shares


def check_own_label(label: str) -> None:
    """Refuse a name that is empty, hard to write, or means one of the eight emotions, which a head must not fake.

    Raises:
        ValueError: it is one of these.
    """
    if not label or not label.isprintable() or len(label) > 64 or label != label.strip():
        raise ValueError(f"a label is 1 to 64 printable characters without space around; got {show(label)}")
    if canonical(label) in EMOTIONS:
        raise ValueError(
            f"{show(label)} means one of the eight emotions, which the model already tells: give your label a name of "
            "its own, or fit the emotions by `edgeaffect calibrate`"
        )


def feature_output(model: ModelFile) -> OutputSpec:
    """The output that heads stand on.

    Raises:
        SpecError: the model gives no features.
    """
    found = model.spec.output("features")
    if found is None or found.slice is not None:
        raise SpecError(
            f"{model.path} gives no features: a head needs a model with an output of meaning `features`, such as the "
            "bundled affect models, or one exported with it (docs/bring-your-own-checkpoint.md)"
        )
    return found


def pool(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """[n, c, h, w] -> [n, c], the mean over places; [n, c] stays."""
    if features.ndim not in (2, 4):
        raise SpecError(f"features must be [batch, channels] or [batch, channels, h, w]; got {list(features.shape)}")
    pooled: NDArray[np.float32] = features if features.ndim == 2 else features.mean((2, 3))
    return pooled


def write_with_head(
    base: ModelFile, head: OwnHead, path: str | os.PathLike[str], *, feature_axes: int, told: str, data: str
) -> ModelFile:
    """Write the base model with a head to `path`.

    Args:
        base: model that gives features; an ONNX file.
        head: to add.
        path: new file.
        feature_axes: axes of the feature output, 2 or 4, as a run shows them.
        told: how the head was fitted, for the spec's recipe.
        data: what it was fitted to, for the spec's training data.

    Raises:
        SpecError: the base gives no features, has a head already, or is no ONNX file.
    """
    features = feature_output(base)
    if any(output.meaning in (PROBABILITIES, VALUE) for output in base.spec.outputs):
        raise SpecError(f"{base.path} has a head already: fit to the model that it was made of")
    columns = head.weights.shape[1]
    nodes = [] if feature_axes == 2 else [
        Node("GlobalAveragePool", (features.name,), ("own_means",)),
        Node("Flatten", ("own_means",), ("own_features",), {"axis": 1}),
    ]  # fmt: skip
    nodes.append(Node("Gemm", (nodes[-1].outputs[0] if nodes else features.name, "own_weights", "own_bias"),
                      ("own_scores",)))  # fmt: skip
    constants = {"own_weights": head.weights.astype(np.float32), "own_bias": head.bias.astype(np.float32)}
    if head.labels:
        nodes.append(Node("Softmax", ("own_scores",), (_OUTPUT,), {"axis": -1}))
    else:
        nodes.append(Node("Clip", ("own_scores", "own_least", "own_most"), (_OUTPUT,)))
        constants |= {f"own_{end}": np.array(value, np.float32)
                      for end, value in zip(("least", "most"), head.bounds, strict=True)}  # fmt: skip
    append_to_graph(base.path, path, Addition(tuple(nodes), constants, {_OUTPUT: columns}))
    spec = dataclasses.replace(
        base.spec,
        name=f"{base.spec.name}-{head.name}"[:128].replace("/", "_").replace("\\", "_"),
        outputs=(
            *base.spec.outputs,
            OutputSpec(_OUTPUT, PROBABILITIES if head.labels else VALUE, None, head.labels or (head.name,)),
        ),
        training_data=(*base.spec.training_data, data),
        recipe=f"{base.spec.recipe}; {told}" if base.spec.recipe else told,
    )
    spec.write_to(path)
    return ModelFile(Path(path), ModelSpec.from_onnx(path))

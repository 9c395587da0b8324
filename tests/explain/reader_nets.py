"""A reader of one layer: every word adds its row of a table, and the sums are the logits."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from edgeaffect.explain.cues import ASPECTS
from edgeaffect.explain.meaning import SLOTS
from edgeaffect.explain.reader import LABELS, TOKENS
from edgeaffect.explain.reading import READ_INTENTS
from edgeaffect.explain.vocabulary import PAD, Vocabulary
from edgeaffect.models import metadata
from edgeaffect.models.inputs import TokenInput
from edgeaffect.models.spec import METADATA_KEY, ModelSpec
from edgeaffect.models.spec_parts import OutputSpec

SIZES = (len(READ_INTENTS), len(SLOTS), len(ASPECTS), len(ASPECTS))


def word_reader(path, vocabulary: Vocabulary, weights: dict[str, dict[tuple[str, str], float]], **changes):
    """Write it.

    Args:
        path: of the ONNX file.
        vocabulary: its words.
        weights: word -> {(output, label): what it adds to that logit}.
        changes: fields of the spec that are to be others.
    """
    table = np.zeros((len(vocabulary), sum(SIZES)), np.float32)
    starts = dict(zip(LABELS, np.cumsum((0, *SIZES)), strict=False))
    for word, adds in weights.items():
        for (output, label), value in adds.items():
            table[vocabulary.id_of(word), starts[output] + LABELS[output].index(label)] = value
    bias = np.zeros(sum(SIZES), np.float32)
    bias[starts["present"] :] = -4
    nodes = [
        helper.make_node("Gather", ["table", TOKENS], ["rows"]),
        helper.make_node("ReduceSum", ["rows", "axis"], ["sum"], keepdims=0),
        helper.make_node("Add", ["sum", "bias"], ["logits"]),
        helper.make_node("Split", ["logits", "sizes"], ["i", "s", "p", "a"], axis=1),
        helper.make_node("Softmax", ["i"], ["intent"], axis=-1),
        helper.make_node("Softmax", ["s"], ["slot"], axis=-1),
        helper.make_node("Sigmoid", ["p"], ["present"]),
        helper.make_node("Sigmoid", ["a"], ["absent"]),
    ]
    constants = {"table": table, "axis": np.array([1]), "bias": bias, "sizes": np.array(SIZES)}
    graph = helper.make_graph(
        nodes,
        "reader",
        [helper.make_tensor_value_info(TOKENS, TensorProto.INT64, ["batch", "length"])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", size])
            for name, size in zip(LABELS, SIZES, strict=True)
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.save(model, str(path))
    meanings = {"intent": "probabilities", "slot": "probabilities"}
    fields = {
        "name": "reader", "version": "1", "task": "explain", "inputs": (TokenInput(TOKENS, len(vocabulary), pad=PAD),),
        "outputs": tuple(
            OutputSpec(name, meanings.get(name, "other"), labels=labels) for name, labels in LABELS.items()
        ),
        **changes,
    }  # fmt: skip
    metadata.write(path, METADATA_KEY, ModelSpec(**fields).to_json())
    return path

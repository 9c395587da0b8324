"""Writes a trained reader as ONNX: embeddings in 5 bits, matrices in 7, all else as fp16; arithmetic in fp32."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch

from edgeaffect.explain.reader import LABELS, TOKENS
from edgeaffect.explain.vocabulary import PAD, Vocabulary
from edgeaffect.models import metadata
from edgeaffect.models.inputs import TokenInput
from edgeaffect.models.spec import METADATA_KEY, ModelSpec
from edgeaffect.models.spec_parts import OutputSpec
from training.storage import shorten_names, store_as_bytes

from .reader_network import ExportedReader, ReaderNet

_MATRIX_STEPS = 63
"""Largest step of a matrix: 7 bits, which a zip packs into fewer bytes than 8."""
_MEANING = {"intent": "probabilities", "slot": "probabilities"}


def export(net: ReaderNet, vocabulary: Vocabulary, path: Path) -> None:
    """Write `reader.onnx` with its spec, and prove it against PyTorch.

    Raises:
        AssertionError: ONNX Runtime and PyTorch disagree.
    """
    shipped = ExportedReader(net.eval()).eval()
    tokens = torch.randint(5, len(vocabulary), (2, 9))
    tokens[1, 6:] = PAD
    names = tuple(LABELS)
    axes = {name: {0: "batch"} for name in names}
    torch.onnx.export(
        shipped, (tokens,), str(path), input_names=[TOKENS], output_names=list(names), opset_version=17, dynamo=False,
        dynamic_axes={TOKENS: {0: "batch", 1: "length"}, **axes},
    )  # fmt: skip
    model = onnx.load(str(path))
    store_as_bytes(model, _MATRIX_STEPS)
    shorten_names(model)
    onnx.save(model, str(path))
    spec = ModelSpec(
        name="explainer-reader", version="2.0.0", task="explain", licence="apache-2.0",
        inputs=(TokenInput(TOKENS, len(vocabulary), pad=PAD),),
        outputs=(
            *(OutputSpec(name, _MEANING.get(name, "other"), labels=labels) for name, labels in LABELS.items()),
        ),
        training_data=(
            "wordings and written lines of training/explain", "all-MiniLM-L6-v2 (Apache-2.0)",
            "Glasgow norms (words only)",
        ),
        recipe="training/explain/reader.py",
    )  # fmt: skip
    metadata.write(path, METADATA_KEY, spec.to_json())
    _prove(shipped, path, tokens)


@torch.no_grad()
def _prove(shipped: ExportedReader, path: Path, tokens: torch.Tensor) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for rows in (tokens, tokens[:1, :3]):
        found = session.run(None, {TOKENS: rows.numpy()})
        for ours, theirs in zip(found, shipped(rows), strict=True):
            # Steps of 1/63 of the largest weight through three layers.
            if np.abs(ours - theirs.numpy()).max() > 0.1:
                raise AssertionError(f"{path.name} and PyTorch differ by {np.abs(ours - theirs.numpy()).max():.3g}")

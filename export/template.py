"""What a user does next whose model says nothing about itself: a spec to fill in, and the commands that take it."""

from __future__ import annotations

import json

# Every value is allowed as it stands; all of them are the user's to correct.
TEMPLATE = {
    "schema": "edgeaffect.model/1",
    "name": "my-model",
    "version": "1.0.0",
    "task": "affect",
    "inputs": [
        {
            "kind": "image",
            "name": "image",
            "size": [224, 224],
            "color": "rgb",
            "layout": "nchw",
            "dtype": "float32",
            "scale": 1 / 255,
            "mean": [0.485, 0.456, 0.406],
            "std": [0.229, 0.224, 0.225],
        }
    ],
    "alignment": {"kind": "box", "square": True, "expand": 1.2, "rotate": False},
    "outputs": [
        {
            "name": "logits",
            "meaning": "logits",
            "labels": ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"],
        }
    ],
    "licence": "unknown",
}

_FIELDS = """\
inputs: name, (width, height), colour and normalisation of the picture; value = (pixel * scale - mean) / std
alignment: how a face is cut out: box (square, expand) or landmarks5 (template)
outputs: name and meaning of each: logits, probabilities, valence, arousal, ...; labels in the order of the training"""


def template_text() -> str:
    """The spec to fill in, as JSON."""
    return json.dumps(TEMPLATE, indent=2)


def _guide() -> str:
    return f"{template_text()}\n\n{_FIELDS}"


def explain_weights(name: str, architectures: tuple[str, ...]) -> str:
    """For a file that holds weights, and nobody said of what."""
    return (
        f"{name} holds weights only, which do not say how to compute with them.\n"
        f"* They belong to a known one: name their architecture with --arch NAME, one of {', '.join(architectures)}.\n"
        "* They belong to a module of your own: write its spec into spec.json (below), load them into the module, "
        "and in Python:\n"
        "    from edgeaffect.export import export\n"
        '    export(module, "out", spec=ModelSpec.from_json(open("spec.json").read()))\n'
        "  or make an ONNX file of it (torch.onnx.export) and go on with\n"
        "    edgeaffect models annotate model.onnx --spec spec.json\n\n"
        f"spec.json, to be filled in (edgeaffect export --spec-template prints it alone):\n{_guide()}"
    )


def explain_program(name: str) -> str:
    """For a file that can compute, and does not say what."""
    return (
        f"{name} does not say what its input and outputs mean: write them into spec.json (below) and run the command "
        "again with --spec spec.json.\n\n"
        f"spec.json, to be filled in (edgeaffect export --spec-template prints it alone):\n{_guide()}"
    )

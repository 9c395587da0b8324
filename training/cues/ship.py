"""Finished cue files -> the files of the package: `python -m training.cues.ship --out DIR [--folder DIR]`.

Turns what `training.cues.export` writes about a file (metadata `edgeaffect.cues`) into its `ModelSpec`, and copies it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import onnx

from edgeaffect.models import metadata
from edgeaffect.models.precision import INTEGERS_KEY, PRECISION_KEY
from edgeaffect.models.registry import FILES
from edgeaffect.models.spec import METADATA_KEY, ModelSpec
from training.cues.export import METADATA_KEY as FACTS_KEY
from training.cues.gates import NAMES

_MEANINGS = {"pose": "head_pose", "pose_std": "head_pose_std"}


def spec_of(name: str, facts: dict[str, Any]) -> ModelSpec:
    """The spec of a file, from the facts that its export wrote."""
    image = {key: facts["input"][key] for key in ("name", "size", "color", "scale", "mean", "std")}
    outputs = [
        {
            "name": key,
            "meaning": _MEANINGS.get(key, key),
            "labels": facts["blendshapes"] if key == "blendshapes" else [],
        }
        for key in facts["outputs"]
    ]
    return ModelSpec.from_dict(
        {
            "name": name, "version": facts["version"], "task": "cues", "inputs": [{"kind": "image", **image}],
            "alignment": facts["framing"], "outputs": outputs,
            "calibration": {"temperature": {}, "fitted_on": facts["calibration"]["fitted_on"]},
            "licence": facts["licence"], "training_data": facts["training_data"], "recipe": facts["recipe"],
        }
    )  # fmt: skip


def ship(source: Path, target: Path) -> None:
    """Copy one file with its spec in place of the facts."""
    facts = json.loads(metadata.read(source)[FACTS_KEY])
    model = onnx.load(str(source))
    kept = [entry for entry in model.metadata_props if entry.key != FACTS_KEY]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    onnx.save(model, str(target))
    if target.stem.endswith("-int8"):
        metadata.write(target, PRECISION_KEY, "int8")
        metadata.write(target, INTEGERS_KEY, "onnxruntime")
    metadata.write(target, METADATA_KEY, spec_of(target.stem, facts).to_json())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=Path, help="folder that `training.cues.make` wrote")
    parser.add_argument("--folder", type=Path, default=FILES, help="where to put the files")
    arguments = parser.parse_args()
    for name in NAMES:
        ship(arguments.out / f"{name}.onnx", arguments.folder / f"{name}.onnx")


if __name__ == "__main__":
    main()

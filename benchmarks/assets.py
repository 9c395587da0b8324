"""What peers need: detectors from the data folder, a network made here, and the inputs of our models.

Peers that prepare frames for our detector do so in the size and colour that it takes. The network made here has random
weights, because EmotiEffLib fetches its own from the network at first use; the time does not depend on them.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import frames


def prepare(data: Path, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Paths and facts by name, and one line for each thing that could not be had."""
    found: dict[str, Any] = {"inputs": inputs()}
    missing = []
    for name, file in (("yunet", "yunet_n_dynamic.onnx"), ("rfb", "rfb_320.onnx")):
        path = data / "baselines" / file
        if path.is_file():
            found[name] = str(path)
        else:
            missing.append(f"{file} is not in {data.name}/baselines: peers that need it are left out")
    landmarker = data / "teachers" / "face_landmarker.task"
    if landmarker.is_file():
        found["face_landmarker"] = str(landmarker)
    else:
        missing.append(f"face_landmarker.task is not in {data.name}/teachers: MediaPipe has no rows of cues")
    target = folder / "efficientnet_b0_random.onnx"
    try:
        efficientnet_b0(target)
        found["efficientnet_b0"] = str(target)
    except ImportError as error:
        missing.append(f"EfficientNet-B0 could not be made ({error}): EmotiEffLib is left out")
    return found, missing


def inputs() -> dict[str, dict[str, Any]]:
    """Inputs of both default models: size [w, h], colour, scale, mean, std; also the affect model's zoo variant."""
    from edgeaffect import FaceDetector
    from edgeaffect.models import FLOAT_DEFAULTS, find

    detector, affect = FaceDetector(max_side=320, device="cpu"), find(None, "affect").spec.image
    return {
        "detector": _facts(detector.model.spec.image, detector.letterbox(*frames.SIZE).size),
        "affect": {**_facts(affect, affect.size), "variant": FLOAT_DEFAULTS["affect"].removeprefix("affect-")},
    }


def _facts(spec: Any, size: tuple[int, int]) -> dict[str, Any]:
    return {"size": list(size), **{name: getattr(spec, name) for name in ("color", "scale", "mean", "std")}}


def efficientnet_b0(target: Path) -> None:
    """EfficientNet-B0 at 224x224 with eight outputs, HSEmotion's layers, random weights, as plain ONNX."""
    import onnx
    import torch
    from edgeaffect.export import zoo
    from edgeaffect.export.onnx_export import to_onnx

    torch.manual_seed(0)
    architecture = zoo.get("hsemotion-b0")
    # EmotiEffLib feeds a tensor called "input".
    spec = replace(architecture.spec, inputs=(replace(architecture.spec.image, name="input"),))
    onnx.save(to_onnx(architecture.build({}).eval(), spec), target)

"""Model files that peers need: two detectors from the data folder, one network with random weights made here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path


def prepare(data: Path, folder: Path) -> tuple[dict[str, str], list[str]]:
    """Paths by name, and one line for each thing that could not be had."""
    found, missing = {}, []
    for name, file in (("yunet", "yunet_n_dynamic.onnx"), ("rfb", "rfb_320.onnx")):
        path = data / "baselines" / file
        if path.is_file():
            found[name] = str(path)
        else:
            missing.append(f"{file} is not in {data.name}/baselines: peers that need it are left out")
    target = folder / "efficientnet_b0_random.onnx"
    try:
        efficientnet_b0(target)
        found["efficientnet_b0"] = str(target)
    except ImportError as error:
        missing.append(f"EfficientNet-B0 could not be made ({error}): EmotiEffLib is left out")
    return found, missing


def efficientnet_b0(target: Path) -> None:
    """EfficientNet-B0 at 224x224 with eight outputs, HSEmotion's layers, random weights, as plain ONNX."""
    import onnx
    import torch
    from edgeaffect.export import zoo
    from edgeaffect.export.onnx_export import to_onnx

    torch.manual_seed(0)
    architecture = zoo.get("hsemotion-b0")
    # EmotiEffLib feeds a tensor called "input".
    spec = replace(architecture.spec, input=replace(architecture.spec.input, name="input"))
    onnx.save(to_onnx(architecture.build({}).eval(), spec), target)

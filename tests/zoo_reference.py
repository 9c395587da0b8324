"""Reference weights and inputs of the zoo, and the compact copy of its layouts that the tests check against.

The full layouts (ordered keys, shapes, dtypes and one output computed by the authors' own code) lie outside the
repository. `python tests/zoo_reference.py LAYOUTS` condenses them into `zoo_layouts.json`.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

FIXTURE = Path(__file__).with_name("zoo_layouts.json")
FULL_LAYOUTS = Path(os.environ.get("EDGEAFFECT_LAYOUTS", Path(__file__).parents[2] / "shared" / "research" / "layouts"))

Entry = tuple[str, list[int], str]


def entries(module: nn.Module) -> list[Entry]:
    """Ordered (key, shape, dtype) of a module's state_dict."""
    return [(key, list(v.shape), str(v.dtype).removeprefix("torch.")) for key, v in module.state_dict().items()]


def digest(layout: Iterable[Entry]) -> str:
    """Hash of ordered keys, shapes and dtypes."""
    return hashlib.sha256("\n".join(f"{k} {tuple(s)} {d}" for k, s, d in layout).encode()).hexdigest()


def fill(module: nn.Module, seed: int = 0) -> nn.Module:
    """Give a module the reference weights: the recipe of the layouts' README, drawn in state_dict order."""
    rng = np.random.RandomState(seed)
    state = module.state_dict()
    for key, value in state.items():
        if not value.is_floating_point():
            continue
        shape = tuple(value.shape)
        if key.endswith("running_var"):
            drawn = rng.uniform(0.5, 1.5, shape)
        elif key.endswith("weight") and len(shape) == 1:
            drawn = rng.uniform(0.8, 1.2, shape)
        elif len(shape) >= 2:
            drawn = rng.randn(*shape) / np.sqrt(np.prod(shape[1:]))
        else:
            drawn = rng.randn(*shape) * 0.05
        state[key] = torch.from_numpy(np.asarray(drawn, np.float32))
    module.load_state_dict(state)
    return module.eval()


def reference_input(side: int, normalisation: str) -> torch.Tensor:
    """The reference picture [1, 3, side, side]."""
    picture = np.random.RandomState(1).rand(1, 3, side, side).astype(np.float32)
    if normalisation == "imagenet":
        mean = np.array([0.485, 0.456, 0.406], np.float32).reshape(1, 3, 1, 1)
        std = np.array([0.229, 0.224, 0.225], np.float32).reshape(1, 3, 1, 1)
        picture = (picture - mean) / std
    return torch.from_numpy(picture)


def flatten(output: Any) -> NDArray[np.float64]:
    """Outputs of one picture as one vector, in the order of the forward pass (or of the layout file)."""
    parts = output.values() if isinstance(output, dict) else [output]
    return np.concatenate([np.asarray(part, np.float64).ravel() for part in parts])


def condense(folder: Path) -> None:
    """Write `zoo_layouts.json` from a folder of full layouts."""
    result = {}
    for path in sorted(folder.glob("*.json")):
        full = json.loads(path.read_text("utf-8"))
        result[full["name"]] = {
            "input_size": full["input_size"],
            "normalisation": full["normalisation"],
            "entries": len(full["state_dict"]),
            "digest": digest((k, s, d) for k, s, d in full["state_dict"]),
            "output": full["reference"]["output"],
        }
    FIXTURE.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    condense(Path(sys.argv[1]) if len(sys.argv) > 1 else FULL_LAYOUTS)

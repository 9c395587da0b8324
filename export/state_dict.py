"""From whatever a checkpoint file holds to a state_dict, and from a state_dict into a module."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from . import zoo
from .errors import CheckpointError

StateDict = dict[str, Tensor]

# Where training scripts keep the weights, most specific first; `average` is the running average that
# training.affect keeps beside the last step's weights and ships.
_WRAPPERS = ("average", "model_state_dict", "state_dict", "model_state", "model", "net", "network", "weights")
# DataParallel, torch.compile, and the attribute names of Lightning modules.
_PREFIXES = ("module.", "_orig_mod.", "model.", "net.")
_COUNTER = ".num_batches_tracked"
_LISTED = 8


def extract(content: Any, source: str) -> StateDict:
    """Find the weights in a checkpoint's content.

    Args:
        content: a module, a state_dict, or a dict that holds one under a usual name.
        source: how to call the file in an error.

    Raises:
        CheckpointError: no weights there; the message lists what is.
    """
    if isinstance(content, nn.Module):
        return dict(content.state_dict())
    for _ in range(len(_WRAPPERS)):
        if not isinstance(content, Mapping):
            break
        tensors = {str(key): value for key, value in content.items() if isinstance(value, Tensor)}
        wrapper = next((name for name in _WRAPPERS if isinstance(content.get(name), Mapping)), None)
        if wrapper is None:
            if tensors:
                return _without_prefix(tensors)
            break
        content = content[wrapper]
    held = f"keys {_listing(map(str, content))}" if isinstance(content, Mapping) else type(content).__name__
    raise CheckpointError(f"{source} holds no weights ({held}): expected a state_dict, plain or under {_WRAPPERS}")


def _without_prefix(tensors: StateDict) -> StateDict:
    """Strip what wrappers put before every key."""
    while prefix := next((p for p in _PREFIXES if all(key.startswith(p) for key in tensors)), None):
        tensors = {key.removeprefix(prefix): value for key, value in tensors.items()}
    return tensors


def load_into(module: nn.Module, state: StateDict, *, architecture: str, source: str) -> None:
    """Copy weights into a module, all or nothing.

    BatchNorm's step counters may be missing: old files lack them and inference does not use them.

    Raises:
        CheckpointError: keys or shapes differ. The message lists the differences and names the architecture
            of the zoo that fits best.
    """
    expected = module.state_dict()
    missing = [key for key in expected if key not in state and not key.endswith(_COUNTER)]
    unexpected = [key for key in state if key not in expected]
    mismatched = [
        f"{key} {tuple(state[key].shape)} instead of {tuple(expected[key].shape)}"
        for key in expected
        if key in state and state[key].shape != expected[key].shape
    ]
    if missing or unexpected or mismatched:
        lines = [f"{source} does not fit {architecture} ({len(expected)} entries):"]
        for title, keys in (("missing", missing), ("unexpected", unexpected), ("other shape", mismatched)):
            if keys:
                lines.append(f"  {title}: {len(keys)}: {_listing(keys)}")
        lines.append(f"  {_advice(state, architecture)}")
        raise CheckpointError("\n".join(lines))
    module.load_state_dict(state, strict=False)


def _listing(keys: Iterable[str]) -> str:
    keys = list(keys)
    return ", ".join(keys[:_LISTED]) + (f", ... {len(keys) - _LISTED} more" if len(keys) > _LISTED else "")


def fit(state: StateDict, name: str) -> float:
    """Share of entries, in [0, 1], that a checkpoint and an architecture have in common (key and shape)."""
    with torch.device("meta"):
        expected = zoo.get(name).build(state).state_dict()
    keys = {key for key in expected if not key.endswith(_COUNTER)}
    given = {key for key in state if not key.endswith(_COUNTER)}
    same = sum(state[key].shape == expected[key].shape for key in keys & given)
    return same / max(1, len(keys | given))


def _advice(state: StateDict, architecture: str) -> str:
    best = max(zoo.ARCHITECTURES, key=lambda name: fit(state, name))
    share = fit(state, best)
    if share == 1.0:
        return f"it is a checkpoint of {best}: use --arch {best}"
    if share < 0.5 or best == architecture:
        return "no architecture of the zoo fits; for a model of your own use edgeaffect.export.export(module, spec=...)"
    return f"nearest architecture: {best} ({share:.0%} of the entries)"

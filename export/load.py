"""Read a checkpoint file, whatever PyTorch wrote it, without running code that it may carry.

| file                                   | read by                                                        |
|----------------------------------------|----------------------------------------------------------------|
| state_dict, plain or wrapped           | `torch.load(weights_only=True)`                                |
| pickled module or training state       | `shell_pickle.read`, only with `trust_pickle=True`              |
| `.safetensors`                         | `read_safetensors`                                             |
| TorchScript, `.pt2` of `torch.export`  | `program`: they bring their own graph and need no architecture |
"""

from __future__ import annotations

import copy
import hashlib
import json
import math
import operator
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from edgeaffect.models.spec import ModelSpec

from . import program, shell_pickle, zoo
from .errors import CheckpointError, SpecNeededError
from .state_dict import StateDict, extract, load_into
from .template import explain_program, explain_weights

Program = nn.Module | torch.export.ExportedProgram

_SAFETENSORS_DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
_MAX_SAFETENSORS_HEADER = 16 << 20  # of a hundred thousand tensors


class Loaded(NamedTuple):
    """A model ready for export."""

    program: Program
    spec: ModelSpec
    source: str
    """File name, or the class of a module given directly."""


def load(
    model: str | Path | Program,
    *,
    arch: str | None = None,
    spec: ModelSpec | None = None,
    labels: tuple[str, ...] = (),
    trust_pickle: bool = False,
) -> Loaded:
    """Bring a checkpoint file, or a model in memory, into a form that can be exported.

    Args:
        model: path of a checkpoint; or a module (a copy is used) or ExportedProgram.
        arch: architecture of a state_dict (see `zoo.get`).
        spec: what input and outputs mean. Needed where `arch` is not given; else it replaces the published facts.
        labels: class order, where it is not the published one.
        trust_pickle: read pickled objects through the shell unpickler, which runs nothing.

    Raises:
        CheckpointError: unreadable, unsafe, or not of that architecture.
        SpecNeededError: neither `arch` nor `spec`; the message holds a spec to fill in and the way on.
        ValueError: an unknown architecture.
    """
    if isinstance(model, (str, Path)):
        path = Path(model)
        if not path.is_file():
            raise FileNotFoundError(f"no checkpoint {path}")
        content: Any = _read_program(path)
        source, digest = path.name, hashlib.sha256(path.read_bytes()).hexdigest()
    else:
        path, source, digest = None, type(model).__name__, None
        # A copy: the caller's module keeps its device, precision and training state.
        content = copy.deepcopy(model).cpu().float() if isinstance(model, nn.Module) else model
    if content is None:
        assert path is not None
        if arch is None:
            raise SpecNeededError(explain_weights(str(path), tuple(zoo.ARCHITECTURES)))
        architecture = zoo.get(arch, labels)
        state = read_state_dict(path, trust_pickle=trust_pickle)
        content = architecture.build(state)
        load_into(content, state, architecture=arch, source=path.name)
        spec = spec or architecture.spec
    elif spec is None and arch is not None:
        spec = zoo.get(arch, labels).spec
    if spec is None:
        raise SpecNeededError(explain_program(source))
    if isinstance(content, nn.Module):
        content = content.eval()
    return Loaded(content, replace(spec, sha256_source=digest), source)


def _read_program(path: Path) -> Program | None:
    """The program of a TorchScript or `.pt2` file; None for files that hold weights."""
    if not shell_pickle.is_archive(path):
        return None
    with shell_pickle.open_archive(path) as archive:
        names = archive.namelist()
    try:
        if program.is_torchscript(names):
            return program.load_torchscript(path)
        return program.load_exported(path) if program.is_exported(names) else None
    except CheckpointError:
        raise
    except Exception as error:  # PyTorch's own words for damage, with a trace of C++ behind them
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise CheckpointError(f"{path.name} is a damaged program ({reason}): save it again") from error


def read_state_dict(path: Path, *, trust_pickle: bool = False) -> StateDict:
    """Weights of a checkpoint file, without the prefixes and wrappers of training scripts.

    Raises:
        CheckpointError: not a checkpoint, or a pickle that needs (or does not deserve) trust.
    """
    if path.suffix == ".safetensors":
        return extract(read_safetensors(path), path.name)
    if path.stat().st_size == 0:
        raise CheckpointError(f"{path.name} is empty: fetch or save it again")
    if shell_pickle.is_archive(path):
        shell_pickle.open_archive(path).close()  # bounds what PyTorch would unpack
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged pickle raises anything, a KeyError for one
        if not trust_pickle:
            named = re.search(r"GLOBAL ([\w.]+)", str(error))
            reason = f"it names {named.group(1)}" if named else f"{type(error).__name__} while reading it"
            raise CheckpointError(
                f"{path.name} is not a plain state_dict: PyTorch's safe reader refuses it ({reason}). If it is a "
                "pickled module, --trust-pickle takes its tensors out without running its code"
            ) from error
        content = shell_pickle.read(path)
    return extract(content, path.name)


def read_safetensors(path: Path) -> StateDict:
    """Tensors of a `.safetensors` file: u64 header length, JSON header, raw little-endian data.

    Raises:
        CheckpointError: damaged, or a dtype that is not listed here.
    """
    tensors: StateDict = {}
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        length = int.from_bytes(file.read(8), "little")
        if not 0 < length <= min(size - 8, _MAX_SAFETENSORS_HEADER):
            raise CheckpointError(f"{path.name} is not a safetensors file: header length {length}")
        left, start = size - 8 - length, 8 + length  # tensors do not overlap: together they are no more than is there
        try:
            for key, entry in json.loads(file.read(length)).items():
                if key == "__metadata__":
                    continue
                dtype, shape = _SAFETENSORS_DTYPES[entry["dtype"]], tuple(map(operator.index, entry["shape"]))
                begin, end = map(operator.index, entry["data_offsets"])
                if not 0 <= begin <= end or end - begin != math.prod(shape) * dtype.itemsize or end - begin > left:
                    raise CheckpointError(
                        f"{path.name}: {key[:60]} has {end - begin} bytes for shape {list(shape[:8])} of {dtype}, and "
                        f"{max(left, 0)} of the file are left for it"
                    )
                left -= end - begin
                file.seek(start + begin)
                raw = bytearray(file.read(end - begin))
                flat = torch.frombuffer(raw, dtype=dtype) if raw else torch.empty(0, dtype=dtype)
                tensors[key] = flat.reshape(shape)
        except CheckpointError:
            raise
        except (KeyError, TypeError, AttributeError, ValueError, RuntimeError, OverflowError, MemoryError) as error:
            raise CheckpointError(f"{path.name} is a damaged safetensors file: {error!r}") from error
    return tensors

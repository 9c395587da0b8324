"""Files that hold a program, not only weights: TorchScript archives and torch.export's `.pt2`.

Exporting runs such a program. Both languages can name operators that touch files, and the `.pt2` reader of
PyTorch falls back to unrestricted pickles and evaluates symbolic expressions; so a file is looked through first
and refused when it asks for more than tensor arithmetic.
"""

from __future__ import annotations

import io
import json
import pickle
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from .errors import CheckpointError

_SCRIPT_FORBIDDEN = re.compile(r"\b(?:save|load|from_file|_?pickle\w*|unpickle\w*|_load_for_\w+)\s*\(|\bsubprocess\b")
_TARGET_ALLOWED = re.compile(
    r"(?:torch\.ops\.(?:aten|prims|higher_order)\.\w+(?:\.\w+)?|_operator\.\w+|math\.\w+|torch\.sym_\w+)"
)
# Shapes are written as SymPy source, which PyTorch evaluates: plain arithmetic on named integers is let through.
_EXPRESSION_ALLOWED = re.compile(r"(?:[A-Za-z_]\w*|'\w*'|\d+|[\s+\-*/(),<>=.])*")
_CALLED = re.compile(r"([A-Za-z_]\w*)\s*\(")
_EXPRESSION_CALLS = {
    "Symbol", "Integer", "Rational", "Float", "Max", "Min", "Mod", "PythonMod", "FloorDiv", "CeilDiv", "CleanDiv",
    "IntTrueDiv", "ModularIndexing", "Add", "Mul", "Pow", "PowByNatural", "Eq", "Ne", "Lt", "Le", "Gt", "Ge", "And",
    "Or", "Not", "floor", "ceiling", "Where",
}  # fmt: skip
_LOAD_YOURSELF = "if you trust it, pass torch.export.load(file) to edgeaffect.export.export"


def is_torchscript(names: list[str]) -> bool:
    """Whether a zip archive with these entries is a TorchScript file."""
    return any("/code/" in name for name in names) and any(name.endswith("/constants.pkl") for name in names)


def is_exported(names: list[str]) -> bool:
    """Whether a zip archive with these entries was written by `torch.export.save`."""
    return any(name.endswith(("archive_format", "serialized_exported_program.json")) for name in names)


def load_torchscript(path: Path) -> torch.jit.ScriptModule:
    """Load a TorchScript file whose code only computes.

    Raises:
        CheckpointError: its code reads or writes files.
    """
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if "/code/" in name and name.endswith(".py"):
                found = _SCRIPT_FORBIDDEN.search(archive.read(name).decode("utf-8", "replace"))
                if found:
                    raise CheckpointError(f"{path}: {name} calls {found.group()!r}, which touches files: refused")
    script: torch.jit.ScriptModule = torch.jit.load(str(path), map_location="cpu")
    return script.eval()


def load_exported(path: Path) -> torch.export.ExportedProgram:
    """Load a `.pt2` file whose graph only computes.

    Raises:
        CheckpointError: it holds pickled objects, or names something else than a tensor operator.
    """
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            if name.endswith(".json"):
                _check_json(path, name, content)
            elif name.endswith((".pt", ".pth", ".pkl")):
                _check_tensors_only(path, name, content)
    return torch.export.load(path)


def _check_tensors_only(path: Path, name: str, content: bytes) -> None:
    try:
        torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(f"{path}: {name} holds a pickled object that is not a tensor: refused") from error


def _check_json(path: Path, name: str, content: bytes) -> None:
    try:
        document = json.loads(content)
    except ValueError as error:
        raise CheckpointError(f"{path}: {name} is not JSON: {error}") from error
    for key, value in _walk(document):
        if key == "use_pickle" and value:
            raise CheckpointError(f"{path}: {name} refers to pickled weights: {_LOAD_YOURSELF}")
        if key == "target" and isinstance(value, str) and not _TARGET_ALLOWED.fullmatch(value):
            raise CheckpointError(f"{path}: {name} calls {value[:80]!r}, which is no tensor operator: refused")
        if key == "expr_str" and not _is_arithmetic(str(value)):
            raise CheckpointError(f"{path}: {name} holds the expression {str(value)[:80]!r}: refused")
        if key == "guards_code" and value:
            raise CheckpointError(f"{path}: {name} holds Python code for guards: {_LOAD_YOURSELF}")


def _is_arithmetic(expression: str) -> bool:
    calls = set(_CALLED.findall(expression))
    return bool(_EXPRESSION_ALLOWED.fullmatch(expression)) and "__" not in expression and calls <= _EXPRESSION_CALLS


def _walk(node: Any) -> Iterator[tuple[str, Any]]:
    """Every (key, value) of nested JSON objects."""
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            yield from item.items()
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)

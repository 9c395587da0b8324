"""edgeaffect/_cuda.pyi against the module itself: names, order and defaults, and what is a property."""

from __future__ import annotations

import ast
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import edgeaffect

STUB = Path(edgeaffect.__file__).parent / "_cuda.pyi"
# Defaults that a signature shows in a form of its own.
OPEN = {"mean", "std", "region"}

Parameters = list[tuple[str, str, object]]


def parameters(arguments: ast.arguments) -> Parameters:
    """(name, kind, default) of each parameter but `self`."""
    plain = arguments.args
    defaults = [None] * (len(plain) - len(arguments.defaults)) + list(arguments.defaults)
    named = [(a, "positional", d) for a, d in zip(plain, defaults, strict=True)]
    named += [(a, "keyword", d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    return [
        (a.arg, kind, ... if a.arg in OPEN else None if default is None else (ast.literal_eval(default),))
        for a, kind, default in named
        if a.arg != "self"
    ]


def signature(function: Any) -> Parameters:
    """As pybind11 writes it into the first line of the docstring."""
    text = function.__doc__.splitlines()[0]
    for name in ("mean", "std", "region"):  # lists of floats, some of them too large to be read back
        start = text.find(f"{name}: ")
        if start >= 0 and "= [" in text[start:]:
            first = text.index("= [", start)
            text = text[:first] + text[text.index("]", first) + 1 :]
    text = text.replace(f"{function.__module__ or ''}.", "") if hasattr(function, "__module__") else text
    node = ast.parse(f"def {strip_types(text)}: ...").body[0]
    assert isinstance(node, ast.FunctionDef)
    return parameters(node.args)


def strip_types(text: str) -> str:
    """Without the annotations, which name C++ types where pybind11 knows no other."""
    parts, depth, skipping = [], 0, False
    for character in text.partition(" -> ")[0]:
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        if depth == 1 and character == ":":
            skipping = True
        elif skipping and ((depth == 1 and character in ",=") or depth == 0):
            skipping = False
        if not skipping:
            parts.append(character)
    return "".join(parts)


def members(owner: Any) -> set[str]:
    return {name for name in dir(owner) if not name.startswith("_")}


def test_the_stub_matches_the_module(cuda: ModuleType) -> None:
    tree = ast.parse(STUB.read_text("utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    values = {
        node.target.id for node in tree.body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    assert {*functions, *classes, *values} - {"__version__"} == members(cuda) and "__version__" in values
    for name, node in functions.items():
        assert signature(getattr(cuda, name)) == parameters(node.args), name
    for name, node in classes.items():
        there, body = getattr(cuda, name), [part for part in node.body if isinstance(part, ast.FunctionDef)]
        assert {part.name for part in body} - {"__init__"} == members(there), name
        for part in body:
            if part.decorator_list:
                assert isinstance(vars(there)[part.name], property), f"{name}.{part.name}"
            else:
                assert signature(getattr(there, part.name)) == parameters(part.args), f"{name}.{part.name}"
        if "__init__" not in {part.name for part in body}:
            with pytest.raises(TypeError, match="No constructor"):
                there()

"""Writes the API reference, `docs/api/`, from public names and their docstrings: `python docs/make_api.py`.

Public is what `__all__` of the packages below lists. With `--check` nothing is written, and it ends with 1 when a page
is not what it would be. Docstrings are Google style: their sections become lists, their examples code.
"""

from __future__ import annotations

import dataclasses
import enum
import importlib
import inspect
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("api")
PACKAGES = {
    "edgeaffect": "Everything that `import edgeaffect` offers. It loads on first use.",
    "edgeaffect.events": "When something began and ended.",
    "edgeaffect.explain": "Sentences, questions, checks of other models' texts.",
    "edgeaffect.voice": "Sound to affect, speech and speakers.",
    "edgeaffect.recordings": "Many recordings to tables.",
    "edgeaffect.plot": "Figures of tables (extra `plot`).",
    "edgeaffect.adapters": "Results for other people's libraries.",
    "edgeaffect.options": "Sections of `PipelineOptions`; fields with their defaults: [options.md](../options.md).",
}
_SECTIONS = ("Args", "Attributes", "Returns", "Yields", "Raises", "Example", "Examples", "Note", "Notes")
_WIDE = 100


def text(docstring: str | None) -> str:
    """A docstring as Markdown."""
    lines = inspect.cleandoc(docstring or "").splitlines()
    out: list[str] = []
    section = ""
    for line in lines:
        head = re.fullmatch(r"(\w+):", line)
        if head and head[1] in _SECTIONS:
            section = head[1]
            out += ["", f"*{section}*", ""]
        elif section and line.startswith("    ") and not section.startswith("Example"):
            entry = re.match(r"    (\*{0,2}\w[\w, .*`]*): (.*)", line)
            if entry:
                out.append(f"* `{entry[1].strip('`')}`: {entry[2]}")
            else:
                out.append(f"  {line.strip()}" if out and out[-1].startswith(("*", " ")) else line.strip())
        else:
            section = "" if line and not line.startswith(" ") else section
            out.append(line)
    return escaped("\n".join(out)).strip()


def escaped(markdown: str) -> str:
    """Without what Markdown would take for HTML or for a link."""
    parts = re.split(r"(`[^`\n]*`)", markdown)
    plain = (re.sub(r"\[([^\]\n]*)\](?=[(\[])", r"\\[\1\\]", part.replace("<", "&lt;")) for part in parts[::2])
    code = [*parts[1::2], ""]
    return "".join(piece for pair in zip(plain, code, strict=True) for piece in pair)


def signature(name: str, thing: Any) -> str:
    """How it is called, one argument a line where it is long."""
    try:
        found = inspect.signature(thing)
    except (TypeError, ValueError):
        return name
    parameters = [p for p in found.parameters.values() if p.name not in ("self", "cls")]
    shown = re.sub(r"<[^>]*>", "...", str(found.replace(parameters=parameters))).replace("'", "")
    if len(name + shown) <= _WIDE:
        return name + shown
    listed: list[str] = []
    kinds = inspect.Parameter
    for p in parameters:
        if p.kind is kinds.KEYWORD_ONLY and not any(line.startswith("*") for line in listed):
            listed.append("*")
        listed.append(re.sub(r"<[^>]*>", "...", str(p)).replace("'", ""))
    back = "" if found.return_annotation is found.empty else f" -> {str(found.return_annotation).strip(chr(39))}"
    return name + "(\n" + "".join(f"    {line},\n" for line in listed) + ")" + back


def fields(cls: type) -> list[str]:
    """A dataclass's fields, with the texts that stand below or beside them in the source."""
    source = inspect.getsource(cls)
    found = []
    for field in dataclasses.fields(cls):
        below = re.search(rf'^    {field.name}: [^\n]*\n    """(.*?)"""', source, re.DOTALL | re.MULTILINE)
        meaning = escaped(" ".join(below[1].split())) if below else ""
        found.append(f"* `{field.name}: {field.type}`{'. ' + meaning if meaning else ''}")
    return found


def methods(cls: type) -> list[str]:
    """Public methods and properties that have a text, in order of their names."""
    parts = []
    for name, thing in sorted(inspect.getmembers_static(cls)):
        if name.startswith("_") or name not in {k for c in cls.__mro__ for k in vars(c) if is_ours(c)}:
            continue
        raw = thing.__func__ if isinstance(thing, (classmethod, staticmethod)) else thing
        if isinstance(raw, property) and raw.__doc__:
            parts.append(f"#### `{name}`\n\nProperty. {text(raw.__doc__)}\n")
        elif inspect.isfunction(raw) and raw.__doc__:
            parts.append(f"#### `{name}`\n\n```text\n{signature(name, raw)}\n```\n\n{text(raw.__doc__)}\n")
    return parts


def is_ours(cls: type) -> bool:
    """Whether a class is of this package, and no base of the language's."""
    return cls.__module__.startswith("edgeaffect")


def entry(name: str, thing: Any) -> str:
    """Everything about one public name."""
    head = f"## {name}\n"
    if not (inspect.isclass(thing) or inspect.isroutine(thing)):
        shown = repr(thing) if isinstance(thing, (str, int, float, tuple)) and name != "__version__" else ""
        kind = f"A constant: `{textwrap.shorten(shown, 300)}`." if shown else f"A `{type(thing).__name__}`."
        return f"{head}\n{kind}\n"
    parts = [head, f"```text\n{signature(name, thing)}\n```\n" if not is_plain(thing) else "", text(thing.__doc__), ""]
    if inspect.isclass(thing):
        if dataclasses.is_dataclass(thing):
            parts += ["*Fields*", "", *fields(thing), ""]
        if issubclass(thing, BaseException):
            base = next(c.__name__ for c in thing.__mro__[1:])
            parts += [f"A subclass of `{base}`.", ""]
        parts += methods(thing)
    return "\n".join(parts).rstrip() + "\n"


def is_plain(thing: Any) -> bool:
    """Whether how it is called says nothing: errors, enumerations."""
    return inspect.isclass(thing) and issubclass(thing, (BaseException, enum.Enum))


def page(package: str) -> str:
    """The whole page of a package."""
    module = importlib.import_module(package)
    names = sorted(module.__all__, key=lambda n: (n.startswith("_"), n.lower()))
    parts = [f"# {package}\n", PACKAGES[package] + " Written by `python docs/make_api.py`.\n"]
    parts += [entry(name, getattr(module, name)) for name in names]
    return "\n".join(parts)


def main() -> int:
    """Write the pages, or with `--check` compare them; 1 when one differs."""
    pages = {FOLDER / f"{package}.md": page(package) for package in PACKAGES}
    there = set(FOLDER.glob("*.md")) if FOLDER.is_dir() else set()
    if "--check" in sys.argv[1:]:
        fresh = there == set(pages) and all(path.read_text("utf-8") == content for path, content in pages.items())
        return 0 if fresh else 1
    FOLDER.mkdir(exist_ok=True)
    for path in there - set(pages):
        path.unlink()
    for path, content in pages.items():
        path.write_text(content, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

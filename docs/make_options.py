"""Writes `options.md` from the fields of `edgeaffect/options/` and the texts below them.

`python docs/make_options.py`. With `--check` it writes nothing, and ends with 1 when the page is not what it would be.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import sys
from pathlib import Path

from edgeaffect import options

PAGE = Path(__file__).with_name("options.md")

HEAD = """# Options

All options of `Pipeline`, with their defaults. Times are seconds, shares 0 to 1. Three ways to set them:

```python
from edgeaffect import Pipeline, PipelineOptions
from edgeaffect.options import DetectOptions

Pipeline(max_side=480, affect_interval=0.2, smooth_method="none")              # by flat name
Pipeline(PipelineOptions(detect=DetectOptions(max_side=480), device="cpu"))    # by section
Pipeline(PipelineOptions.from_toml("options.toml"), max_side=480)               # from a file, with changes
```

```sh
edgeaffect run 0 --max-side 480 --set hold=0.5     # flags for the usual ones, --set for any
edgeaffect run 0 --config options.toml             # a file; `PipelineOptions.from_toml` reads it in Python
```

```toml
device = "cpu"

[detect]
max_side = 480
roi = [0.0, 0.0, 1.0, 0.5]

[smooth]
method = "exponential"
```

An option's flat name is `section_name`, or just `name` where no other section has that name. An unknown name or a value
outside its range is refused, with what is allowed. A file has at most 64 KiB, its lines at most 1,000 characters.
"""


def fields(cls: type) -> list[tuple[str, str, str]]:
    """(name, default as written, text) of every field, in order."""
    body = ast.parse(inspect.getsource(cls)).body[0].body
    found = []
    for node, text in itertools.pairwise(body):
        is_text = isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and is_text:
            found.append((node.target.id, ast.unparse(node.value), " ".join(text.value.value.split())))
    return found


def page() -> str:
    """The whole of docs/options.md."""
    parts = [HEAD]
    sections = {"": options.PipelineOptions, **options.SECTIONS}
    for section, cls in sections.items():
        parts.append(f"## `[{section}]`\n" if section else "## Whole pipeline\n")
        parts.append("| option | default | meaning |\n| --- | --- | --- |")
        parts += [f"| `{name}` | `{default}` | {text} |" for name, default, text in fields(cls)]
        parts.append("")
    return "\n".join(parts)


def main() -> int:
    """Write the page, or with `--check` compare it; 1 when it differs."""
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.read_text("utf-8") == page() else 1
    PAGE.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What mkdocs does besides (`mkdocs.yml`): README is the home page, and links that leave `docs/` stay in the site.

Pages link to files of the repository as they lie there, so that they work in a clone and on a forge alike. For the
site, Markdown pages outside of `docs/` become pages under `project/`, other files are copied there (source as text),
and links are rewritten. A link to nothing stays as it is, so that `mkdocs build --strict` tells.
"""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parent.parent
HOME = "index.md"
ROOTS = ("README.md", "CHANGELOG.md")
LINK = re.compile(r"(?P<head>!?\[(?:[^\[\]]|\[[^\]]*\])*\]\()(?P<target>[^)#:\s]+)(?P<rest>(?:#[^)\s]*)?\))")
FENCE = re.compile(r"^( *)(```+|~~~+)[^\n]*\n.*?^\1\2[ \t]*$", re.DOTALL | re.MULTILINE)
_SHOWN = (".png", ".jpg", ".svg", ".ipynb")


def place(path: str) -> str:
    """Where a file of the repository stands in the site's sources."""
    if path == "README.md":
        return HOME
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    return f"project/{path}" if path.endswith((".md", *_SHOWN)) else f"project/{path}.txt"


def origin(uri: str) -> str:
    """The file of the repository that stands there."""
    if uri == HOME:
        return "README.md"
    return uri.removeprefix("project/") if uri.startswith("project/") else f"docs/{uri}"


def outside_code(text: str, change: Any) -> str:
    """`text` with `change` applied to what is no fenced code."""
    parts, last = [], 0
    for match in FENCE.finditer(text):
        parts += [change(text[last : match.start()]), match[0]]
        last = match.end()
    return "".join([*parts, change(text[last:])])


def targets(path: str) -> set[str]:
    """Files and folders of the repository that a page links to."""
    found: set[str] = set()

    def collect(text: str) -> str:
        found.update(
            posixpath.normpath(posixpath.join(posixpath.dirname(path), m["target"])) for m in LINK.finditer(text)
        )
        return text

    outside_code((ROOT / path).read_text("utf-8"), collect)
    return found


def on_files(files: Any, config: Any) -> Any:
    """Adds README and everything outside of `docs/` that pages lead to."""
    pages = [*ROOTS, *(f"docs/{file.src_uri}" for file in files if file.src_uri.endswith(".md"))]
    seen = set(pages)
    for path in ROOTS:
        files.append(File.generated(config, place(path), abs_src_path=str(ROOT / path)))
    while pages:
        for path in sorted(targets(pages.pop()) - seen):
            seen.add(path)
            if path.startswith(("docs/", "..")) or not (ROOT / path).is_file():
                continue
            files.append(File.generated(config, place(path), abs_src_path=str(ROOT / path)))
            if path.endswith(".md"):
                pages.append(path)
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Links as they are in the repository become links of the site; one to a folder becomes plain text."""
    path = origin(page.file.src_uri)

    def one(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), match["target"]))
        if (ROOT / target).is_dir():
            return match["head"].rstrip("(").strip("[]!")
        if not (ROOT / target).is_file() or target.startswith(".."):
            return match[0]
        link = os.path.relpath(place(target), posixpath.dirname(page.file.src_uri) or ".")
        return f"{match['head']}{link}{match['rest']}"

    return outside_code(markdown, lambda text: LINK.sub(one, text))

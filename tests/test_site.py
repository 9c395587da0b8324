"""The pages as a site: built without a warning, nothing from elsewhere, every page in it; and what they quote."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from build_once import build_once

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
pytestmark = pytest.mark.skipif(not DOCS.is_dir(), reason="needs the source tree around tests/")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("material", reason="needs the extra docs")
    return build_once(tmp_path_factory, "site", build)


def build(folder: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 40
    loaded = re.compile(
        r"""<(?:script|img|iframe|source)\b[^>]*\ssrc=["']?(?:https?:)?//|<link\b[^>]*\bhref=["']?https?://"""
    )
    assert {page.name: found[0] for page in pages if (found := loaded.search(page.read_text("utf-8")))} == {}


def test_the_readme_is_its_first_page_and_links_lead_to_copies(site: Path) -> None:
    home = (site / "index.html").read_text("utf-8")
    assert 'href="concepts.html"' in home and 'href="project/MODEL_CARD.html"' in home
    assert (site / "project" / "tests" / "explain" / "test_reader.py.txt").is_file()


def test_every_page_is_in_the_navigation() -> None:
    listed = set(re.findall(r"^ +- [^:\n]+: (\S+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE))
    assert {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} - listed == set()


def test_every_paper_has_an_answer() -> None:
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| [^|]+ \| (.+) \|$", (DOCS / "papers.md").read_text("utf-8"), re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 46))
    for number, answer in rows:
        assert re.search(r"\*\*(Done|Partly|None)|^(see|as) ", answer), number


def texts(path: Path) -> list[str]:
    """Literal texts of a source, as they read when run; a replacement field is a zero."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(node.value)
        elif isinstance(node, ast.JoinedStr):
            found.append("".join(str(v.value) if isinstance(v, ast.Constant) else "\0" for v in node.values))
    return found


def test_messages_of_the_troubleshooting_page_are_in_the_sources() -> None:
    page = (DOCS / "troubleshooting.md").read_text("utf-8").partition("## No error")[0]
    messages = re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)
    assert len(messages) > 40
    sources = [text for path in (ROOT / "edgeaffect").rglob("*.py") for text in texts(path)]
    for message in messages:
        parts = message.split(" ... ")
        assert any(all(part in text for part in parts) for text in sources), message


def test_the_notebook_runs_to_its_plots() -> None:
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    for name in ("matplotlib", "ipykernel", "matplotlib_inline"):
        pytest.importorskip(name)
    path = ROOT / "examples" / "from_video_to_plot.ipynb"
    book = nbformat.read(path, as_version=4)
    assert all(not cell.outputs for cell in book.cells if cell.cell_type == "code"), "outputs are stripped: clear them"
    resources = {"metadata": {"path": str(path.parent)}}
    nbclient.NotebookClient(book, timeout=240, kernel_name="python3", resources=resources).execute()
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("a face in 100% of the rows" in output.get("text", "") for output in outputs)
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 2

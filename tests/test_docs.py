"""The documents say what is so: their code runs, their flags exist, and the table of options is that of the code."""

from __future__ import annotations

import ast
import importlib
import re
import shlex
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
import voice_nets

from edgeaffect import PipelineOptions
from edgeaffect.cli import VERBS
from edgeaffect.cli.listen import _parser as listen_parser
from edgeaffect.cli.run import _parser as run_parser
from edgeaffect.cli.usage import options_from
from edgeaffect.models.registry import FILES

cv2 = pytest.importorskip("cv2")

ROOT = Path(__file__).resolve().parent.parent
# Empty outside of the source tree, where all of this is skipped.
PAGES = [path for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))) if path.parent.name != "api"]
PAGES = PAGES if (ROOT / "docs").is_dir() else []

pytestmark = pytest.mark.skipif(not (ROOT / "docs").is_dir(), reason="needs the source tree around tests/")


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def test_every_page_is_reached_from_the_readme_and_every_link_leads_somewhere():
    linked = {
        (page.parent / target).resolve()
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    }
    assert not {target for target in linked if not target.exists()}
    readme = (ROOT / "README.md").read_text("utf-8")
    names = [page.relative_to(ROOT).as_posix() for page in PAGES[1:]]
    assert [name for name in names if f"]({name})" not in readme] == []


@pytest.mark.parametrize(
    "command",
    [
        *("docs/make_options.py", "docs/make_cue_signs.py", "docs/make_api.py", "docs/make_papers.py"),
        "-m training.model_card",
    ],
)
def test_what_code_writes_is_up_to_date(command):
    done = subprocess.run([sys.executable, *command.split(), "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0, f"run: python {command}"


def test_the_example_of_a_configuration_can_be_read(tmp_path):
    (text,) = blocks(ROOT / "docs" / "options.md", "toml")
    (tmp_path / "options.toml").write_text(text, "utf-8")
    assert PipelineOptions.from_toml(tmp_path / "options.toml").detect.max_side == 480


def python_blocks(page: Path) -> list[tuple[str, bool]]:
    """Code, and whether it is run: not where `<!-- not run: reason -->` stands before it."""
    found = re.findall(
        r"^(?:<!-- not run: ([^>]{10,}) -->\n+)?```(python[^\n]*)\n(.*?)^```",
        page.read_text("utf-8"),
        re.DOTALL | re.MULTILINE,
    )
    assert all(info == "python" for _, info, _ in found), (
        f"{page.name}: say why a block is not run in a comment above it"
    )
    return [(code, not reason) for reason, _, code in found]


def test_python_examples_that_are_not_run_compile_at_least():
    for page in PAGES:
        for code, runs in python_blocks(page):
            if not runs:
                compile(code, str(page), "exec")


@pytest.mark.skipif(not (FILES / "face-detector.onnx").exists(), reason="no bundled detector in this tree")
@pytest.mark.parametrize(
    "page", [page.relative_to(ROOT).as_posix() for page in PAGES if any(runs for _, runs in python_blocks(page))]
)
def test_python_examples_run(page, tmp_path, monkeypatch):
    if page == "docs/explain.md" and not any(FILES.glob("explainer*")):
        pytest.skip("no bundled explainer in this tree")
    monkeypatch.chdir(tmp_path)
    writer = cv2.VideoWriter("video.mp4", cv2.VideoWriter_fourcc(*"mp4v"), 25, (160, 120))
    for _ in range(3):
        writer.write(np.zeros((120, 160, 3), np.uint8))
    writer.release()
    cv2.imwrite("a.png", np.zeros((120, 160, 3), np.uint8))
    write_speech(Path("speech.wav"))
    Path("options.toml").write_text("device = 'cpu'\n", "utf-8")
    for code in (code for code, runs in python_blocks(ROOT / page) if runs):
        exec(compile(code, page, "exec"), {})


def write_speech(path: Path) -> None:
    """A second and a half of something like it."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(np.round(voice_nets.murmur(1.5) * 32767).astype("<i2").tobytes())


def test_the_gpu_page_imports_what_exists():
    for code in blocks(ROOT / "docs" / "cuda.md", "python"):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom):
                module = importlib.import_module(node.module or "")
                assert all(hasattr(module, name.name) for name in node.names), ast.unparse(node)


def test_the_gpu_page_quotes_messages_that_exist():
    """The first column of its table of messages: `a ... b`, whose parts stand in the sources as they are."""
    sources = [*(ROOT / "edgeaffect").rglob("*.py"), *(path for path in (ROOT / "csrc").rglob("*") if path.is_file())]
    text = "\n".join(path.read_text("utf-8", errors="replace") for path in sources)  # a fuzzer's seeds are bytes
    table = (ROOT / "docs" / "cuda.md").read_text("utf-8").partition("## When something is refused")[2]
    messages = re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)
    assert len(messages) > 10
    for part in (part for message in messages for part in message.split(" ... ")):
        assert part in text, part


def test_commands_name_verbs_and_flags_that_exist(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("options.toml").write_text("device = 'cpu'\n", "utf-8")
    lines = [line for page in PAGES for block in blocks(page, "sh") for line in block.splitlines()]
    commands = [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("edgeaffect ")]
    assert {words[0] for words in commands} <= set(VERBS)
    for words in (words[1:] for words in commands if words[0] == "listen"):
        listen_parser().parse_args(words)
    runs = [words[1:] for words in commands if words[0] == "run"]
    assert len(runs) >= 4
    for words in runs:
        arguments = run_parser().parse_args(words)
        if "out/" not in " ".join(words):  # made by the command before
            options_from(arguments)

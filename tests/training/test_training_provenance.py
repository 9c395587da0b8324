"""Where records of figures say that they come from."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "training").is_dir():
    pytest.skip("the training recipes live in the source tree only", allow_module_level=True)

from edgeaffect.bench.host.system_files import SystemFiles  # noqa: E402
from training.provenance import commit, instruction_set  # noqa: E402


def processor(root: Path, line: str) -> SystemFiles:
    (root / "proc").mkdir(exist_ok=True)
    (root / "proc" / "cpuinfo").write_text(f"processor : 0\n{line}\n")
    return SystemFiles(root)


def test_the_widest_instruction_set_comes_first(tmp_path: Path):
    flags = "flags\t\t: sse2 avx2 avx512f avx512_vnni amx_tile amx_int8"
    assert instruction_set(processor(tmp_path, flags)) == ["AMX int8", "AVX-512 VNNI", "AVX-512", "AVX2"]
    assert instruction_set(processor(tmp_path, "Features\t: fp asimd asimddp")) == ["NEON dot product", "NEON"]
    assert instruction_set(processor(tmp_path, "model name\t: unknown")) == []


def test_an_edited_recipe_is_marked_and_an_edited_record_is_not(tmp_path: Path):
    def git(*command: str) -> str:
        who = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        return subprocess.run(
            ["git", "-C", str(tmp_path), *who, *command], check=True, capture_output=True, text=True
        ).stdout.strip()

    git("init", "-q")
    recipe, record = tmp_path / "train.py", tmp_path / "RESULTS.json"
    recipe.write_text("steps = 1\n")
    record.write_text("{}\n")
    git("add", ".")
    git("commit", "-q", "-m", "recipe")
    head = git("rev-parse", "--short", "HEAD")
    assert commit(tmp_path) == head
    record.write_text('{"auc": 1}\n')
    assert commit(tmp_path) == head
    recipe.write_text("steps = 2\n")
    assert commit(tmp_path) == f"{head}+"

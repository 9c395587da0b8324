"""Where a record of figures comes from: processor, its instruction set, packages and the recipe's commit."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from edgeaffect.bench.host import hardware
from edgeaffect.bench.host.system_files import SystemFiles

# Flags of /proc/cpuinfo that decide how fast a convolution is, widest first, and what people call them.
_SETS = {
    "amx_int8": "AMX int8",
    "amx_bf16": "AMX bfloat16",
    "avx512_vnni": "AVX-512 VNNI",
    "avx512f": "AVX-512",
    "avx_vnni": "AVX VNNI",
    "avx2": "AVX2",
    "asimddp": "NEON dot product",
    "asimd": "NEON",
}
# Files that hold the figures themselves.
RECORDS = (
    *("RESULTS.json", "ADMISSION.json", "ACTIVITY.json", "SPEAKS.json", "FUSION.json"),
    *("GUARD.json", "CONDITIONS.json", "OWN_LABELS.json", "RANKED.json", "SCENES.json", "CURRICULUM.json"),
    *("RARE.json", "FIRST_LOOK.json"),
    *("WORD_NORMS.json", "LAYER_PROBE.json", "CLASS_BIAS.json", "TIMES.json", "ELSEWHERE.json", "JUDGE.json"),
)


def instruction_set(files: SystemFiles) -> list[str]:
    """Instruction sets of the processor that matter for networks, widest first; empty where it does not say."""
    line = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", files.text("proc/cpuinfo") or "", re.M)
    flags = set(line[1].split()) if line else set()
    return [name for flag, name in _SETS.items() if flag in flags]


def commit(folder: Path) -> str:
    """Commit of a recipe's folder, with `+` when its files (records of figures apart) have been edited since."""

    def git(*command: str) -> str:
        return subprocess.run(["git", "-C", str(folder), *command], capture_output=True, text=True, check=True).stdout

    edited = git("status", "--porcelain", "--", ".", *(f":(exclude){record}" for record in RECORDS))
    return git("rev-parse", "--short", "HEAD").strip() + ("+" if edited.strip() else "")


def provenance(folder: Path) -> dict[str, object]:
    """The record's first lines, for figures of the recipe in `folder`."""
    files = SystemFiles()
    return {
        "commit": commit(folder),
        "processor": hardware.cpu(files).name,
        "instruction_set": instruction_set(files),
        "packages": hardware.packages(),
    }

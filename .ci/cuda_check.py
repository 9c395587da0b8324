"""Compiles every .cu for all architectures and checks what came out: `python .ci/cuda_check.py [MODULE]`.

Fails when a kernel spills, keeps a stack frame or takes more registers than its launch allows on any architecture, or
when the built module MODULE (`edgeaffect/_cuda*.so`; left out: only the kernels are checked) lacks machine code for an
architecture that this nvcc knows, or PTX for the newest. Without nvcc it says so and ends with 0. Needs no GPU.
"""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Registers of one multiprocessor over threads of one block: more, and the block cannot start (decode), or fewer
# than four blocks of 256 threads run at a time (crop).
LIMITS = {"decode_kernel": 64, "crop_kernel": 64}
FATBIN_MAGIC = 0xBA55ED50
PTX, ELF = 1, 2


def wanted() -> list[int]:
    """The list of csrc/cuda/architectures.cmake, as far as this nvcc knows it."""
    text = (ROOT / "csrc" / "cuda" / "architectures.cmake").read_text("utf-8")
    listed = re.search(r"set\(edgeaffect_cuda_wanted ([\d ]+)\)", text)
    assert listed is not None
    known = subprocess.run(["nvcc", "--list-gpu-arch"], capture_output=True, text=True, check=True).stdout
    return [a for a in sorted(map(int, listed[1].split())) if f"compute_{a}" in known.split()]


def resources(source: Path, architectures: list[int], folder: Path) -> Iterator[tuple[int, str, int, int, int]]:
    """(architecture, kernel, registers, bytes of stack, bytes of spills) as ptxas reports them."""
    codes = [f"-gencode=arch=compute_{a},code=sm_{a}" for a in architectures]
    command = ["nvcc", "-std=c++17", "-O3", "-Xptxas", "-v", *codes, f"-I{ROOT / 'csrc'}", "-c", str(source)]
    done = subprocess.run([*command, "-o", str(folder / "out.o")], capture_output=True, text=True, check=False)
    if done.returncode != 0 or "warning" in done.stderr:
        raise SystemExit(f"{source.name} does not compile cleanly:\n{done.stderr}")
    found = re.findall(
        r"Compiling entry function '(\S+)' for 'sm_(\d+)'.*?(\d+) bytes stack frame, (\d+) bytes spill stores.*?"
        r"Used (\d+) registers",
        done.stderr,
        re.DOTALL,
    )
    for name, architecture, stack, spills, registers in found:
        yield int(architecture), name, int(registers), int(stack), int(spills)


def embedded(module: Path) -> set[tuple[int, int]]:
    """(kind, architecture) of the device code in a binary: the headers of fat binaries are not compressed."""
    data = module.read_bytes()
    found = set()
    start = data.find(struct.pack("<I", FATBIN_MAGIC))
    while start >= 0:
        header, size = struct.unpack_from("<HQ", data, start + 6)
        at, end = start + header, start + header + size
        while at < end:
            kind, _, entry_header, entry_size = struct.unpack_from("<HHIQ", data, at)
            found.add((kind, struct.unpack_from("<I", data, at + 28)[0]))
            at += entry_header + entry_size
        start = data.find(struct.pack("<I", FATBIN_MAGIC), end)
    return found


def main(arguments: list[str]) -> int:
    """Check everything; the exit code."""
    if shutil.which("nvcc") is None:
        print("no nvcc here: the CUDA sources were not checked")
        return 0
    architectures = wanted()
    problems = []
    for source in sorted((ROOT / "csrc").rglob("*.cu")):
        with tempfile.TemporaryDirectory() as folder:
            rows = list(resources(source, architectures, Path(folder)))
        limit = next((LIMITS[key] for key in LIMITS if rows and key in rows[0][1]), 0)
        missing = set(architectures) - {row[0] for row in rows}
        if missing or not limit:
            problems.append(f"{source.name}: no report for {sorted(missing) or 'any kernel'}")
        for architecture, name, registers, stack, spills in rows:
            if stack or spills or registers > limit:
                problems.append(f"{source.name} sm_{architecture} {name}: {registers} registers (at most {limit}), "
                                f"{stack} bytes of stack, {spills} of spills")  # fmt: skip
        kernels, most = len({row[1] for row in rows}), max((row[2] for row in rows), default=0)
        print(f"{source.name}: {kernels} kernels x {len(architectures)} architectures, at most {most} registers")
    for module in map(Path, arguments):
        present = embedded(module)
        lacking = [f"sm_{a}" for a in architectures if (ELF, a) not in present]
        if (PTX, architectures[-1]) not in present:
            lacking.append(f"compute_{architectures[-1]}")
        names = sorted(f"{'sm' if kind == ELF else 'compute'}_{a}" for kind, a in present)
        print(f"{module.name}: {' '.join(names)}")
        if lacking:
            problems.append(f"{module.name} lacks {' '.join(lacking)}")
    print("\n".join(problems) or "all good")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

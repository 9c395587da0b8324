"""The CUDA module as it is built: one kernel file through nvcc, and the module without a driver."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edgeaffect import DependencyError, DeviceError, cuda

ROOT = Path(__file__).resolve().parents[2]


def check_module():
    spec = importlib.util.spec_from_file_location("cuda_check", ROOT / ".ci" / "cuda_check.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(shutil.which("nvcc") is None, reason="nvcc is not installed")
def test_a_kernel_compiles_without_spills(tmp_path: Path) -> None:
    """One file for one architecture; .ci/cuda_check.py does all."""
    check = check_module()
    architecture = check.wanted()[0]
    ((got, name, registers, stack, spills),) = check.resources(
        ROOT / "csrc" / "detect" / "detect_decode.cu", [architecture], tmp_path
    )
    assert got == architecture and "decode_kernel" in name
    assert stack == spills == 0 and 0 < registers <= check.LIMITS["decode_kernel"]


def test_device_code_of_a_binary_is_found(tmp_path: Path) -> None:
    """The reader of fat binaries, on bytes made by hand: two entries, then another fat binary."""
    check = check_module()

    def entry(kind: int, architecture: int, size: int) -> bytes:
        header = kind.to_bytes(2, "little") + b"\1\1" + (64).to_bytes(4, "little") + size.to_bytes(8, "little")
        return (header + bytes(12) + architecture.to_bytes(4, "little")).ljust(64, b"\0") + b"x" * size

    def fatbin(*entries: bytes) -> bytes:
        body = b"".join(entries)
        head = check.FATBIN_MAGIC.to_bytes(4, "little") + b"\1\0\20\0" + len(body).to_bytes(8, "little")
        return head + body

    path = tmp_path / "module.so"
    path.write_bytes(
        b"ELF" * 7
        + fatbin(entry(check.ELF, 87, 24), entry(check.PTX, 120, 8))
        + b"--"
        + fatbin(entry(check.ELF, 90, 0))
    )
    assert check.embedded(path) == {(check.ELF, 87), (check.PTX, 120), (check.ELF, 90)}


def test_status_never_raises_and_loading_names_the_remedy() -> None:
    text = cuda.status()
    assert text.startswith(("built with CUDA ", "edgeaffect was built without CUDA"))
    if cuda.available():
        pytest.skip("about machines without a GPU")
    with pytest.raises((DependencyError, DeviceError), match=r"built with CUDA|EDGEAFFECT_CUDA=on"):
        cuda.module.load_for(0)


def test_importing_loads_no_native_module() -> None:
    code = "import sys, edgeaffect.cuda; print('edgeaffect._cuda' in sys.modules, 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["False", "False"]


def test_an_editable_install_gets_the_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """setuptools copies back what was declared, which _cuda is not; and one from an older build must go."""
    pytest.importorskip("setuptools")
    core = importlib.import_module("distutils.core")
    monkeypatch.chdir(ROOT)
    command = core.run_setup("setup.py", stop_after="init").get_command_obj("build_ext")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(type(command).copy_extensions_to_source.__globals__, "ROOT", tmp_path)
    command.extensions, command.build_lib = [], str(tmp_path / "built")
    for folder in ("built/edgeaffect", "edgeaffect"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "built/edgeaffect/_cuda.abi.so").write_text("new")
    (tmp_path / "edgeaffect/_cuda.old.so").write_text("old")
    command.copy_extensions_to_source()
    assert [path.name for path in (tmp_path / "edgeaffect").iterdir()] == ["_cuda.abi.so"]


@pytest.mark.skipif(shutil.which("nvcc") is None, reason="nvcc is not installed")
def test_owners_of_cuda_objects(tmp_path: Path) -> None:
    """csrc/cuda/runtime.h itself, linked to a runtime that fails on demand."""
    program = tmp_path / "owners"
    source = ROOT / "tests" / "cuda_host" / "owners.cpp"
    command = ["nvcc", "-std=c++17", "--cudart", "none", f"-I{ROOT / 'csrc'}", str(source), "-o", str(program)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    done = subprocess.run([str(program)], capture_output=True, text=True, check=False)
    assert done.stdout == "fine\n" and done.returncode == 0, done.stdout + done.stderr

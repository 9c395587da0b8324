"""EDGEAFFECT_CUDA=auto, on, release, off: what is built on which machine, by csrc/cuda/architectures.cmake itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CUDA_12_2 = "50;52;53;60;61;62;70;72;75;80;86;87;89;90"
CUDA_13_0 = "75;80;86;87;88;89;90;100;103;110;120;121"

pytestmark = pytest.mark.skipif(shutil.which("cmake") is None, reason="cmake is not installed")


def cmake(folder: Path, call: str, *, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A script that includes the functions and does `call`; `path` comes before the usual PATH."""
    script = folder / "script.cmake"
    script.write_text(
        f'cmake_minimum_required(VERSION 3.22)\ninclude("{ROOT}/csrc/cuda/architectures.cmake")\n{call}\n'
        'message(STATUS "answer: ${answer}")\n'
    )
    places = [str(path)] if path else []
    environment = os.environ | {"PATH": os.pathsep.join([*places, os.environ["PATH"]])}
    return subprocess.run(
        ["cmake", "-P", str(script)], capture_output=True, text=True, check=False, env=environment, timeout=120
    )


def text(folder: Path, call: str, *, path: Path | None = None) -> str:
    """What `call` put into the variable `answer`."""
    done = cmake(folder, call, path=path)
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("-- answer:")]
    return line.removeprefix("-- answer:").strip()


def answer(folder: Path, call: str, *, path: Path | None = None) -> list[str]:
    """The list that `call` put into the variable `answer`."""
    return [part for part in text(folder, call, path=path).split(";") if part]


def chosen(folder: Path, mode: str, gpus: str, *, asked: str = "", known: str = CUDA_13_0) -> list[str]:
    return answer(folder, f'edgeaffect_cuda_architectures({mode} "{gpus}" "{asked}" "{known}" answer)')


def unwanted(folder: Path, mode: str, gpus: str, asked: str = "") -> str:
    return text(folder, f'edgeaffect_cuda_unwanted({mode} "{gpus}" "{asked}" answer)')


def gpus_seen(folder: Path, printed: str, status: int = 0) -> list[str]:
    """GPUs of a machine whose nvidia-smi prints this; `folder` is its root."""
    program = folder / "bin" / "nvidia-smi"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\nprintf '%s' '{printed}'\nexit {status}\n")
    program.chmod(0o755)
    return answer(folder, f'edgeaffect_cuda_gpus("{folder}" answer)', path=program.parent)


def test_every_gpu_of_the_machine_is_seen_once(tmp_path: Path) -> None:
    assert gpus_seen(tmp_path, "9.0\n8.6\n12.0\n9.0\n") == ["86", "90", "120"]
    assert gpus_seen(tmp_path, "8.9\n") == ["89"]


@pytest.mark.parametrize(
    ("printed", "status"),
    [("", 127), ("NVIDIA-SMI has failed: driver 5.3\n", 9), ("No devices were found\n", 0), ("[N/A]\n", 0)],
)
def test_no_gpu_is_made_up_from_what_nvidia_smi_says_else(tmp_path: Path, printed: str, status: int) -> None:
    assert gpus_seen(tmp_path, printed, status) == []


def test_a_jetson_is_known_by_its_chip(tmp_path: Path) -> None:
    tree = tmp_path / "proc" / "device-tree" / "compatible"
    tree.parent.mkdir(parents=True)
    for chip, capability in (("tegra234", "87"), ("tegra264", "110")):
        tree.write_bytes(b"nvidia,p3737-0000+p3701-0000\0nvidia," + chip.encode() + b"\0")
        assert gpus_seen(tmp_path, "[N/A]\n") == [capability]
    tree.write_bytes(b"raspberrypi,5-model-b\0brcm,bcm2712\0")
    assert gpus_seen(tmp_path, "", 127) == []
    tree.unlink()  # a container hides it
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "nv_tegra_release").write_text("# R36 (release), REVISION: 4.0\n")
    assert gpus_seen(tmp_path, "", 127) == ["87", "110"]


def test_auto_builds_for_what_is_there(tmp_path: Path) -> None:
    assert unwanted(tmp_path, "auto", "86;90") == ""
    assert chosen(tmp_path, "auto", "86;90") == ["86-real", "90-real"]
    assert chosen(tmp_path, "on", "87") == ["87-real"]


def test_without_a_gpu_only_a_wish_builds_the_module(tmp_path: Path) -> None:
    assert unwanted(tmp_path, "auto", "") == "no GPU here; EDGEAFFECT_CUDA=on builds it all the same"
    assert unwanted(tmp_path, "off", "90", "90") == "EDGEAFFECT_CUDA=off"
    for mode, gpus, asked in (("auto", "", "87"), ("on", "", ""), ("release", "", "")):
        assert unwanted(tmp_path, mode, gpus, asked) == "", mode


def test_release_builds_for_all_whatever_is_there(tmp_path: Path) -> None:
    every = [f"{n}-real" for n in (80, 86, 87, 89, 90, 110, 120)] + ["80-virtual", "120-virtual"]
    assert chosen(tmp_path, "release", "") == chosen(tmp_path, "release", "90") == chosen(tmp_path, "on", "") == every
    assert chosen(tmp_path, "release", "", known=CUDA_12_2)[-3:] == ["90-real", "80-virtual", "90-virtual"]


def test_a_gpu_newer_than_nvcc_gets_the_newest_ptx(tmp_path: Path) -> None:
    assert chosen(tmp_path, "auto", "89;120", known=CUDA_12_2) == ["89-real", "90-virtual"]
    assert chosen(tmp_path, "auto", "120;121", known=CUDA_12_2) == ["90-virtual"]
    assert chosen(tmp_path, "auto", "102") == ["100-virtual"]  # between two that it knows


def test_a_gpu_that_nvcc_has_given_up_is_named(tmp_path: Path) -> None:
    call = f'edgeaffect_cuda_architectures(auto "{{}}" "" "{CUDA_13_0}" answer)'
    done = cmake(tmp_path, call.format("61;90"))
    assert "-- answer: 90-real\n" in done.stdout
    assert "given up GPUs of compute capability 61" in " ".join(done.stderr.split())
    assert chosen(tmp_path, "auto", "61") == []


def test_architectures_asked_for_are_built_or_refused(tmp_path: Path) -> None:
    assert chosen(tmp_path, "auto", "90", asked="87") == ["87-real", "87-virtual"]
    assert chosen(tmp_path, "on", "", asked="90;87") == ["87-real", "90-real", "87-virtual", "90-virtual"]
    call = f'edgeaffect_cuda_architectures(on "" "87;31" "{CUDA_13_0}" answer)'
    done = cmake(tmp_path, call)
    assert done.returncode != 0
    assert "nvcc does not know 31, only: 75 80" in " ".join(done.stderr.split())


@pytest.mark.skipif(shutil.which("nvcc") is None, reason="nvcc is not installed")
def test_what_this_nvcc_knows_comes_in_rising_order(tmp_path: Path) -> None:
    known = [int(part) for part in answer(tmp_path, "edgeaffect_cuda_known(nvcc answer)")]
    assert 87 in known and known == sorted(set(known))
    release = chosen(tmp_path, "release", "", known=";".join(map(str, known)))
    assert "87-real" in release and release[-1] == f"{max(n for n in known if n in (90, 120))}-virtual"

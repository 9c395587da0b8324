"""Builds, compares, checks and tries the wheels; `.ci/wheels` says how it is used."""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from wheel_files import tag_of, write_wheel
from wheel_headers import headers_of
from wheel_trial import try_wheel

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
ARCHITECTURES = ("x86_64", "aarch64")
GLIBC = "2.17"
NO_HEADERS = 77


def run(*command: object, **options: object) -> str:
    """Output of a command; ends with its own complaints where it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    if done.returncode:
        sys.exit(f"{' '.join(words)} failed ({done.returncode}):\n{(done.stdout + done.stderr)[-4000:]}")
    return str(done.stdout)


@cache
def commit() -> str:
    """What is built, from begin to end, whatever is committed meanwhile."""
    return run("git", "-C", ROOT, "rev-parse", "HEAD").strip()


def epoch() -> int:
    """Time of the commit: what reproducible builds take for the present."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    return int(given) if given else int(run("git", "-C", ROOT, "log", "-1", "--format=%ct", commit()))


def sources(place: Path) -> Path:
    """The committed sources, in a folder of their own."""
    source = place / "source"
    source.mkdir(parents=True)
    run("git", "-C", ROOT, "archive", "--format=tar", "-o", place / "source.tar", commit())
    run("tar", "-xf", place / "source.tar", "-C", source)
    (source / ".commit").write_text(f"{commit()}\n", "utf-8")
    return source


def contents(work: Path) -> Path:
    """Everything in the wheel but the native module: the pure wheel, unpacked."""
    source, wheels, unpacked = sources(work / "pure"), work / "pure" / "wheels", work / "contents"
    pure = {**os.environ, "EDGEAFFECT_PURE": "1"}
    run(
        sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", wheels, source, env=pure
    )  # fmt: skip
    shutil.unpack_archive(str(next(wheels.glob("*.whl"))), unpacked, "zip")
    facts = unpacked / "edgeaffect" / "_build_info.py"
    facts.write_text(facts.read_text("utf-8").replace('"pure"', '"core"'), "utf-8")
    return unpacked


def compilers(work: Path, architecture: str) -> list[str]:
    """CMake's arguments for zig: one file per tool, as CMake takes no words with a compiler's name.

    Whatever is linked is stripped, CMake's own trials too: zig compiles its libc++, for minutes, once for stripped
    programs and once more for others.
    """
    target = f"{architecture}-linux-gnu.{GLIBC}"
    strip = 'case " $* " in *" -c "*) ;; *) set -- -s "$@" ;; esac\n'
    for tool, words in {"c++": f"c++ -target {target}", "ar": "ar", "ranlib": "ranlib"}.items():
        script, begin = work / f"zig-{tool}", f"#!/bin/sh\n{strip if tool == 'c++' else ''}"
        script.write_text(f'{begin}exec "{sys.executable}" -m ziglang {words} "$@"\n', "utf-8")
        script.chmod(0o755)
    return [
        "-DCMAKE_SYSTEM_NAME=Linux", f"-DCMAKE_SYSTEM_PROCESSOR={architecture}",
        f"-DCMAKE_CXX_COMPILER={work}/zig-c++", f"-DCMAKE_AR={work}/zig-ar", f"-DCMAKE_RANLIB={work}/zig-ranlib",
    ]  # fmt: skip


def native_module(work: Path, architecture: str, python: str, headers: Path, version: str) -> Path:
    """The native module for one CPython; what depends on none is compiled once per folder.

    CMake's search for Python insists on an interpreter of the same version, so the bindings are compiled here.
    """
    import pybind11

    source, build, jobs = work / "source", work / "build", os.environ.get("JOBS", "2")
    mapped = [f"-ffile-prefix-map={source}=.", f"-ffile-prefix-map={work}=build"]
    if not source.exists():
        sources(work)
        run(
            "cmake", "-S", source, "-B", build, *compilers(work, architecture), "-DCMAKE_BUILD_TYPE=Release",
            "-DEDGEAFFECT_PYTHON=OFF", "-DEDGEAFFECT_CUDA=off", f"-DCMAKE_CXX_FLAGS={' '.join(mapped)}",
        )  # fmt: skip
        run("cmake", "--build", build, "--target", "edgeaffect_native", "--parallel", jobs)
    library = next(build.glob("**/libedgeaffect_native.a"))
    objects = work / f"objects-{python}"
    objects.mkdir()
    flags = [
        "-std=c++17", "-O3", "-DNDEBUG", "-fPIC", "-fvisibility=hidden", *mapped, f"-I{source / 'csrc'}",
        "-isystem", pybind11.get_include(), "-isystem", headers, f'-DEDGEAFFECT_VERSION="{version}"',
    ]  # fmt: skip
    units = sorted((source / "csrc" / "bind").glob("*.cpp"))
    made = [objects / f"{unit.stem}.o" for unit in units]
    with ThreadPoolExecutor(int(jobs)) as pool:
        list(pool.map(lambda unit, to: run(work / "zig-c++", *flags, "-c", unit, "-o", to), units, made))
    module = work / f"_core.cpython-{python.replace('.', '')}-{architecture}-linux-gnu.so"
    run(work / "zig-c++", "-shared", "-o", module, *made, library)
    return module


def check_symbols(wheel: Path, architecture: str) -> str:
    """The platform that auditwheel finds the wheel fit for, which must be no newer than the one in its name."""
    told = run(sys.executable, "-m", "auditwheel", "show", wheel)
    found = re.search(rf'platform tag: "(manylinux_2_(\d+)_{architecture})"', " ".join(told.split()))
    if found is None or int(found[2]) > int(GLIBC.split(".")[1]):
        sys.exit(f"{wheel.name} does not keep what its name says:\n{told}")
    return found[1]


def main() -> int:
    """Build all that was asked for; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--python", nargs="+", default=VERSIONS, choices=VERSIONS)
    parser.add_argument("--arch", nargs="+", default=ARCHITECTURES, choices=ARCHITECTURES)
    parser.add_argument("--no-trial", action="store_true", help="build only")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    version = re.search(r'__version__ = "(.+)"', (ROOT / "edgeaffect" / "_version.py").read_text("utf-8"))[1]  # type: ignore[index]
    made = 0
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        unpacked = contents(work)
        for python in arguments.python:
            for architecture in arguments.arch:
                headers = headers_of(python, architecture, work / "headers")
                if headers is None:
                    print(f"skipped: no headers of CPython {python} for {architecture} can be had here", flush=True)
                    continue
                pair = []
                for which in "ab":
                    place = work / f"{which}-{architecture}"
                    module = native_module(place, architecture, python, headers, version)
                    tag = tag_of(python, architecture)
                    pair.append(write_wheel(unpacked, module, tag, version, place / "wheels", epoch()))
                digests = [hashlib.sha256(one.read_bytes()).hexdigest() for one in pair]
                if digests[0] != digests[1]:
                    sys.exit(f"{pair[0].name}: two builds differ")
                wheel = Path(shutil.copy(pair[0], arguments.out))
                told = check_symbols(wheel, architecture)
                tried = "not tried" if arguments.no_trial else try_wheel(wheel, python, architecture, work / "trial")
                print(f"{digests[0]}  {wheel.name}  {wheel.stat().st_size / 1e6:.1f} MB, {told}; {tried}", flush=True)
                made += 1
    return 0 if made else NO_HEADERS


if __name__ == "__main__":
    sys.exit(main())

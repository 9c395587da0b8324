"""Builds edgeaffect: the C++ core through CMake, or a pure wheel when EDGEAFFECT_PURE=1.

Environment:
    EDGEAFFECT_PURE=1    py3-none-any wheel: Numba and NumPy instead of the C++ core (needs the extra [jit]).
    EDGEAFFECT_CUDA      The module edgeaffect._cuda: auto (default: where nvcc and a GPU are found, for all GPUs
                         here), on (required), release (required, for all architectures) or off.
    EDGEAFFECT_WERROR=1  compiler warnings are errors (continuous integration sets it).
    CMAKE_ARGS           further arguments for CMake's configure step.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from setuptools import Extension, find_packages, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = Path(__file__).resolve().parent
PURE = os.environ.get("EDGEAFFECT_PURE", "") == "1"
CMAKE_MINIMUM = (3, 22)
PURE_REMEDY = "or install the pure Python build with `EDGEAFFECT_PURE=1 pip install '.[jit]'`"
COMMIT_FILE = ".commit"  # written into a source distribution, which has no git history


def system_cmake() -> str | None:
    """Path of a cmake that is new enough, or None."""
    path = shutil.which("cmake")
    if path is None:
        return None
    text = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)\.(\d+)", text)
    return path if found and tuple(map(int, found.groups())) >= CMAKE_MINIMUM else None


def commit() -> str:
    """Commit of the sources: from git, from the source distribution's stamp, else "unknown"."""
    stamp = ROOT / COMMIT_FILE
    if stamp.is_file():
        return stamp.read_text(encoding="utf-8").strip()
    if not (ROOT / ".git").exists():
        return "unknown"
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return "unknown"
    return done.stdout.strip() or "unknown"


def check_toolchain() -> None:
    """Stops with one line that names the Debian package when something the build needs is missing."""
    if system_cmake() is None:
        raise SystemExit(
            "edgeaffect: building the C++ core needs cmake >= 3.22; install it with `apt-get install cmake` "
            f"or `pip install cmake`, {PURE_REMEDY}"
        )
    compiler = os.environ.get("CXX")
    candidates = [shlex.split(compiler)[0]] if compiler else ["c++", "g++", "clang++"]
    if not any(shutil.which(c) for c in candidates):
        raise SystemExit(
            f"edgeaffect: no C++ compiler found (looked for {', '.join(candidates)}); install one with "
            f"`apt-get install g++`, {PURE_REMEDY}"
        )
    if not (Path(sysconfig.get_path("include")) / "Python.h").is_file():
        raise SystemExit("edgeaffect: Python.h is missing; install Python's headers with `apt-get install python3-dev`")


class CMakeBuild(build_ext):
    """Builds edgeaffect._core, and edgeaffect._cuda beside it, by CMake."""

    def build_extension(self, ext: Extension) -> None:
        """Configure and build."""
        check_toolchain()
        import pybind11

        target = Path(self.get_ext_fullpath(ext.name)).resolve().parent
        build = Path(self.build_temp).resolve()
        build.mkdir(parents=True, exist_ok=True)
        configure = [
            str(system_cmake()),
            "-S", str(ROOT),
            "-B", str(build),
            "-DCMAKE_BUILD_TYPE=Release",
            f"-DCMAKE_LIBRARY_OUTPUT_DIRECTORY={target}",
            f"-DPython_EXECUTABLE={sys.executable}",
            f"-Dpybind11_DIR={pybind11.get_cmake_dir()}",
            f"-DEDGEAFFECT_VERSION={self.distribution.get_version()}",
            f"-DEDGEAFFECT_CUDA={os.environ.get('EDGEAFFECT_CUDA', 'auto')}",
            f"-DEDGEAFFECT_WERROR={'ON' if os.environ.get('EDGEAFFECT_WERROR') == '1' else 'OFF'}",
        ]  # fmt: skip
        if shutil.which("ninja"):
            configure += ["-G", "Ninja"]
        configure += shlex.split(os.environ.get("CMAKE_ARGS", ""))
        jobs = str(min(os.cpu_count() or 1, 4))
        for command in (configure, [configure[0], "--build", str(build), "--parallel", jobs]):
            if subprocess.run(command, check=False).returncode != 0:
                raise SystemExit(f"edgeaffect: `{shlex.join(command)}` failed; its output stands above")

    def copy_extensions_to_source(self) -> None:
        """Editable installs: setuptools copies what was declared; _cuda comes beside it, and an old one must go."""
        super().copy_extensions_to_source()
        package = ROOT / "edgeaffect"
        for stale in package.glob("_cuda.*.so"):
            stale.unlink()
        for module in (Path(self.build_lib) / "edgeaffect").glob("_cuda.*.so"):
            shutil.copy2(module, package)


class BuildPy(build_py):
    """Adds edgeaffect/_build_info.py: what was built, from which commit."""

    def run(self) -> None:
        """Build, then write the facts."""
        super().run()
        root = ROOT if self.editable_mode else Path(self.build_lib)
        path = root / "edgeaffect" / "_build_info.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f'"""Written by setup.py."""\n\nCOMMIT = "{commit()}"\nVARIANT = "{"pure" if PURE else "core"}"\n',
            encoding="utf-8",
        )


class Sdist(sdist):
    """Stamps the commit into the source distribution."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        """Lay out the files, then the stamp."""
        super().make_release_tree(base_dir, files)
        (Path(base_dir) / COMMIT_FILE).write_text(commit() + "\n", encoding="utf-8")


class PureWheel(bdist_wheel):
    """py3-none-any for the pure variant."""

    def get_tag(self) -> tuple[str, str, str]:
        """Python, ABI and platform of the wheel."""
        return ("py3", "none", "any") if PURE else super().get_tag()


setup(
    packages=[
        *find_packages(str(ROOT), include=["edgeaffect", "edgeaffect.*"]),
        *(
            ["edgeaffect.export", *(f"edgeaffect.export.{p}" for p in find_packages(str(ROOT / "export")))]
            if (ROOT / "export" / "__init__.py").is_file()
            else []
        ),
    ],
    package_dir={"edgeaffect": "edgeaffect", "edgeaffect.export": "export"},
    ext_modules=[] if PURE else [Extension("edgeaffect._core", sources=[])],
    cmdclass={"build_ext": CMakeBuild, "build_py": BuildPy, "sdist": Sdist, "bdist_wheel": PureWheel},
    setup_requires=[] if PURE or system_cmake() else ["cmake>=3.22"],
)

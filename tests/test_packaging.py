"""What a wheel and a source distribution hold, and that running from the clone's root works or says what to do."""

from __future__ import annotations

import ast
import inspect
import operator
import os
import shutil
import subprocess
import sys
import tarfile
import types
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from build_once import build_once

from edgeaffect import _pure, native

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("edgeaffect", "export")

pytestmark = pytest.mark.skipif(not (ROOT / "setup.py").is_file(), reason="needs the source tree around tests/")


def source_files(root: Path, folder: str) -> set[str]:
    """Files of a package folder that belong to the sources, relative to `root`."""
    generated = {"__pycache__", "_build_info.py"}
    files = (p.relative_to(root) for p in (root / folder).rglob("*") if p.is_file())
    return {str(f) for f in files if not generated & set(f.parts) and f.suffix not in (".so", ".pyc")}


@dataclass(frozen=True)
class Built:
    tree: Path  # a copy of the sources, as a fresh clone has them
    wheel: Path
    sdist: Path
    site: Path  # the wheel, installed


def build(base: Path) -> None:
    """Fills the folder with what `Built` names."""
    tree = base / "clone"
    tree.mkdir()
    for name in ("pyproject.toml", "setup.py", "CMakeLists.txt", "MANIFEST.in", "LICENSE", "LICENSE-WEIGHTS",
                 "CHANGELOG.md", "README.md"):  # fmt: skip
        shutil.copy(ROOT / name, tree)
    for folder in (*PACKAGES, "csrc"):
        shutil.copytree(
            ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__", "*.so", "_build_info.py")
        )
    source = base / "source"  # building leaves folders behind: keep `tree` as a clone
    shutil.copytree(tree, source)
    environment = {k: v for k, v in os.environ.items() if k != "EDGEAFFECT_PURE"} | {"EDGEAFFECT_CUDA": "off"}
    for hook in ("build_sdist", "build_wheel"):
        script = f"import sys; from setuptools import build_meta; build_meta.{hook}(sys.argv[1])"
        command = [sys.executable, "-c", script, str(base)]
        done = subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(next(base.glob("*.whl"))) as archive:
        archive.extractall(base / "site")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    base = build_once(tmp_path_factory, "packaging", build)
    return Built(base / "clone", next(base.glob("*.whl")), next(base.glob("*.tar.gz")), base / "site")


def run_in(folder: Path, code: str, *site: Path) -> subprocess.CompletedProcess[str]:
    """Runs code in `folder` with that folder first on the path, as `python -m` does, and no editable install."""
    hide = (
        "import sys; sys.meta_path = [f for f in sys.meta_path if 'ditable' not in getattr(f, '__name__', '')]; "
        "sys.path[:] = ['', *sys.path]; "
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, site))}
    return subprocess.run(
        [sys.executable, "-c", hide + code], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_wheel_holds_every_file(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        names = set(archive.namelist())
    expected = {n.replace("export/", "edgeaffect/export/", 1) for n in source_files(built.tree, "export")}
    expected |= source_files(built.tree, "edgeaffect")
    assert expected - names == set()
    assert any(n.startswith("edgeaffect/_core.") and n.endswith(".so") for n in names)
    assert "edgeaffect/_build_info.py" in names
    assert {n.split("/")[0].split("-")[0] for n in names} == {"edgeaffect"}  # no stray top-level folder
    assert {Path(n).name for n in names if ".dist-info/" in n} >= {"LICENSE", "LICENSE-WEIGHTS", "entry_points.txt"}


def test_wheel_stays_small(built: Built) -> None:
    assert built.wheel.stat().st_size < 25e6  # the floor in the design


def test_source_distribution_holds_every_file(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {n.partition("/")[2] for n in archive.getnames()}
    expected = set().union(*(source_files(built.tree, folder) for folder in (*PACKAGES, "csrc")))
    expected |= {"CMakeLists.txt", "setup.py", "pyproject.toml", "LICENSE", "LICENSE-WEIGHTS", "README.md", ".commit"}
    assert expected - names == set()


@pytest.mark.parametrize("module", ["bench", "export"])
def test_modules_run_from_the_clone_beside_an_installed_wheel(built: Built, module: str) -> None:
    code = (
        f"import runpy; sys.argv = ['edgeaffect.{module}', '--help']; "
        f"runpy.run_module('edgeaffect.{module}', run_name='__main__', alter_sys=True)"
    )
    done = run_in(built.tree, code, built.site)
    assert done.returncode == 0, done.stderr
    assert "usage:" in done.stdout


def test_clone_finds_the_core_of_an_installed_wheel(built: Built) -> None:
    code = (
        "import edgeaffect; from edgeaffect import native; print(edgeaffect.__file__, native.crop_normalize.__module__)"
    )
    done = run_in(built.tree, code, built.site)
    assert done.returncode == 0, done.stderr
    source, module = done.stdout.split()
    assert (built.tree / source).resolve().is_relative_to(built.tree.resolve())
    assert module == "edgeaffect._core"


def test_stale_core_is_named(built: Built, tmp_path: Path) -> None:
    shutil.copytree(built.tree / "edgeaffect", tmp_path / "edgeaffect")
    (tmp_path / "edgeaffect" / "_version.py").write_text('__version__ = "99.0"\n')
    done = run_in(tmp_path, "import edgeaffect.native", built.site)
    assert "edgeaffect 99.0 found a native module of version " in done.stderr
    assert "pip install" in done.stderr


def test_clone_that_was_never_built_says_so(built: Built) -> None:
    done = run_in(built.tree, "import edgeaffect; import edgeaffect.native")
    if "never built" not in done.stderr:
        pytest.skip("an installed wheel of this environment stands in")
    assert "pip install -e ." in done.stderr


def test_missing_compiler_is_named(built: Built, tmp_path: Path) -> None:
    cmake = shutil.which("cmake")
    if cmake is None:
        pytest.skip("needs cmake")
    (tmp_path / "cmake").symlink_to(cmake)
    environment = {k: v for k, v in os.environ.items() if k not in ("CXX", "EDGEAFFECT_PURE")} | {"PATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "setup.py", "build_ext", f"--build-temp={tmp_path / 't'}", f"--build-lib={tmp_path / 'l'}"],
        cwd=built.tree, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "no C++ compiler found" in done.stderr and "EDGEAFFECT_PURE=1 pip install '.[jit]'" in done.stderr
    assert "apt-get install g++" in done.stderr


def parameters(arguments: ast.arguments) -> list[tuple[str, str, object]]:
    """(name, kind, default) of each parameter; a default that the stub leaves open is Ellipsis."""
    result: list[tuple[str, str, object]] = []
    for name in arguments.args:
        result.append((name.arg, "positional", None))
    for name, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        result.append((name.arg, "keyword", None if default is None else ast.literal_eval(default)))
    return result


def stub_functions() -> dict[str, list[tuple[str, str, object]]]:
    """Parameters of each function and, as "Class.method", of each method, without `self`."""
    tree = ast.parse((ROOT / "edgeaffect" / "_core.pyi").read_text())
    functions = {node.name: parameters(node.args) for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            methods = [method for method in node.body if isinstance(method, ast.FunctionDef)]
            functions |= {f"{node.name}.{method.name}": parameters(method.args)[1:] for method in methods}
    return functions


def defined_names(module: types.ModuleType) -> set[str]:
    """Functions and, as "Class.method", methods of a module that belong to its interface."""
    names: set[str] = set()
    for name, value in vars(module).items():
        if name.startswith("_"):
            continue
        if isinstance(value, type):
            names |= {
                f"{name}.{method}" for method in vars(value) if method == "__init__" or not method.startswith("_")
            }
        elif callable(value):
            names.add(name)
    return names


def resolve(module: types.ModuleType, name: str) -> Any:
    """The function or, for "Class.method", the method of that name."""
    return operator.attrgetter(name)(module)


@pytest.mark.skipif(native.VARIANT == "pure", reason="needs the native module")
def test_stub_matches_the_native_module() -> None:
    from edgeaffect import _core

    stub = stub_functions()
    assert set(stub) == defined_names(_core)
    for name, expected in stub.items():
        signature = resolve(_core, name).__doc__.splitlines()[0]
        node = ast.parse(f"def {signature}: ...").body[0]
        assert isinstance(node, ast.FunctionDef)
        found = parameters(node.args)[1 if "." in name else 0 :]
        got = [(n, k, ... if n in ("mean", "std") else d) for n, k, d in found]
        assert got == expected, name


def test_pure_flavour_has_the_signatures_of_the_stub() -> None:
    for name, expected in stub_functions().items():
        got: list[tuple[str, str, object]] = []
        for p in list(inspect.signature(resolve(_pure, name)).parameters.values())["." in name :]:
            kind = "keyword" if p.kind is p.KEYWORD_ONLY else "positional"
            default = None if p.default is p.empty else p.default
            got.append((p.name, kind, ... if p.name in ("mean", "std") else default))
        assert got == expected, name

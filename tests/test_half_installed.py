"""Packages that are half there: one line for a command, a list for `doctor`, a traceback for nobody."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest

import edgeaffect
from edgeaffect._lazy import check_whole, explain_import_failure, require
from edgeaffect.errors import DependencyError
from edgeaffect.models.registry import FILES

pytestmark = pytest.mark.skipif(not (FILES / "face-detector.onnx").exists(), reason="no bundled detector in this tree")

PICTURE = Path(edgeaffect.__file__).parent.parent / "export" / "astronaut.jpg"

# The package `gone` is looked for in `folder` alone; `_build_info` may say that this is the pure build.
START = """
import sys, types
from importlib.machinery import PathFinder
gone, folder, variant = sys.argv[1:4]
class Instead:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.split(".")[0] == gone:
            spec = PathFinder.find_spec(name, [folder] if path is None else path)
            if spec is None:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
            return spec
sys.meta_path.insert(0, Instead)
if variant:
    sys.modules["edgeaffect._build_info"] = types.SimpleNamespace(VARIANT=variant, COMMIT="x")
from edgeaffect.cli import main
sys.exit(main(sys.argv[4:]))
"""


def command(gone: str, folder: Path, *words: str, variant: str = "") -> subprocess.CompletedProcess[str]:
    root = str(Path(edgeaffect.__file__).parent.parent)
    return subprocess.run(
        [sys.executable, "-c", START, gone, str(folder), variant, *words], capture_output=True, text=True, timeout=120,
        check=False, env=os.environ | {"PYTHONPATH": root},
    )  # fmt: skip


def make(folder: Path, package: str, code: str | None) -> None:
    """A package with that code; None is a folder without any, as `pip uninstall` leaves it."""
    (folder / package / "data").mkdir(parents=True)
    if code is not None:
        (folder / package / "__init__.py").write_text(code)


BROKEN = {
    "ghost": (None, "{0} is half-installed: .*pip install --force-reinstall"),
    "other": ("__version__ = '1'\n", "{0} in .* is half-installed, or another package of that name"),
    "library": ("raise ImportError('libGL.so.1: cannot open shared object file')", "apt-get install libgl1"),
    "half": ("from . import missing_part\n", "{0} (cannot be imported|is installed)"),
    "raises": ("[][0]\n", "{0} cannot be imported .*reinstall it"),
    "numpy": ("raise AttributeError('_ARRAY_API not found')", "built for another version of NumPy"),
}  # fmt: skip


@pytest.mark.skipif(not PICTURE.exists(), reason="needs the picture of the source tree")
@pytest.mark.parametrize("package", ["cv2", "onnxruntime"])
@pytest.mark.parametrize("how", BROKEN)
def test_run_is_one_line_and_doctor_lists_it(tmp_path, package, how):
    code, message = BROKEN[how]
    make(tmp_path, package, code)
    pattern = message.format(package)
    if how in ("ghost", "library"):  # the others take the same way
        done = command(package, tmp_path, "run", str(PICTURE))
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert re.search(pattern, done.stderr) and "Traceback" not in done.stderr
    done = command(package, tmp_path, "doctor", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    problems = json.loads(done.stdout)["problems"]
    assert len(problems) == 1 and re.search(pattern, problems[0]), problems


@pytest.mark.parametrize("package", ["cv2", "onnxruntime"])
def test_missing_packages_are_listed(tmp_path, package):
    done = command(package, tmp_path, "doctor")
    assert done.returncode == 1 and f"{package} is not installed: pip install " in done.stdout


def test_a_pure_build_without_numba_is_not_healthy(tmp_path):
    done = command("numba", tmp_path, "doctor", variant="pure")
    assert (done.returncode, done.stderr) == (1, "")
    assert "pip install numba" in done.stdout and "pure, numba  DOES NOT WORK" in done.stdout


def test_a_pure_build_with_half_of_numba_is_not_healthy(tmp_path):
    make(tmp_path, "numba", None)
    done = command("numba", tmp_path, "doctor", variant="pure")
    assert done.returncode == 1 and "numba is half-installed" in done.stdout


def test_a_core_that_computes_nonsense_is_not_healthy(monkeypatch, capsys):
    from edgeaffect import native
    from edgeaffect.cli import main

    crop, nms, decode = native.crop_normalize, native.nms, native.decode_faces
    for name, wrong, complaint in (
        ("crop_normalize", lambda *a, **k: crop(*a, **k) * 0, "computes wrong pixels"),
        ("nms", lambda *a: nms(*a)[:1], "keeps the wrong boxes"),
        ("decode_faces", lambda *a, **k: tuple(part[:0] for part in decode(*a, **k)), "decodes the wrong faces"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(native, name, wrong)
            assert main(["doctor"]) == 1
        assert f"{complaint}: reinstall edgeaffect" in capsys.readouterr().out
    assert main(["doctor"]) == 0


def test_two_distributions_in_one_folder(monkeypatch):
    from edgeaffect import doctor

    here = {
        "opencv-python": "4.9.0",
        "opencv-contrib-python-headless": "4.8.1",
        "onnxruntime": "1",
        "onnxruntime-gpu": "1",
    }
    monkeypatch.setattr(doctor, "_version", here.get)
    facts = doctor.examine()
    assert ["pip uninstall opencv-python opencv-contrib-python-headless" in text for text in facts["problems"]] == [
        True
    ]
    assert ["pip uninstall onnxruntime onnxruntime-gpu" in text for text in facts["hints"]] == [True]


def test_stubs_of_tensorrt(tmp_path, monkeypatch):
    """The wheel `tensorrt` is a shell around others; without them it imports, and has nothing in it."""
    from edgeaffect.runtime.tensorrt import variants

    for code in (None, "__version__ = '10.0'\n"):
        folder = tmp_path / str(code is None)
        make(folder, "tensorrt", code)
        with monkeypatch.context() as patch:
            patch.syspath_prepend(str(folder))
            patch.delitem(sys.modules, "tensorrt", raising=False)
            variants._import.cache_clear()
            with pytest.raises(DependencyError, match=r"tensorrt.* is half-installed"):
                variants.find_variant("tensorrt")
        variants._import.cache_clear()
        sys.modules.pop("tensorrt", None)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ImportError("libSM.so.6: cannot open shared object file"), "needs libSM.so.6: apt-get install libsm6"),
        (ImportError("libfoo-1.so.3: cannot open shared object file"), "needs libfoo-1.so.3: install the system"),
        (ImportError("/lib/libc.so.6: version `GLIBC_2.99' not found"), "was built for a newer system"),
        (ModuleNotFoundError("No module named 'cffi'", name="cffi"), "needs the package cffi: pip install cffi"),
        (ModuleNotFoundError("No module named 'cv2'", name="cv2"), "cv2 is not installed: pip install opencv-python"),
        (RuntimeError(""), "cannot be imported \\(RuntimeError\\)"),
        (ImportError("two\nlines"), "two lines"),
    ],
)  # fmt: skip
def test_reasons(error, message):
    text = explain_import_failure("cv2", error)
    assert re.search(message, text)
    assert "\n" not in text


def test_the_reader_of_toml_files_for_python_3_10_is_named():
    error = ModuleNotFoundError("No module named 'tomli'", name="tomli")
    assert "pip install 'edgeaffect[toml]'" in explain_import_failure("tomli", error)


def test_doctor_lists_only_packages_that_something_here_uses():
    from edgeaffect.doctor import _PACKAGES

    root = Path(edgeaffect.__file__).parent
    sources = "\n".join(path.read_text("utf-8") for path in root.rglob("*.py") if path.name != "doctor.py")
    imported = {"opencv": "cv2", "pillow": "PIL"}
    for purpose, (first, *_) in _PACKAGES.items():
        name = first.split("-")[0] if first != "pillow-heif" else "pillow_heif"
        assert re.search(rf"\b{imported.get(name, name)}\b", sources), purpose


def test_whole_packages_pass():
    assert require("numpy").__name__ == "numpy"
    check_whole(types.ModuleType("made_here"), None, "pip install it")

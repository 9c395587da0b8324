"""PyInstaller's hook: what a frozen program needs of edgeaffect and what PyInstaller cannot see.

Public names are imported on first use, and models are files beside the code.
"""

from PyInstaller.utils.hooks import collect_data_files, collect_submodules

from edgeaffect.native import VARIANT

# The exporters need PyTorch and are no part of a program that perceives.
_LEFT_OUT = ("edgeaffect.export", "edgeaffect.bench", "edgeaffect._pyinstaller")


def _is_needed(name: str) -> bool:
    return not any(name == left_out or name.startswith(f"{left_out}.") for left_out in _LEFT_OUT)


datas = collect_data_files("edgeaffect", excludes=["export/**", "**/*.pyi", "**/py.typed"])
hiddenimports = [
    *collect_submodules("edgeaffect", filter=_is_needed),
    "cv2",
    "onnxruntime",
    *(["numba"] if VARIANT == "pure" else []),
]
excludedimports = ["torch", "onnx", *([] if VARIANT == "pure" else ["numba"])]

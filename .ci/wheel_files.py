"""A wheel file that is the same bytes wherever and whenever it is packed."""

from __future__ import annotations

import base64
import hashlib
import time
import zipfile
from pathlib import Path

EPOCH_OF_ZIP = 315532800  # 1980: zip files know no earlier time


def tag_of(python: str, architecture: str) -> str:
    """Such as `cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64`."""
    short = f"cp{python.replace('.', '')}"
    return f"{short}-{short}-manylinux_2_17_{architecture}.manylinux2014_{architecture}"


def write_wheel(contents: Path, module: Path, tag: str, version: str, folder: Path, epoch: int) -> Path:
    """Pack an unpacked pure wheel with a native module.

    Args:
        contents: the unpacked wheel.
        module: `_core...so`.
        tag: see `tag_of`.
        version: of the package.
        folder: where the wheel goes.
        epoch: time of all entries, seconds since 1970.
    """
    info = f"edgeaffect-{version}.dist-info"
    files = {path.relative_to(contents).as_posix(): path.read_bytes() for path in contents.rglob("*") if path.is_file()}
    files[f"edgeaffect/{module.name}"] = module.read_bytes()
    files[f"{info}/WHEEL"] = _wheel_facts(tag).encode()
    del files[f"{info}/RECORD"]
    record = [f"{name},sha256={_digest(data)},{len(data)}" for name, data in sorted(files.items())]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"edgeaffect-{version}-{tag}.whl"
    moment = time.gmtime(max(epoch, EPOCH_OF_ZIP))[:6]
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        # The facts come last, as pip and PyPI like it.
        for name in sorted(files, key=lambda one: (one.startswith(info), one.endswith("RECORD"), one)):
            entry = zipfile.ZipInfo(name, moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = (0o100755 if name.endswith(".so") else 0o100644) << 16
            packed.writestr(entry, files[name])
    return wheel


def _wheel_facts(tag: str) -> str:
    python, abi, platforms = tag.split("-")
    tags = "".join(f"Tag: {python}-{abi}-{platform}\n" for platform in platforms.split("."))
    return f"Wheel-Version: 1.0\nGenerator: edgeaffect .ci/wheels\nRoot-Is-Purelib: false\n{tags}\n"


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()

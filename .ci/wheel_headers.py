"""Headers of a CPython, and an interpreter to try a wheel with: pyenv's, the system's, or Debian's, unpacked.

Headers are the same for all architectures but for `pyconfig.h`, where Linux on x86-64 and aarch64 agree on what an
extension module sees.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

SUITES = {"3.11": "bookworm", "3.13": "trixie", "3.14": "forky"}
"""Releases of Debian that carry a CPython."""
_DEBIAN = {"x86_64": "amd64", "aarch64": "arm64"}
_PACKAGES = ("libpython{v}-dev", "python{v}-minimal", "libpython{v}-minimal", "libpython{v}-stdlib")
_LIBRARIES = (
    "libc6", "libgcc-s1", "libstdc++6", "zlib1g", "libexpat1", "libffi8", "libbz2-1.0", "liblzma5", "libuuid1",
    "libzstd1",
)  # fmt: skip
_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"


def headers_of(python: str, architecture: str, folder: Path) -> Path | None:
    """The folder of `Python.h`; None where there is none to be had."""
    roots = [
        *Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob(f"versions/{python}.*/include"),
        Path("/usr/local/include"), *([Path("/usr/include")] if architecture == os.uname().machine else []),
    ]  # fmt: skip
    for root in roots:
        if (root / f"python{python}" / "Python.h").is_file():
            return _whole(root, python, architecture, folder)
    system = unpacked(python, architecture, folder)
    return None if system is None else _whole(system / "usr/include", python, architecture, folder)


def _whole(root: Path, python: str, architecture: str, folder: Path) -> Path:
    """Headers that need no other folder: Debian's pyconfig.h leads to one that stands elsewhere."""
    real = root / f"{architecture}-linux-gnu" / f"python{python}" / "pyconfig.h"
    if not real.is_file():
        return root / f"python{python}"
    copied = folder / f"include-{python}-{architecture}"
    if not copied.exists():
        shutil.copytree(root / f"python{python}", copied)
        shutil.copy(real, copied / "pyconfig.h")
    return copied


@cache
def unpacked(python: str, architecture: str, folder: Path) -> Path | None:
    """A folder with Debian's CPython of that version; None where it cannot be fetched."""
    suite, arch = SUITES.get(python), _DEBIAN[architecture]
    if suite is None or shutil.which("apt-get") is None or not os.path.exists(_KEYS):
        return None
    place = folder / f"{python}-{arch}"
    for part in ("lists/partial", "parts", "debs", "root"):
        (place / part).mkdir(parents=True)
    (place / "sources.list").write_text(f"deb [signed-by={_KEYS}] http://deb.debian.org/debian {suite} main\n", "utf-8")
    apt = [
        "apt-get", "-o", f"Dir::Etc::sourcelist={place}/sources.list", "-o", f"Dir::Etc::sourceparts={place}/parts",
        "-o", f"Dir::State::Lists={place}/lists", "-o", f"APT::Architecture={arch}",
        "-o", f"APT::Architectures={arch}", "-o", "Acquire::Languages=none",
    ]  # fmt: skip
    packages = [name.format(v=python) for name in _PACKAGES] + list(_LIBRARIES)
    for command in ([*apt, "update"], [*apt, "download", *packages]):
        done = subprocess.run(command, cwd=place / "debs", capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            return None
    root = place / "root"
    for package in sorted((place / "debs").glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", package, root], check=True)
    if not (root / "lib").exists():  # Debian's own layout has /lib as a link
        (root / "lib").symlink_to("usr/lib")
    return root

"""Where files are kept: the cache folder and the folders inside it. Nothing here creates a folder."""

from __future__ import annotations

import os
from pathlib import Path

from .errors import Error


def home() -> Path:
    """Cache folder: `EDGEAFFECT_HOME` > `$XDG_CACHE_HOME/edgeaffect` > `~/.cache/edgeaffect`.

    Raises:
        Error: the user has no home folder (containers run under ids that nobody has registered).
    """
    explicit, base = os.environ.get("EDGEAFFECT_HOME"), os.environ.get("XDG_CACHE_HOME")
    try:
        if explicit:
            return Path(explicit).expanduser()
        return (Path(base) if base else Path.home() / ".cache") / "edgeaffect"
    except RuntimeError as error:
        raise Error("this user has no home folder to keep models and engines in: set EDGEAFFECT_HOME") from error


def models_folder() -> Path:
    """Folder of pulled models, called the store.

    Raises:
        Error: see `home`.
    """
    return home() / "models"


def store_folder() -> Path | None:
    """`models_folder`, or None for a user who has no place for it and needs none to run bundled models."""
    try:
        return models_folder()
    except Error:
        return None


def bundles_folder() -> Path:
    """Folder of the unpacked parts of zipped bundles.

    Raises:
        Error: see `home`.
    """
    return home() / "bundles"


def engines_folder() -> Path:
    """Folder of built TensorRT engines.

    Raises:
        Error: see `home`.
    """
    return home() / "engines"


def onnxruntime_engines_folder() -> Path:
    """Folder where ONNX Runtime's TensorRT provider keeps its own engines.

    Raises:
        Error: see `home`.
    """
    return engines_folder() / "onnxruntime"

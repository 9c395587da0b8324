"""What PyInstaller asks an installed edgeaffect, by the entry point `pyinstaller40`: where its hook lies."""

from __future__ import annotations

from pathlib import Path


def get_hook_dirs() -> list[str]:
    """Folders that hold hooks."""
    return [str(Path(__file__).parent)]

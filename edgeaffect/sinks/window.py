"""`Window`: annotated frames on the screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from .._lazy import require
from ..errors import DependencyError
from ..results import Result
from .base import Redact, TakenFrame, annotated

_ESCAPE = 27


class Window:
    """Shows frames until q or Escape is pressed.

    Args:
        name: title.
        layers: cues to draw, see `draw.annotate`.
        redact: hides faces; None shows them.

    Raises:
        DependencyError: OpenCV was built without windows, or there is no screen.
    """

    def __init__(self, name: str, layers: Sequence[str] = (), redact: Redact | None = None) -> None:
        self._layers, self._redact = layers, redact
        cv2 = require("cv2")
        if "GUI:                           NONE" in cv2.getBuildInformation():
            raise DependencyError(
                "--show needs windows, which this OpenCV was built without: pip uninstall opencv-python-headless and "
                "pip install opencv-python, or use --save"
            )
        if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) and sys.platform == "linux":
            raise DependencyError("--show needs a screen: neither DISPLAY nor WAYLAND_DISPLAY is set; use --save")
        self._cv2: Any = cv2
        self._name, self._last = name, 0.0

    def write(self, frame: TakenFrame, result: Result) -> bool:
        """Show one frame; False when the user pressed q or Escape."""
        self._cv2.imshow(self._name, annotated(frame, result, self._layers, self._redact))
        elapsed, self._last = frame.timestamp - self._last, frame.timestamp
        # waitKey takes milliseconds: a camera is not held up, a film plays at its pace, a picture waits (0) for a key.
        pause = 0 if frame.still else 1 if frame.clock == "monotonic" else int(np.clip(1000 * elapsed, 1, 100))
        return bool(self._cv2.waitKey(pause) & 0xFF not in (ord("q"), _ESCAPE))

    def close(self) -> str:
        """Close the window."""
        self._cv2.destroyAllWindows()
        return ""

"""Whoever asks stands where the camera is: "is she looking at me" asks whether she looks at the camera."""

from __future__ import annotations

import re

_AT_ME = re.compile(
    r"\b((?:look|star|gaz|glanc|fac)(?:s|es|e|ed|ing)?)(\s+(?:right|straight|directly|back))?"
    r"(?:\s+(?:at|to|into|towards?))?\s+(?:me|us|you)\b",
    re.IGNORECASE,
)


def from_camera(text: str) -> str:
    """The text with looks at me, us or you told as looks at the camera."""
    return _AT_ME.sub(lambda found: f"{found[1]}{found[2] or ''} at the camera", text)

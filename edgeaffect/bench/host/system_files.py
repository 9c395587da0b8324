"""Files of `/proc`, `/sys`, `/etc` and `/var` below any root, so that a recorded files reads like a live machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SystemFiles:
    """A root folder; paths are given without the leading slash. What is absent or unreadable reads as None."""

    root: Path = Path("/")

    @property
    def is_live(self) -> bool:
        """Whether this is the running machine (then system calls may be asked too)."""
        return self.root == Path("/")

    def text(self, path: str) -> str | None:
        """Content without surrounding white space and NUL bytes (device files strings end in one)."""
        try:
            return (self.root / path).read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
        except OSError:  # absent, root-only (energy_uj), or a driver that answers EAGAIN: all mean "not known"
            return None

    def number(self, path: str) -> float | None:
        """Content as a number; `0x` prefixes are hexadecimal."""
        text = self.text(path)
        try:
            return None if text is None else float(int(text, 16) if text.startswith("0x") else float(text))
        except ValueError:
            return None

    def glob(self, pattern: str) -> list[str]:
        """Paths below the root that match, in natural order (cpu2 before cpu10)."""
        found = (str(path.relative_to(self.root)) for path in self.root.glob(pattern))
        return sorted(found, key=_natural)


def _natural(path: str) -> list[tuple[int, str]]:
    parts, digits = [], ""
    for character in path + "\0":
        if character.isdigit():
            digits += character
            continue
        if digits:
            parts.append((int(digits), ""))
            digits = ""
        parts.append((-1, character))
    return parts
